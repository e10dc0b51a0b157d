"""The text of a file in pieces, each of which can be written anew in its place.

A reader adds blocks and pieces as it walks through a file. A writer walks again, has the same
pieces, and gives to each that meets a hidden span its new text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from documents.formats.model import Block, Extracted, Hidden, Limits, Role, TooLargeError

# A block with its piece takes up to 800 bytes of memory; so many fit into a child process.
MOST_BLOCKS = 500_000

Setter = Callable[[str], None]


class Piece(NamedTuple):
    """A stretch of the text, and what writes it anew in the file."""

    start: int
    end: int
    put: Setter


class Builder:
    """A text as it grows, with its blocks and pieces."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parts: list[str] = []
        self._open: tuple[Role, int, int, int, int, int, str] | None = None
        self._title = ""
        self._tables = 0
        self.length = 0
        self.blocks: list[Block] = []
        self.pieces: list[Piece] = []

    @property
    def text(self) -> str:
        """Return the text so far."""
        return "".join(self._parts)

    def next_table(self) -> int:
        """Return the number of a new table."""
        self._tables += 1
        return self._tables

    def part(self, title: str) -> None:
        """Give the next block the name of the part that begins with it."""
        self._title = title

    def open(
        self,
        role: Role,
        *,
        level: int = 0,
        table: int = 0,
        row: int = 0,
        column: int = 0,
        separator: str | None = None,
    ) -> None:
        """Begin a block; the one before ends. A tab stands between cells of a row."""
        self.close()
        if len(self.blocks) >= MOST_BLOCKS:
            raise TooLargeError(f"This file has too many parts: at most {MOST_BLOCKS:,} are taken.")
        if self.blocks:
            self._write(self._separator(table, row) if separator is None else separator)
        self._open = (role, self.length, level, table, row, column, self._title)
        self._title = ""

    def add(self, text: str, put: Setter | None = None) -> None:
        """Add to the open block; without `put` it is a sign that no writer can change."""
        start = self.length
        self._write(text)
        if put is not None and text:
            self.pieces.append(Piece(start, self.length, put))

    def close(self) -> None:
        """End the open block, if any."""
        if self._open is not None:
            role, start, level, table, row, column, title = self._open
            block = Block(role, start, self.length, level, 0, table, row, column, title)
            self.blocks.append(block)
            self._open = None

    def block(self, role: Role, text: str, put: Setter | None = None, *, level: int = 0) -> None:
        """Add a block of one piece."""
        self.open(role, level=level)
        self.add(text, put)
        self.close()

    def adopt(self, extracted: Extracted) -> int:
        """Add the text and blocks of a file inside this one; return where they begin.

        They have no pages here; their tables get numbers of this text.
        """
        self.close()
        if self.blocks:
            self._write("\n")
        at, tables = self.length, self._tables
        self._write(extracted.text)
        for block in extracted.blocks:
            table = block.table and block.table + tables
            self._tables = max(self._tables, table)
            start, end = block.start + at, block.end + at
            self.blocks.append(replace(block, start=start, end=end, page=0, table=table))
        return at

    def _write(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)
        if self.length > self._limits.characters:
            raise TooLargeError(
                f"This file is too long: at most {self._limits.characters:,} characters are taken."
            )

    def _separator(self, table: int, row: int) -> str:
        before = self.blocks[-1]
        return "\t" if table and (before.table, before.row) == (table, row) else "\n"


def rewrite(text: str, pieces: Sequence[Piece], hidden: Sequence[Hidden]) -> None:
    """Write anew each piece that a hidden span meets.

    The replacement stands where the span begins; further pieces lose what the span covers.
    """
    for index, new in rewritten(text, [(piece.start, piece.end) for piece in pieces], hidden):
        pieces[index].put(new)


def rewritten(
    text: str, ranges: Iterable[tuple[int, int]], hidden: Sequence[Hidden]
) -> Iterator[tuple[int, str]]:
    """Yield the number and the new text of each range that a hidden span meets.

    ranges and hidden are sorted and each disjoint.
    """
    replaced = 0
    first = 0
    for index, (start, end) in enumerate(ranges):
        while first < len(hidden) and hidden[first].end <= start:
            first += 1
        if first == len(hidden):
            return
        pieces: list[str] = []
        at = start
        for number in range(first, len(hidden)):
            span = hidden[number]
            if span.start >= end:
                break
            pieces.append(text[at : max(at, span.start)])
            if number >= replaced:
                pieces.append(span.replacement)
                replaced = number + 1
            at = min(span.end, end)
        if pieces:
            yield index, "".join([*pieces, text[at:end]])
