"""The lines of a page's text layer, with a box for each character.

A page is walked the same way each time: reading and locating meet the same lines in the same
order. Boxes are in points of the page as displayed. A line that does not run from left to right
is turned, for layout only, so that it does.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pymupdf

from documents.formats.model import Box
from documents.formats.pdf.glyphs import Raw, blocks_of, textpage_of

UNMAPPED = "\ufffd"
# A gap of this many font sizes parts a line in two: the pieces may belong to different columns.
GAP_IN_SIZES = 1.9
# A glyph drawn again within this share of its size makes bold, not a second character.
SAME_PLACE_IN_SIZES = 0.2
# Bullets of the fonts Symbol and Wingdings, which have no Unicode of their own.
SYMBOL_BULLETS = "\uf02d\uf076\uf0a7\uf0b7\uf0d8\uf0e0\uf0fc"
FLAGS = pymupdf.TEXT_IGNORE_ACTUALTEXT | pymupdf.TEXT_COLLECT_VECTORS
# Duplicates are looked for among lines that share a cell of a page.
CELL_PT = 4.0
WIDE_CELL_PT = 60.0
MOST_CELLS = 200
# Text may be scaled to nothing; what is measured in sizes must not be.
SMALLEST_SIZE = 0.01
SPACES = re.compile(r"\s+")
BOLD_FONT = pymupdf.TEXT_FONT_BOLD
BOLD_GLYPHS = 8  # of char_flags: drawn twice or stroked to look bold
PAINTED_GLYPHS = 16 | 32  # of char_flags: filled, stroked


@dataclass(slots=True)
class Line:
    """Characters in a row.

    boxes:   one per character of the text
    origins: pen positions, for oblique lines only
    box:     around all of them, as displayed
    turn:    quarter turns clockwise that the text runs from left-to-right (0-3)
    is_mirrored: whether its letters stand on their heads then, so that down is up
    x0, y0, x1, y1, base: of the line, turned upright, and over if mirrored
    number:  identifies the line among those of its page
    """

    text: str
    boxes: list[Box]
    size: float
    is_bold: bool
    turn: int = 0
    is_invisible: bool = False
    is_vertical: bool = False
    is_mirrored: bool = False
    from_ocr: bool = False
    direction: tuple[float, float] = (1.0, 0.0)
    origins: list[tuple[float, float]] = field(default_factory=list)
    box: Box = (0.0, 0.0, 0.0, 0.0)
    x0: float = 0.0
    y0: float = 0.0
    x1: float = 0.0
    y1: float = 0.0
    base: float = 0.0
    number: int = 0

    @property
    def is_oblique(self) -> bool:
        """Say whether the line runs along neither edge of the page."""
        return bool(self.origins)

    def width(self, index: int) -> float:
        """Return how far a character goes along the line; 0 for a mark over the one before."""
        x0, y0, x1, y1 = self.boxes[index]
        return y1 - y0 if self.turn % 2 else x1 - x0


@dataclass(frozen=True, slots=True)
class Vector:
    """A path drawn on a page. is_straight: a rule or a rectangle along the page's edges."""

    box: Box
    is_straight: bool


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a page's content draws, but for pictures."""

    width: float
    height: float
    lines: tuple[Line, ...]
    vectors: tuple[Vector, ...]
    unmapped: int
    """Glyphs of which no character is known."""


def text_layer(page: pymupdf.Page) -> TextLayer:
    """Return a page's lines in the order of its content, cut at wide gaps, without duplicates.

    Also what is invisible, white, tiny, covered or outside of the page.
    """
    blocks = blocks_of(textpage_of(page, FLAGS))
    lines: list[Line] = []
    vectors: list[Vector] = []
    for block in blocks:
        if block["type"] == 0:
            for raw in block["lines"]:
                lines.extend(_lines_of(raw))
        elif block["type"] == 3:
            vectors.append(Vector(block["bbox"], bool(block["isrect"])))
    kept = _without_duplicates(_heaped(lines))
    for number, line in enumerate(kept):
        line.number = number
    unmapped = sum(line.text.count(UNMAPPED) for line in kept)
    rect = page.rect
    return TextLayer(rect.width, rect.height, tuple(kept), tuple(vectors), unmapped)


def around(boxes: Iterable[Box]) -> Box:
    """Return the box around boxes (at least one)."""
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def upright(box: Box, turn: int) -> Box:
    """Return a displayed box turned back by quarter turns, so that its text runs to the right."""
    left, top, right, bottom = box
    if turn == 0:
        return box
    if turn == 1:
        return top, -right, bottom, -left
    if turn == 2:
        return -right, -bottom, -left, -top
    return -bottom, left, -top, right


def displayed(box: Box, turn: int) -> Box:
    """Return an upright box as it is displayed: the inverse of `upright`."""
    return upright(box, -turn % 4)


def place(line: Line) -> Line:
    """Set a line's upright place from its characters' boxes, and return it."""
    line.box = around(line.boxes)
    line.x0, line.y0, line.x1, line.y1 = upright(line.box, line.turn)
    line.base = line.y1 - 0.2 * (line.y1 - line.y0)
    return line


def _lines_of(raw: Raw) -> Iterable[Line]:
    """Yield a line of MuPDF's, cut where the gap is wide."""
    spans = [span for span in raw["spans"] if span["chars"]]
    if not spans:
        return
    chars: list[Raw] = []
    painted = bold = 0
    size = SMALLEST_SIZE
    for span in spans:
        count = len(span["chars"])
        chars += span["chars"]
        size = max(size, span["size"])
        flags = span["char_flags"]
        painted += count if flags & PAINTED_GLYPHS or span["alpha"] else 0
        bold += count if span["flags"] & BOLD_FONT or flags & BOLD_GLYPHS else 0
    text = _cleaned("".join([char["c"] for char in chars]), len(chars))
    boxes = [char["bbox"] for char in chars]
    direction = raw["dir"]
    turn = round(math.atan2(direction[1], direction[0]) / (math.pi / 2)) % 4
    is_oblique = min(abs(direction[0]), abs(direction[1])) > 0.02
    origins = [char["origin"] for char in chars] if is_oblique else []
    if _has_right_to_left(text) and not is_oblique:
        order = _logical_order(text, boxes)
        text = "".join([text[index] for index in order])
        boxes = [boxes[index] for index in order]
    for start, end in _pieces(text, boxes, turn, size):
        line = Line(
            text[start:end],
            boxes[start:end],
            size,
            bold * 2 > len(chars),
            turn=turn,
            is_invisible=painted == 0,
            is_vertical=bool(raw["wmode"]),
            direction=direction,
            origins=origins[start:end],
        )
        _place(line, spans[0]["origin"])
        yield line


def _place(line: Line, origin: tuple[float, float]) -> None:
    """Set a line's upright place, as high as its letters rather than as its font's tallest sign."""
    place(line)
    if line.is_vertical or line.is_oblique:
        return
    x, y = origin
    base = (y, -x, -y, x)[line.turn]
    if line.y1 - base > base - line.y0 + 0.2 * line.size:
        # Letters that hang from their base are mirrored.
        line.is_mirrored = True
        line.y0, line.y1, base = -line.y1, -line.y0, -base
        line.base = line.y1 - 0.2 * (line.y1 - line.y0)
    if line.y0 - 0.1 * line.size <= base <= line.y1 + 0.1 * line.size:
        line.base = base
        line.y0 = max(line.y0, base - line.size)
        line.y1 = max(min(line.y1, base + 0.3 * line.size), line.y0 + 0.1)


def _cleaned(text: str, count: int) -> str:
    """Return a text without control characters and lone surrogates, one for one."""
    if text.isprintable() and len(text) == count:
        return text
    if len(text) != count:
        # Never seen: a glyph of several characters would shift all boxes after it.
        text = text[:count].ljust(count, UNMAPPED)
    return "".join([_printable(char) for char in text])


def _printable(char: str) -> str:
    if char in SYMBOL_BULLETS:
        return "•"
    category = unicodedata.category(char)
    if category in {"Zs", "Zl", "Zp"} or char in "\t\n\r\v\f":
        return " "
    return UNMAPPED if category in {"Cc", "Cs", "Co", "Cn"} else char


def _pieces(text: str, boxes: Sequence[Box], turn: int, size: float) -> Iterable[tuple[int, int]]:
    """Yield the ranges of a line between wide gaps, without the spaces around them."""
    low, high = ((0, 2), (1, 3), (2, 0), (3, 1))[turn]
    sign = 1 if turn < 2 else -1
    widest = GAP_IN_SIZES * size
    end = len(text.rstrip())
    start = len(text) - len(text.lstrip())
    if start >= end:
        return
    for gap in SPACES.finditer(text, start, end):
        before, after = gap.span()
        if sign * (boxes[after][low] - boxes[before - 1][high]) > widest:
            yield start, before
            start = after
    yield start, end


def _heaped(lines: list[Line]) -> list[Line]:
    """Return lines with those joined that heap up in one place, letter by letter."""
    kept: list[Line] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before is not None and _is_heaped(before, line):
            before.text += line.text
            before.boxes += line.boxes
            before.origins += line.origins
        else:
            kept.append(line)
    return kept


def _is_heaped(before: Line, line: Line) -> bool:
    limit = max(0.02 * line.size, 0.05)
    return (
        line.x1 - line.x0 < limit
        and before.x1 - before.x0 < limit
        and abs(line.x0 - before.x0) < limit
        and abs(line.base - before.base) < limit
        and line.turn == before.turn
    )


def _has_right_to_left(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in {"R", "AL"} for char in text
    )


def _logical_order(text: str, boxes: Sequence[Box]) -> list[int]:
    """Return the order in which to read characters that may have been drawn from left to right.

    A run of right-to-left letters whose boxes go to the right was drawn in visual order.
    """
    order = list(range(len(text)))
    start = 0
    while start < len(text):
        if unicodedata.bidirectional(text[start]) not in {"R", "AL"}:
            start += 1
            continue
        end = last = start
        while end < len(text) and unicodedata.bidirectional(text[end]) not in {"L", "EN"}:
            if unicodedata.bidirectional(text[end]) in {"R", "AL", "NSM"}:
                last = end
            end += 1
        if boxes[last][0] > boxes[start][0]:
            order[start : last + 1] = range(last, start - 1, -1)
        start = end
    return order


def _without_duplicates(lines: list[Line]) -> list[Line]:
    """Return lines without glyphs that were drawn again in the same place."""
    cells: dict[tuple[int, int, int], list[Line]] = {}
    for line in sorted(lines, key=lambda line: (line.turn, line.base)):
        limit = SAME_PLACE_IN_SIZES * line.size
        first = max(int((line.base - limit) // CELL_PT), int(line.base // CELL_PT) - MOST_CELLS)
        columns = range(int(line.x0 // WIDE_CELL_PT), int(line.x1 // WIDE_CELL_PT) + 1)
        near: dict[int, Line] = {}
        for row in range(first, int(line.base // CELL_PT) + 1):
            for column in columns[:MOST_CELLS]:
                for other in cells.get((line.turn, row, column), ()):
                    near[id(other)] = other
        for other in near.values():
            if line.base - other.base < limit and min(line.x1, other.x1) > max(line.x0, other.x0):
                _drop_repeated(line, other)
        _drop_doubled(line)
        if line.text:
            for column in columns[:MOST_CELLS]:
                key = (line.turn, int(line.base // CELL_PT), column)
                cells.setdefault(key, []).append(line)
    return [line for line in lines if line.text]


def _drop_repeated(line: Line, other: Line) -> None:
    """Take from a line the characters that another has in the same places."""
    nearby: dict[str, list[Box]] = {}
    for char, box in zip(other.text, other.boxes, strict=True):
        nearby.setdefault(char, []).append(box)
    repeated = {
        index
        for index, char in enumerate(line.text)
        if any(_is_same_place(line, index, twin) for twin in nearby.get(char, ()))
    }
    if repeated:
        _keep(line, [index for index in range(len(line.text)) if index not in repeated])


def _drop_doubled(line: Line) -> None:
    """Take out characters that follow themselves in the same place ("HHeelloo")."""
    pairs = zip(line.text, line.text[1:], strict=False)
    if line.x1 - line.x0 <= max(0.02 * line.size, 0.05):
        return
    twins = [index for index, (one, two) in enumerate(pairs, 1) if one == two != " "]
    doubled = {
        index
        for index in twins
        if _is_same_place(line, index, line.boxes[index - 1])
        and line.width(index) > 0.02 * line.size
    }
    if doubled:
        _keep(line, [index for index in range(len(line.text)) if index not in doubled])


def _is_same_place(line: Line, index: int, twin: Box) -> bool:
    """Say whether a character stands where its twin does, by the width of narrow ones."""
    box = line.boxes[index]
    limit = min(SAME_PLACE_IN_SIZES * line.size, max(0.4 * line.width(index), 0.02 * line.size))
    return abs(box[0] - twin[0]) < limit and abs(box[1] - twin[1]) < limit


def _keep(line: Line, indexes: list[int]) -> None:
    line.text = "".join([line.text[index] for index in indexes])
    line.boxes = [line.boxes[index] for index in indexes]
    if line.origins:
        line.origins = [line.origins[index] for index in indexes]
    if indexes:
        high, low, base = line.y0, line.y1, line.base
        place(line)
        line.y0, line.y1, line.base = high, low, base
