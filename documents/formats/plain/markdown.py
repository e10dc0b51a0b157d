"""Markdown: what it says to a reader as blocks, and every sign of it in the text or constant.

Marks that say nothing by themselves (the signs before a heading, bars between cells) belong to no
block and are carried over as they are. Everything else is text, link targets and comments too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents.formats.model import (
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
    Role,
)
from documents.formats.plain.checking import bytes_check
from documents.formats.plain.decoding import Source, notes_on, source_of
from documents.formats.plain.pieces import Builder, rewrite
from documents.formats.survivors import HiddenValues

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"( {0,3}(#{1,6})[ \t]+)\S")
_ITEM = re.compile(r"([ \t]*)(?:[-*+][ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)|(?=\d{1,9}[.)][ \t]))")
_RULE = re.compile(r"[ \t]*(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|={3,}[ \t]*)\Z")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*\Z")
_TABLE_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*\Z")
_CELL = re.compile(r"(?:[^|\\]|\\.|\\\Z)+")
_SPACES_AT_ONE_LEVEL = 2


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the source without its end."""

    start: int
    text: str


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a text with its headings, items, cells and lines of code as blocks."""
    source = source_of(content, options.limits)
    builder = walk(source, options, [])
    return Extracted(Kind.MARKDOWN, builder.text, tuple(builder.blocks), notes=notes_on(source))


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the file with each span replaced, in UTF-8, with its marks and line ends."""
    source = source_of(content, options.limits)
    edits: list[tuple[int, int, str]] = []
    builder = walk(source, options, edits)
    rewrite(builder.text, builder.pieces, hidden)
    return Cleaned(source.edited(sorted(edits)).encode("utf-8", "replace"))


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return whether a hidden value still stands in the bytes, in any encoding."""
    return (bytes_check(clean, values),)


def walk(source: Source, options: ReadOptions, edits: list[tuple[int, int, str]]) -> Builder:
    """Return the blocks and pieces of a text; what is written anew goes to `edits`."""
    return _Walk(source.text, Builder(options.limits), edits).run()


class _Walk:
    def __init__(self, text: str, builder: Builder, edits: list[tuple[int, int, str]]) -> None:
        self._builder = builder
        self._edits = edits
        self._lines = list(_lines_of(text))
        self._at = 0

    def run(self) -> Builder:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line.text.strip() or _RULE.match(line.text):
                self._at += 1
            elif fence := _FENCE.match(line.text):
                self._code(fence[1])
            elif heading := _HEADING.match(line.text):
                self._line(Role.HEADING, heading.end(1), level=len(heading[2]))
            elif self._is_table():
                self._rows()
            elif (item := _ITEM.match(line.text)) is not None:
                depth = len(item[1].expandtabs(4)) // _SPACES_AT_ONE_LEVEL + 1
                self._paragraph(Role.ITEM, item.end(), level=depth)
            else:
                self._paragraph(Role.PARAGRAPH, 0)
        self._builder.close()
        return self._builder

    def _code(self, fence: str) -> None:
        """Read a fenced block, its first line with the language and what else stands there."""
        self._builder.open(Role.CODE)
        self._piece(0)
        closing = re.compile(rf" {{0,3}}{re.escape(fence)}{re.escape(fence[0])}*[ \t]*\Z")
        while self._at < len(self._lines):
            line = self._lines[self._at]
            self._builder.add("\n")
            self._piece(0)
            if closing.match(line.text):
                break
        self._builder.close()

    def _paragraph(self, role: Role, skipped: int, *, level: int = 0) -> None:
        """Read lines up to an empty one or one that begins something else."""
        if self._is_underlined():
            underline = _UNDERLINE.match(self._lines[self._at + 1].text)
            self._line(Role.HEADING, skipped, level=1 if underline and "=" in underline[1] else 2)
            self._at += 1
            return
        self._builder.open(role, level=level)
        self._piece(skipped)
        while self._continues():
            self._builder.add("\n")
            self._piece(0)
        self._builder.close()

    def _continues(self) -> bool:
        if self._at >= len(self._lines):
            return False
        text = self._lines[self._at].text
        starts = (_FENCE, _HEADING, _ITEM, _RULE)
        return bool(text.strip()) and not any(start.match(text) for start in starts)

    def _is_underlined(self) -> bool:
        after = self._at + 1
        return after < len(self._lines) and bool(_UNDERLINE.match(self._lines[after].text))

    def _is_table(self) -> bool:
        after = self._at + 1
        return (
            "|" in self._lines[self._at].text
            and after < len(self._lines)
            and "|" in self._lines[after].text
            and bool(_TABLE_RULE.match(self._lines[after].text))
        )

    def _rows(self) -> None:
        table = self._builder.next_table()
        row = 0
        while self._at < len(self._lines) and "|" in self._lines[self._at].text:
            line = self._lines[self._at]
            if row != 1:
                for column, (start, end) in enumerate(_cells_of(line.text)):
                    at = row if row == 0 else row - 1
                    self._builder.open(Role.CELL, table=table, row=at, column=column)
                    self._add(line.start + start, line.text[start:end])
            self._at += 1
            row += 1
        self._builder.close()

    def _line(self, role: Role, skipped: int, *, level: int) -> None:
        self._builder.open(role, level=level)
        self._piece(skipped)
        self._builder.close()

    def _piece(self, skipped: int) -> None:
        """Take the line at hand without its first signs, and go to the next."""
        line = self._lines[self._at]
        self._add(line.start + skipped, line.text[skipped:])
        self._at += 1

    def _add(self, start: int, text: str) -> None:
        def put(new: str) -> None:
            self._edits.append((start, start + len(text), new))

        self._builder.add(text, put)


def _lines_of(text: str) -> Iterator[Line]:
    at = 0
    for line in text.split("\n"):
        yield Line(at, line)
        at += len(line) + 1


def _cells_of(line: str) -> Iterator[tuple[int, int]]:
    """Yield where the cells of a row stand, without the spaces around them."""
    for cell in _CELL.finditer(line):
        text = cell[0]
        if text.strip():
            start = cell.start() + len(text) - len(text.lstrip())
            yield start, start + len(text.strip())
