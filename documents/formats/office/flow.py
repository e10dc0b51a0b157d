"""The text of a package while it is walked, and the edits that hidden spans ask for on the way.

Reading and writing are the same walk. Each piece of text comes with its place, the live node that
holds it; a walk that was given hidden spans changes the places which they touch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from documents.formats.model import Block, Hidden, Role, TooLargeError


class Place(Protocol):
    """Where a piece of text stands."""

    def put(self, text: str) -> None:
        """Let the place hold this text instead."""


@dataclass(slots=True)
class _Open:
    role: Role
    level: int
    page: int
    table: int
    row: int
    column: int
    start: int = -1


class Flow:
    """The text so far, its blocks, and the edits still to be made.

    hidden:     sorted, disjoint spans of the whole text; empty while reading
    characters: more text than this is refused
    """

    def __init__(self, hidden: Sequence[Hidden] = (), *, characters: int) -> None:
        self.page = 0
        self.blocks: list[Block] = []
        self._hidden = hidden
        self._next_hidden = 0
        self._characters = characters
        self._pieces: list[str] = []
        self._length = 0
        self._title = ""
        self._open: _Open | None = None
        self._edits: list[tuple[Place, str]] = []

    @property
    def length(self) -> int:
        """Code points so far."""
        return self._length

    @property
    def has_edits(self) -> bool:
        """Say whether a hidden span touched a place since the last apply()."""
        return bool(self._edits)

    def text(self) -> str:
        """Return the whole text."""
        return "".join(self._pieces)

    def head(self, title: str) -> None:
        """Give the next block a title; a title that no block took is dropped."""
        self._title = title

    def begin(
        self, role: Role, *, level: int = 0, table: int = 0, row: int = 0, column: int = 0
    ) -> None:
        """Begin a block; it only comes to be with its first piece of text."""
        self._open = _Open(role, level, self.page, table, row, column)

    def piece(self, text: str, place: Place | None) -> None:
        """Add text to the open block. Without a place it must be text that is not kept."""
        if not text:
            return
        block = self._open
        if block is None:
            raise ValueError("a piece of text outside of any block")
        if block.start < 0:
            self._separate(block)
            block.start = self._length
        start = self._length
        # One for one: whoever stores the text may only know LF.
        self._pieces.append(text.replace("\r", "\n"))
        self._length += len(text)
        if self._length > self._characters:
            raise TooLargeError("The file holds more text than is taken here.")
        if self._next_hidden < len(self._hidden) and place is not None:
            self._edit(text, start, place)

    def end(self) -> None:
        """End the open block."""
        block, self._open = self._open, None
        if block is None or block.start < 0:
            return
        self.blocks.append(
            Block(
                block.role,
                block.start,
                self._length,
                block.level,
                block.page,
                block.table,
                block.row,
                block.column,
                self._title,
            )
        )
        self._title = ""

    def line(
        self,
        role: Role,
        text: str,
        place: Place | None,
        *,
        level: int = 0,
        table: int = 0,
        row: int = 0,
        column: int = 0,
    ) -> None:
        """Add a block of one piece."""
        self.begin(role, level=level, table=table, row=row, column=column)
        self.piece(text, place)
        self.end()

    def apply(self) -> None:
        """Make the edits gathered so far. Called between parts, never during a walk."""
        edits, self._edits = self._edits, []
        for place, text in edits:
            place.put(text)

    def _separate(self, block: _Open) -> None:
        if not self.blocks:
            return
        last = self.blocks[-1]
        is_next_cell = (
            block.table > 0
            and last.table == block.table
            and last.row == block.row
            and last.column != block.column
        )
        self._pieces.append("\t" if is_next_cell else "\n")
        self._length += 1

    def _edit(self, text: str, start: int, place: Place) -> None:
        """Queue what remains of a piece once the spans that touch it are taken out."""
        end = start + len(text)
        kept: list[str] = []
        done = start
        while self._next_hidden < len(self._hidden):
            span = self._hidden[self._next_hidden]
            if span.start >= end:
                break
            if span.end > start:
                kept.append(text[done - start : max(span.start, done) - start])
                if span.start >= start:
                    kept.append(span.replacement)
                done = min(span.end, end)
            if span.end > end:
                break
            self._next_hidden += 1
        if done > start:
            kept.append(text[done - start :])
            self._edits.append((place, "".join(kept)))
