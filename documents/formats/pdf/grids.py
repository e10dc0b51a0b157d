"""Ruled tables: cells told by the lines drawn around them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from documents.formats.model import Box
from documents.formats.pdf.columns import rows_of
from documents.formats.pdf.lines import Line, Vector
from documents.formats.pdf.paragraphs import Row

THIN = 2.5
SHORTEST = 8.0
TOUCH = 2.0
# Drawings beyond this are maps and charts, not tables.
MOST_RULES = 4_000
# Of the page: a larger rectangle is its ground or its frame.
LARGEST_SHARE = 0.45


class Grid(Line):
    """A ruled table that takes part in layout as one tall line. lines: what stands in it."""

    __slots__ = ("cells", "lines")

    def __init__(self, box: Box, lines: list[Line], cells: tuple[tuple[tuple[Row, ...], ...], ...]):
        size = max(line.size for line in lines)
        super().__init__("", [box], size, is_bold=False)
        self.box = box
        self.x0, self.y0, self.x1, self.y1 = box
        self.base = min(line.base for line in lines)
        self.number = min(line.number for line in lines)
        self.lines = lines
        self.cells = cells


@dataclass(slots=True)
class _Rules:
    """Rules that touch each other. across: (y, x0, x1); upright: (x, y0, y1)."""

    box: Box
    across: list[tuple[float, float, float]]
    upright: list[tuple[float, float, float]]


def grids_of(vectors: Sequence[Vector], lines: Sequence[Line], area: float) -> list[Grid]:
    """Return the ruled tables that hold text in two columns or more, on a page of an `area`."""
    straight = [
        vector.box
        for vector in vectors
        if vector.is_straight and _area(vector.box) < LARGEST_SHARE * area
    ]
    if not 3 <= len(straight) <= MOST_RULES:
        return []
    grids: list[Grid] = []
    taken: set[int] = set()
    for rules in _groups(straight):
        grid = _grid(rules, [line for line in lines if id(line) not in taken])
        if grid is not None:
            taken.update(id(line) for line in grid.lines)
            grids.append(grid)
    return grids


def _grid(rules: _Rules, lines: Sequence[Line]) -> Grid | None:
    xs = _positions([x for x, _, _ in rules.upright])
    ys = _positions([y for y, _, _ in rules.across])
    if len(xs) < 3 or len(ys) < 2:
        return None
    inside = [line for line in lines if _is_in(line, rules.box)]
    if not inside or any(_crosses(line, xs, rules.upright) for line in inside):
        return None
    cells: dict[tuple[int, int], list[Line]] = {}
    for line in inside:
        row = bisect_right(ys, (line.y0 + line.y1) / 2)
        # By its beginning: a cell that spans several columns stands in the first of them.
        column = bisect_right(xs, line.x0 + 0.3 * line.size)
        cells.setdefault((row, column), []).append(line)
    used_rows = sorted({row for row, _ in cells})
    used_columns = sorted({column for _, column in cells})
    if len(used_columns) < 2:
        return None
    table: list[tuple[tuple[Row, ...], ...]] = []
    for row in used_rows:
        parts = [rows_of(cells.get((row, column), ())) for column in used_columns]
        table += _split(parts)
    return Grid(rules.box, inside, tuple(table))


def _split(parts: list[list[Row]]) -> list[tuple[tuple[Row, ...], ...]]:
    """Return a row of cells, as several where most cells have lines at the same heights."""
    whole = [tuple(map(tuple, parts))]
    filled = [part for part in parts if part]
    longest = max(filled, key=len)
    count, alike = len(longest), sum(len(part) == len(longest) for part in filled)
    is_even = alike == len(filled) >= 3 or (count >= 3 and 4 * alike >= 3 * len(filled) > 3)
    if count < 2 or not is_even:
        return whole
    heights = [row[0].base for row in longest]
    split: list[list[list[Row]]] = [[[] for _ in parts] for _ in longest]
    for column, part in enumerate(parts):
        for row in part:
            nearest = min(range(count), key=lambda index: abs(heights[index] - row[0].base))
            is_level = abs(heights[nearest] - row[0].base) < 0.3 * row[0].size
            if not is_level and len(part) == count:
                return whole
            split[nearest][column].append(row)
    return [tuple(map(tuple, cells)) for cells in split]


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _is_in(line: Line, box: Box) -> bool:
    x, y = (line.x0 + line.x1) / 2, (line.y0 + line.y1) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _crosses(line: Line, xs: list[float], upright: list[tuple[float, float, float]]) -> bool:
    """Say whether a rule cuts a line of text in its middle: then they are no cells' edges."""
    if bisect_right(xs, line.x0 + line.size) == bisect_right(xs, line.x1 - line.size):
        return False
    middle = (line.y0 + line.y1) / 2
    return any(
        line.x0 + line.size < x < line.x1 - line.size and top < middle < bottom
        for x, top, bottom in upright
    )


def _positions(values: list[float]) -> list[float]:
    """Return distinct positions in ascending order."""
    distinct: list[float] = []
    for value in sorted(values):
        if not distinct or value - distinct[-1] > 2 * TOUCH:
            distinct.append(value)
    return distinct


def _groups(boxes: Sequence[Box]) -> list[_Rules]:
    """Return the rules and edges of rectangles, grouped by touching."""
    done: list[_Rules] = []
    groups: list[_Rules] = []
    for left, top, right, bottom in sorted(boxes, key=lambda box: (box[1], box[0])):
        own = _Rules((left, top, right, bottom), [], [])
        if bottom - top <= THIN and right - left >= SHORTEST:
            own.across.append(((top + bottom) / 2, left, right))
        elif right - left <= THIN and bottom - top >= SHORTEST / 2:
            own.upright.append(((left + right) / 2, top, bottom))
        elif right - left >= SHORTEST and bottom - top >= SHORTEST:
            own.across += [(top, left, right), (bottom, left, right)]
            own.upright += [(left, top, bottom), (right, top, bottom)]
        else:
            continue
        apart: list[_Rules] = []
        for group in groups:
            if _touch(group.box, own.box):
                _merge(own, group)
            elif group.box[3] + TOUCH < top:
                done.append(group)
            else:
                apart.append(group)
        groups = [*apart, own]
    return [*done, *groups]


def _touch(one: Box, two: Box) -> bool:
    return (
        one[0] <= two[2] + TOUCH
        and two[0] <= one[2] + TOUCH
        and one[1] <= two[3] + TOUCH
        and two[1] <= one[3] + TOUCH
    )


def _merge(into: _Rules, other: _Rules) -> None:
    a, b = into.box, other.box
    into.box = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    into.across += other.across
    into.upright += other.upright
