"""Documents as pages show them: leaves of headings, paragraphs, lists, tables and lines of code.

A leaf is what the browser lays out at once: a page, a slide, a part such as "Comment 3", or a
stretch of a text without pages. Leaves follow from the blocks alone, so that a correction changes
what stands in them and never where they begin.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from anonymizer.reading import Marked, Segment, segments
from documents.formats.model import Block, Kind, Role

LEAF_CHARACTERS = 6_000
LEAF_BLOCKS = 150
LEAF_CELLS = 600
_PAGE_NAMES = {Kind.PDF: "Page", Kind.PPTX: "Slide", Kind.XLSX: "Sheet"}
# Longest of these text columns, as shares of a table that stands in several leaves.
_WIDEST_CELL = 60
_OWN_MARKER = re.compile(r"\s*(?:[-–—*•‣▪◦·]|\(?\w{1,4}[.)])\s")
# Rough heights, so that the scrollbar is right before a leaf is laid out.
_LINE_PX, _LINE_CHARACTERS, _ROW_PX, _CODE_PX = 31, 62, 38, 25


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its text cut into plain and marked segments.

    tag:       the element that holds it
    style:     its role, for a class
    level:     depth of an item
    is_marked: an item whose text begins with its own number or sign
    """

    tag: str
    style: str
    start: int
    level: int
    is_marked: bool
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Blocks that stand together. kind: "text", "list", "code" or "table".

    rows:   of a table: cells of pieces; row_numbers has the number of each row
    widths: of a table's columns, in percent, where the table goes on in another leaf
    """

    kind: str
    pieces: tuple[Piece, ...] = ()
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Where a leaf lies, before its text is cut.

    title:  what stands above it, "" where it goes on from the one before
    height: about how high it will be, in pixels
    """

    number: int
    title: str
    page: int
    is_aside: bool
    blocks: tuple[Block, ...]
    widths: dict[int, tuple[int, ...]]
    height: int

    @property
    def start(self) -> int:
        """Where its first block begins, in the file's text."""
        return self.blocks[0].start

    @property
    def end(self) -> int:
        """Where its last block ends."""
        return self.blocks[-1].end


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part with its text, ready for the template. start, length: in the whole text."""

    number: int
    title: str
    page: int
    is_aside: bool
    height: int
    start: int
    length: int
    groups: tuple[Group, ...]


def parts(blocks: Sequence[Block], kind: str) -> list[Part]:
    """Cut a document into the parts that are laid out at once."""
    runs = _runs(blocks)
    widths = _widths(blocks, runs)
    found: list[Part] = []
    page_before, page_title = 0, _PAGE_NAMES.get(Kind(kind), "")
    is_aside = False
    for run in runs:
        first = run[0]
        title = first.title
        # A titled part that belongs to no page opens what is not the body.
        if title:
            is_aside = True
        elif first.page != page_before:
            is_aside = False
        if not title and first.page != page_before and first.page and page_title:
            title = f"{page_title} {first.page}"
        page_before = first.page
        found.append(
            Part(
                number=len(found) + 1,
                title=title,
                page=first.page,
                is_aside=is_aside,
                blocks=tuple(run),
                widths=widths,
                height=_height(run, bool(title)),
            )
        )
    return found


def leaf(part: Part, text: str, marked: Sequence[Marked], text_start: int) -> Leaf:
    """Return a part with its text, cut at the marks.

    marked:     sorted, cut at the ends of blocks, offsets into the whole text
    text_start: where the file's text begins in the whole text
    """
    first = bisect_left(marked, text_start + part.start, key=lambda mark: mark[0])
    last = bisect_left(marked, text_start + part.end, key=lambda mark: mark[0])
    ranges = [(text_start + block.start, text_start + block.end) for block in part.blocks]
    cut = segments(text, marked[first:last], ranges)
    pieces = [
        _piece(block, text, start, stretch)
        for block, (start, _), stretch in zip(part.blocks, ranges, cut, strict=True)
    ]
    return Leaf(
        part.number,
        part.title,
        part.page,
        part.is_aside,
        part.height,
        text_start + part.start,
        part.end - part.start,
        tuple(_groups(part, pieces)),
    )


def leaves(
    blocks: Sequence[Block], kind: str, text: str, marked: Sequence[Marked], text_start: int
) -> list[Leaf]:
    """Return all leaves of a document."""
    return [leaf(part, text, marked, text_start) for part in parts(blocks, kind)]


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Cut blocks where a page or titled part begins, and where a run gets long."""
    runs: list[list[Block]] = []
    for block in blocks:
        before = runs[-1] if runs else None
        if before is None or block.title or block.page != before[0].page or _is_full(before, block):
            runs.append([block])
        else:
            before.append(block)
    return runs


def _is_full(run: Sequence[Block], following: Block) -> bool:
    last = run[-1]
    most_blocks = LEAF_CELLS if last.role is Role.CELL else LEAF_BLOCKS
    if following.start - run[0].start < LEAF_CHARACTERS and len(run) < most_blocks:
        return False
    # A row of a table stays whole, however long it is.
    return not (
        following.role is Role.CELL and (following.table, following.row) == (last.table, last.row)
    )


def _widths(blocks: Sequence[Block], runs: Sequence[Sequence[Block]]) -> dict[int, tuple[int, ...]]:
    """Return the widths of columns of the tables that stand in more than one run."""
    tables = [table for run in runs for table in {block.table for block in run if block.table}]
    split = {table for table in tables if tables.count(table) > 1} if tables else set()
    longest: dict[int, dict[int, int]] = {table: {} for table in split}
    for block in blocks:
        if block.table in split:
            columns = longest[block.table]
            length = min(_WIDEST_CELL, max(4, block.end - block.start))
            columns[block.column] = max(columns.get(block.column, 4), length)
    return {table: _shares(columns) for table, columns in longest.items()}


def _shares(columns: dict[int, int]) -> tuple[int, ...]:
    lengths = [columns.get(column, 4) for column in range(max(columns) + 1)]
    total = sum(lengths)
    return tuple(max(1, round(100 * length / total)) for length in lengths)


def _groups(part: Part, pieces: Sequence[Piece]) -> Iterable[Group]:
    pairs = zip(part.blocks, pieces, strict=True)
    for (kind, table), held in groupby(pairs, key=lambda pair: _kind_of_group(pair[0])):
        if kind == "table":
            rows = _rows(list(held))
            yield Group(kind, rows=rows, widths=part.widths.get(table, ()))
        else:
            yield Group(kind, tuple(piece for _, piece in held))


def _kind_of_group(block: Block) -> tuple[str, int]:
    if block.role is Role.CELL:
        return "table", block.table
    if block.role is Role.ITEM:
        return "list", 0
    if block.role is Role.CODE:
        return "code", 0
    return "text", 0


def _rows(cells: Sequence[tuple[Block, Piece]]) -> tuple[tuple[tuple[Piece, ...], ...], ...]:
    """Put cells into rows of equal length; what a row lacks is an empty cell."""
    width = max(block.column for block, _ in cells) + 1
    rows = []
    for _, held in groupby(cells, key=lambda cell: cell[0].row):
        row: list[list[Piece]] = [[] for _ in range(width)]
        for block, piece in held:
            row[block.column].append(piece)
        rows.append(tuple(map(tuple, row)))
    return tuple(rows)


def _piece(block: Block, text: str, start: int, cut: tuple[Segment, ...]) -> Piece:
    tag = "p"
    if block.role is Role.HEADING:
        tag = f"h{min(6, max(1, block.level) + 2)}"
    is_marked = block.role is Role.ITEM and bool(_OWN_MARKER.match(text[start : start + 12]))
    return Piece(tag, block.role.value, start, min(block.level, 6), is_marked, cut)


def _height(run: Sequence[Block], has_title: bool) -> int:
    height = 72 if has_title else 0
    cells = (block for block in run if block.role is Role.CELL)
    for _, row in groupby(cells, key=lambda block: (block.table, block.row)):
        held = list(row)
        share = max(8, _LINE_CHARACTERS // len(held))
        height += _ROW_PX + 22 * max((block.end - block.start) // share for block in held)
    for block in run:
        length = block.end - block.start
        if block.role is Role.CODE:
            height += _CODE_PX * (1 + length // 72)
        elif block.role is not Role.CELL:
            height += _LINE_PX * (1 + length // _LINE_CHARACTERS) + 18
    return height
