"""Where bars stand on a page, and where the text beside them goes.

The gap that a removed word leaves is as wide as the word, and in a justified line every space
tells a little of that width (Bland et al., "Story Beyond the Eye", PETS 2023). So a line with a bar
is set anew: bars of stepped widths, letters at their own widths, spaces of one width. What this
leaves over is coarse: the step a bar has, where lines break, over how many lines a bar goes.

Coordinates are those of the page in the file.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from documents.formats.pdf.areas import Area, Box, Point
from documents.formats.pdf.runs import Drawn, Run

# In widths of the font's size: bars are as wide as a multiple of the step, at least half of one.
STEP = 4.0
# Gaps up to the first are kerning, up to the second a space between words, above columns.
KERNING, COLUMN_GAP = 0.12, 1.2
WORD_GAP = 0.28
# Room left between a bar or a moved line and what stands beside it.
ROOM = 0.3
# Where the baseline lies within the height of a line.
_BASELINE = (-0.05, 0.5)
_ALIGNED = 0.6
# How high a line is, in sizes of its font.
LETTERS_OVER_EM = 1.2


@dataclass(frozen=True, slots=True)
class Piece:
    """A hidden stretch of a line. text: its replacement, "" where another piece shows it.

    is_fixed: whether it lies over pixels, which keep their place
    """

    area: Area
    span: int
    text: str
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar to be drawn."""

    area: Area
    text: str


@dataclass(frozen=True, slots=True)
class Move:
    """A run's new place. is_respaced: whether it loses its character and word spacing."""

    run: Run
    shift: Point
    is_respaced: bool


@dataclass(slots=True)
class Layout:
    """The bars of a page and the runs that move. as_wide: bars as wide as what they hide."""

    bars: list[Bar] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    as_wide: int = 0


@dataclass(slots=True)
class _Item:
    """A run or one or more pieces on a line, from start to end along it."""

    start: float
    end: float
    size: float
    run: Run | None = None
    pieces: tuple[Piece, ...] = ()


def laid_out(
    drawn: Drawn | None, pieces: Sequence[Piece], page: Box, rules: Sequence[Box]
) -> Layout:
    """Return bars and moves for the hidden pieces of a page.

    drawn: what the page still draws as text; None where that cannot be told
    page:  its visible box
    rules: thin lines that may part columns
    """
    layout = Layout()
    frames: dict[tuple[Point, Point], list[_Placed]] = {}
    for group in _lines_of(pieces):
        line = None
        if drawn is not None:
            frame = (group[0].area.along, group[0].area.up)
            if frame not in frames:
                frames[frame] = _placed_in(frame, drawn.runs)
            line = _Line(group, frames[frame], drawn.shared, page, rules)
        if line is None or not line.is_movable:
            layout.bars += [Bar(piece.area, piece.text) for piece in group]
            layout.as_wide += sum(not piece.is_fixed for piece in group)
            continue
        line.set_into(layout)
    return layout


def _lines_of(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield the pieces that stand on one line."""
    lines: list[list[Piece]] = []
    for piece in pieces:
        for line in reversed(lines[-8:]):
            if _is_beside(line[0].area, piece.area):
                line.append(piece)
                break
        else:
            lines.append([piece])
    yield from lines


def _is_beside(one: Area, two: Area) -> bool:
    across = _dot((two.origin[0] - one.origin[0], two.origin[1] - one.origin[1]), one.up)
    return _dot(one.along, two.along) > 0.9998 and abs(across) < 0.3 * one.height


# A run with where it begins along a direction, and how far up its baseline is.
_Placed = tuple[float, float, Run]


def _placed_in(frame: tuple[Point, Point], runs: Iterable[Run]) -> list[_Placed]:
    """Return the runs that go in a direction, placed along it."""
    along, up = frame
    return [
        (_dot(run.origin, along), _dot(run.origin, up), run)
        for run in runs
        if _dot(run.along, along) > 0.9998
    ]


class _Line:
    """The runs and hidden pieces along one baseline."""

    def __init__(
        self,
        pieces: Sequence[Piece],
        placed: Sequence[_Placed],
        shared: set[int],
        page: Box,
        rules: Sequence[Box],
    ) -> None:
        first = pieces[0].area
        self._pieces = pieces
        self._along, self._up = first.along, first.up
        self._foot = _dot(first.origin, first.up)
        self._height = first.height
        low, high = (self._foot + share * first.height for share in _BASELINE)
        self._runs = [one for one in placed if low <= one[1] <= high]
        self._others = [one for one in placed if not low <= one[1] <= high]
        self._page_start, self._page_end = _reach(page, self._along)
        self._rules = sorted(rule for box in rules for rule in self._crossing(box))
        self._shared = shared

    @property
    def is_movable(self) -> bool:
        """Whether the line can be set anew."""
        if any(piece.is_fixed for piece in self._pieces):
            return False
        if any(run.part in self._shared for _, _, run in self._runs):
            return False
        return not any(self._is_under(start, run) for start, _, run in self._runs)

    def set_into(self, layout: Layout) -> None:
        """Add the line's bars and moves to a layout."""
        blocks = list(self._blocks())
        for number, block in enumerate(blocks):
            if not any(item.pieces for item in block):
                continue
            left = self._limit_before(block, blocks[number - 1][-1].end if number else None)
            if not self._set_block(block, left, self._limit_after(block), layout):
                for item in block:
                    layout.bars += [Bar(piece.area, piece.text) for piece in item.pieces]
                    layout.as_wide += len(item.pieces)

    def _blocks(self) -> Iterator[list[_Item]]:
        """Yield stretches of the line without the gaps that stand between columns."""
        items = [
            _Item(start, start + run.drawn, run.size, run=run) for start, _, run in self._runs
        ] + [
            _Item(start, start + piece.area.width, self._em(), pieces=(piece,))
            for piece in self._pieces
            for start in [_dot(piece.area.origin, self._along)]
        ]
        items.sort(key=lambda item: (item.start, item.end))
        block: list[_Item] = []
        for item in items:
            if block and self._are_parted(max(i.end for i in block[-6:]), item):
                yield _joined(block)
                block = []
            block.append(item)
        yield _joined(block)

    def _are_parted(self, end: float, item: _Item) -> bool:
        middle = max(end, item.start)
        return item.start - end > COLUMN_GAP * item.size or any(
            end - 0.2 * item.size < rule < middle + 0.2 * item.size for rule in self._rules
        )

    def _crossing(self, box: Box) -> Iterator[float]:
        """Yield where a thin line crosses this line of text."""
        (start, end), (low, high) = _reach(box, self._along), _reach(box, self._up)
        middle = self._foot + 0.4 * self._height
        if end - start < 0.3 * self._height and low <= middle <= high:
            yield (start + end) / 2

    def _set_block(self, block: list[_Item], left: float, right: float, layout: Layout) -> bool:
        """Set a stretch anew between two limits; False where it does not fit."""
        is_respaced = not any(
            two.start - one.end < -0.35 * one.size for one, two in itertools.pairwise(block)
        )
        start = self._start_of(block, left)
        steps = {
            index: max(1.0, float(round((item.end - item.start) / (STEP * item.size))))
            for index, item in enumerate(block)
            if item.pieces
        }
        while True:
            widths = {index: count * STEP * block[index].size for index, count in steps.items()}
            places = list(_places(block, start, widths, is_respaced))
            if places[-1][1] <= max(right, block[-1].end):
                break
            widest = max(steps, key=lambda index: steps[index])
            if steps[widest] <= 0.5:
                return False
            steps[widest] = steps[widest] - 1 if steps[widest] > 1 else 0.5
        for item, (first, last) in zip(block, places, strict=True):
            shift = first - item.start
            if item.run is not None:
                by = (shift * self._along[0], shift * self._along[1])
                layout.moves.append(Move(item.run, by, is_respaced))
            else:
                layout.bars.append(self._bar_of(item, shift, last - first))
        return True

    def _bar_of(self, item: _Item, shift: float, width: float) -> Bar:
        area = item.pieces[0].area
        inset = 0.03 * item.size
        text = next((piece.text for piece in item.pieces if piece.text), "")
        return Bar(area.resized(shift + inset, shift + width - inset, 0, area.height), text)

    def _start_of(self, block: list[_Item], left: float) -> float:
        """Return where a stretch begins: where it did, if other lines begin there as well.

        A centred line, or one set to the right, begins where its width lets it; it is moved to a
        step of a grid.
        """
        start, size = block[0].start, block[0].size
        if any(abs(other - start) < _ALIGNED for other, _, _ in self._others):
            return start
        grid = STEP / 2 * size
        snapped = self._page_start + (start - self._page_start) // grid * grid
        return snapped if snapped >= left else start

    def _limit_before(self, block: list[_Item], end: float | None) -> float:
        """Return how far to the left a stretch may reach."""
        limits = [rule for rule in self._rules if rule <= block[0].start]
        limits += [self._page_start if end is None else end]
        return max(limits) + ROOM * block[0].size

    def _limit_after(self, block: list[_Item]) -> float:
        """Return how far to the right a stretch may reach."""
        end = max(item.end for item in block)
        members = {id(item.run) for item in block}
        reach = 0.9 * self._height
        near = [
            start
            for start, across, run in (*self._runs, *self._others)
            if start >= end - 0.1 and abs(across - self._foot) < reach and id(run) not in members
        ]
        pieces = [_dot(piece.area.origin, self._along) for piece in self._pieces]
        following = [start for start in (*near, *pieces, *self._rules) if start >= end - 0.1]
        size = block[-1].size
        return min([*following, self._page_end - size], default=end) - ROOM * size

    def _em(self) -> float:
        """Return the size of the line's font: that of its visible text if there is any."""
        sizes = [run.size for _, _, run in self._runs if not run.is_blank]
        return min(
            sizes,
            key=lambda size: abs(size - self._height / LETTERS_OVER_EM),
            default=(self._height / LETTERS_OVER_EM),
        )

    def _is_under(self, first: float, run: Run) -> bool:
        """Say whether a run and a piece overlap: the removal then did not cut where it should."""
        return not run.is_blank and any(
            min(first + run.length, start + piece.area.width) - max(first, start) > 0.35 * run.size
            for piece in self._pieces
            for start in [_dot(piece.area.origin, self._along)]
        )


def _joined(block: list[_Item]) -> list[_Item]:
    """Return a stretch with the pieces of one span, and blanks between them, as one."""
    joined: list[_Item] = []
    blanks: list[_Item] = []
    for item in block:
        if item.run is not None and item.run.is_blank:
            blanks.append(item)
            continue
        before = joined[-1] if joined else None
        if (
            before
            and before.pieces
            and item.pieces
            and before.pieces[-1].span == item.pieces[0].span
        ):
            before.pieces += item.pieces
            before.end = item.end
        else:
            joined += [*blanks, item]
        blanks = []
    return joined + blanks


def _places(
    block: Sequence[_Item], start: float, widths: dict[int, float], is_respaced: bool
) -> Iterator[tuple[float, float]]:
    """Yield the new start and end of each item."""
    cursor, shift = start, start - block[0].start
    before: _Item | None = None
    for index, item in enumerate(block):
        if is_respaced:
            first = cursor + (_gap(before, item) if before is not None else 0.0)
            width = widths.get(index) or (item.run.length if item.run is not None else 0.0)
            cursor = first + width
        else:
            first = item.start + shift
            width = widths.get(index, item.end - item.start)
            shift += width - (item.end - item.start) if index in widths else 0.0
        yield first, first + width
        before = item


def _gap(before: _Item, item: _Item) -> float:
    """Return the room between two neighbours: none, or that of a space."""
    gap = item.start - before.end
    follows_blank = before.run is not None and before.run.ends_blank
    leads_blank = item.run is not None and item.run.begins_blank
    if gap < KERNING * item.size or follows_blank or leads_blank:
        return 0.0
    return WORD_GAP * item.size


def _reach(box: Box, along: Point) -> tuple[float, float]:
    reach = [_dot((box[i], box[j]), along) for i in (0, 2) for j in (1, 3)]
    return min(reach), max(reach)


def _dot(one: Point, two: Point) -> float:
    return one[0] * two[0] + one[1] * two[1]
