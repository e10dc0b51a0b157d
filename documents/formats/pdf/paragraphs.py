"""Lines of one column, joined to paragraphs."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from documents.formats.model import Role
from documents.formats.pdf.lines import Line

MARKER = re.compile(r"(?:[•◦▪‣·●○■□▸➢✓*–—-]|\(?\d{1,3}[.)]|\(?[a-z][)]|\(?[ivx]{1,5}[)])(?=\s|$)")
SENTENCE_END = re.compile(r"[.!?:;…。！？：；][\"'»”’)\]]*$")
# Of the usual distance of lines, or of the font size: a wider one parts paragraphs.
NEXT_PARAGRAPH = 1.3
# Of a column's width: a paragraph narrower than this is short lines, not a column of its own.
NARROWEST_SHARE = 0.6
HYPHENS = "-\u2010\u00ad"
# What a link or an address may break after.
LINK_BREAKS = "/?&=_@#%"
LINK = re.compile(r"(?:://|www\.|@)\S*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a line inside a block: block[start:] begins with line.text[first:last]."""

    start: int
    line: Line
    first: int
    last: int


@dataclass(slots=True)
class Draft:
    """A block of a page, before what only the whole document tells is known.

    table: number of the table on its page from 1, else 0
    """

    role: Role = Role.PARAGRAPH
    text: str = ""
    pieces: list[Piece] = field(default_factory=list)
    level: int = 0
    table: int = 0
    row: int = 0
    column: int = 0
    title: str = ""

    def add(self, line: Line, separator: str, *, without_hyphen: bool = False) -> None:
        """Add a line; `without_hyphen` leaves out the last character of what stands so far."""
        if without_hyphen:
            last = self.pieces[-1]
            self.pieces[-1] = Piece(last.start, last.line, last.first, last.last - 1)
            self.text = self.text[:-1]
        self.text += separator
        self.pieces.append(Piece(len(self.text), line, 0, len(line.text)))
        self.text += line.text

    @property
    def size(self) -> float:
        """The font size of most of its characters."""
        return max(self.pieces, key=lambda piece: piece.last - piece.first).line.size

    @property
    def is_bold(self) -> bool:
        """Say whether all of it is bold."""
        return all(piece.line.is_bold for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Column:
    """Where the lines of a column begin and end, and how far they stand apart."""

    left: float
    right: float
    pitch: float


Row = list[Line]


def paragraphs(rows: Sequence[Row]) -> list[Draft]:
    """Return the blocks of a column: rows from top to bottom, each with its lines from the left.

    Lines that were wrapped are joined by a space; a line that ended early keeps its line end.
    """
    if not rows:
        return []
    drafts: list[Draft] = []
    whole = _column(rows)
    for stretch in _stretches(rows, whole):
        drafts += _paragraphs(stretch, _narrowed(whole, stretch))
    return drafts


def _stretches(rows: Sequence[Row], column: Column) -> Iterable[list[Row]]:
    """Yield rows without gaps between them."""
    stretch = [rows[0]]
    for upper, lower in pairwise(rows):
        size = max(upper[-1].size, lower[0].size)
        if lower[0].base - upper[0].base > NEXT_PARAGRAPH * max(column.pitch, size):
            yield stretch
            stretch = []
        stretch.append(lower)
    yield stretch


def _narrowed(column: Column, stretch: Sequence[Row]) -> Column:
    """Return a column as wide as a stretch that is set narrower, but not as a few short lines."""
    right = max(line.x1 for row in stretch for line in row)
    is_narrower = right - column.left > NARROWEST_SHARE * (column.right - column.left)
    return replace(column, right=right) if is_narrower and len(stretch) > 2 else column


def _paragraphs(rows: Sequence[Row], column: Column) -> list[Draft]:
    drafts: list[Draft] = []
    current: Draft | None = None
    before: Row = []
    for row in rows:
        units = list(_units(row))
        for index, unit in enumerate(units):
            joins = (
                current is not None
                and index == 0
                and len(units) == 1
                and bool(before)
                and _continues(current, before, unit, column)
            )
            if joins and current is not None:
                _append(current, before, unit, column)
            else:
                current = _begun(unit, column)
                drafts.append(current)
            before = unit
        if len(units) > 1:
            current = None
    return drafts


def joined(rows: Sequence[Row], draft: Draft) -> Draft:
    """Add all rows to one block, a cell for example, and return it."""
    column = _column(rows)
    before: Row = []
    for row in rows:
        if before:
            _append(draft, before, row, column)
        else:
            _add_unit(draft, row, "")
        before = row
    return draft


def _column(rows: Sequence[Row]) -> Column:
    steps = [
        lower[0].base - upper[0].base
        for upper, lower in pairwise(rows)
        if abs(lower[0].size - upper[0].size) < 0.15 * upper[0].size
    ]
    close = [step for step in steps if step > 0]
    size = statistics.median(line.size for row in rows for line in row)
    # The lower median: gaps between paragraphs must not pass for the distance of lines.
    pitch = statistics.median_low(close) if close else 1.3 * size
    return Column(
        min(line.x0 for row in rows for line in row),
        max(line.x1 for row in rows for line in row),
        min(pitch, 2.2 * size),
    )


def _units(row: Row) -> Iterable[Row]:
    """Yield a row's lines in groups that stand close together."""
    unit = [row[0]]
    for line in row[1:]:
        if line.x0 - unit[-1].x1 > 8 * line.size:
            yield unit
            unit = []
        unit.append(line)
    yield unit


def _begun(unit: Row, column: Column) -> Draft:
    draft = Draft()
    _add_unit(draft, unit, "")
    marker = MARKER.match(draft.text)
    if marker is not None:
        draft.role = Role.ITEM
        depth = round((unit[0].x0 - column.left) / (2 * unit[0].size))
        draft.level = 1 + min(5, max(0, depth))
    return draft


def _add_unit(draft: Draft, unit: Row, separator: str, *, without_hyphen: bool = False) -> None:
    draft.add(unit[0], separator, without_hyphen=without_hyphen)
    for left, right in pairwise(unit):
        draft.add(right, "" if right.x0 - left.x1 < 0.12 * right.size else " ")


def _continues(draft: Draft, before: Row, unit: Row, column: Column) -> bool:
    """Say whether a row goes on with the paragraph of the row above it."""
    upper, lower = before[-1], unit[0]
    size = max(upper.size, lower.size)
    step = lower.base - before[0].base
    if step < 0.3 * size:
        return False
    if abs(upper.size - lower.size) > 0.12 * size and not _is_mixed(upper, lower):
        return False
    is_wrapped = _is_wrapped(before, unit, column)
    if _are_bold(before) != _are_bold(unit) and not (is_wrapped and lower.text[0].islower()):
        return False
    if MARKER.match(lower.text) and (not is_wrapped or draft.role is Role.ITEM):
        return False
    if not is_wrapped and SENTENCE_END.search(upper.text):
        return False
    return _is_right_to_left(lower) or not _is_indented_anew(
        draft, before, unit, column, is_wrapped=is_wrapped
    )


def _is_mixed(upper: Line, lower: Line) -> bool:
    """Say whether sizes differ as they do among words of one pixel-read paragraph."""
    return upper.from_ocr and lower.from_ocr and abs(upper.size - lower.size) < 0.5 * upper.size


def _are_bold(unit: Row) -> bool:
    return all(line.is_bold for line in unit)


def _is_indented_anew(
    draft: Draft, before: Row, unit: Row, column: Column, *, is_wrapped: bool
) -> bool:
    upper, lower = before[0], unit[0]
    shift = lower.x0 - upper.x0
    limit = 0.8 * lower.size
    is_first = draft.pieces[0].line is upper
    is_centred = abs((upper.x0 + before[-1].x1) - (lower.x0 + unit[-1].x1)) < 2 * lower.size
    if abs(shift) <= limit or (is_centred and upper.x0 - column.left > limit):
        return False
    if shift > 0:
        # After a full first line the rest hangs; after any other line a paragraph begins.
        return not is_first or not (is_wrapped or draft.role is Role.ITEM)
    return not is_first


def _append(draft: Draft, before: Row, unit: Row, column: Column) -> None:
    """Add a row to a block, joined as its line end asks for."""
    upper, lower = before[-1].text, unit[0].text
    if not _is_wrapped(before, unit, column):
        _add_unit(draft, unit, "\n")
    elif len(upper) > 1 and upper[-1] in HYPHENS and upper[-2].isalpha():
        is_split = upper[-1] == "\u00ad" or lower[:1].islower()
        _add_unit(draft, unit, "", without_hyphen=is_split)
    elif (is_wide(upper[-1]) and is_wide(lower[0])) or (
        upper[-1] in LINK_BREAKS and LINK.search(upper)
    ):
        _add_unit(draft, unit, "")
    else:
        _add_unit(draft, unit, " ")


def _is_wrapped(before: Row, unit: Row, column: Column) -> bool:
    """Say whether the lower row's first word had no room at the end of the upper row."""
    lower = unit[0]
    word = 1 if is_wide(lower.text[0]) else len(lower.text.split(None, 1)[0])
    width = (lower.x1 - lower.x0) * word / len(lower.text)
    slack = 0.4 * lower.size
    if _is_right_to_left(lower):
        return before[-1].x0 - width - slack < column.left
    return before[-1].x1 + width + slack > column.right


def _is_right_to_left(line: Line) -> bool:
    if line.text.isascii():
        return False
    for char in line.text:
        direction = unicodedata.bidirectional(char)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def is_wide(char: str) -> bool:
    """Say whether a character is of a script that writes no spaces between words."""
    return not char.isascii() and unicodedata.east_asian_width(char) in {"W", "F"}
