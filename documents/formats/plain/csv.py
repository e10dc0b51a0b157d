"""Tables as text: comma, semicolon, tab or pipe between the cells of a line.

Cells are read with their places in the file, so that a writer changes those that meet a hidden
span and leaves every other sign as it was, quotes included.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from documents.formats.model import (
    Check,
    Cleaned,
    Extracted,
    Hidden,
    Kind,
    ReadOptions,
    Role,
)
from documents.formats.plain.checking import bytes_check, places_check
from documents.formats.plain.decoding import Source, notes_on, source_from, source_of
from documents.formats.plain.pieces import Builder, rewrite
from documents.formats.survivors import HiddenValues

SEPARATORS = (",", ";", "\t", "|")
_SAMPLE_CHARACTERS = 64_000
_SAMPLE_ROWS = 200
# Excel's way of naming the separator.
_NAMED = re.compile(r"sep=([,;\t|])\n", re.IGNORECASE)


class Cell(NamedTuple):
    """A cell: its row and column, where it stands in the source with its quotes, what it says."""

    row: int
    column: int
    start: int
    end: int
    value: str
    is_quoted: bool


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a table, its cells as blocks."""
    source = source_of(content, options.limits)
    builder, _ = walk(source, options)
    return Extracted(Kind.CSV, builder.text, tuple(builder.blocks), notes=notes_on(source))


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the table with each span replaced, in UTF-8; other cells stay as they were."""
    source = source_of(content, options.limits)
    builder, edits = walk(source, options)
    rewrite(builder.text, builder.pieces, hidden)
    return Cleaned(source.edited(sorted(edits)).encode("utf-8", "replace"))


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Return where a hidden value still stands: in the bytes, or in a cell of the table."""
    text = source_of(clean, options.limits).text
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    rows = csv.reader(io.StringIO(text), delimiter=separator_of(text) or ",")
    cells = ((f"row {number}", cell) for number, row in enumerate(rows, 1) for cell in row)
    return bytes_check(clean, values), places_check("cells", cells, values)


def walk(source: Source, options: ReadOptions) -> tuple[Builder, list[tuple[int, int, str]]]:
    """Return the cells as blocks and pieces, and the list that edits of the source go to."""
    builder = Builder(options.limits)
    edits: list[tuple[int, int, str]] = []
    separator = separator_of(source.text) or ","
    for cell in cells_of(source.text, separator):
        if cell.value:
            builder.open(Role.CELL, table=1, row=cell.row, column=cell.column)
            builder.add(cell.value, _Setter(cell, separator, edits))
    builder.close()
    return builder, edits


class _Setter:
    # A table has very many: a closure takes three times the memory.
    __slots__ = ("_cell", "_edits", "_separator")

    def __init__(self, cell: Cell, separator: str, edits: list[tuple[int, int, str]]) -> None:
        self._cell = cell
        self._separator = separator
        self._edits = edits

    def __call__(self, value: str) -> None:
        needs_quotes = any(sign in value for sign in (self._separator, '"', "\n", "\r"))
        if self._cell.is_quoted or needs_quotes:
            value = '"' + value.replace('"', '""') + '"'
        self._edits.append((self._cell.start, self._cell.end, value))


def separator_of(text: str) -> str | None:
    """Return what stands between cells: the sign that cuts most lines into as many cells.

    None for a text that no sign cuts so.
    """
    if named := _NAMED.match(text):
        return named[1]
    best: tuple[float, int, str] | None = None
    for separator in SEPARATORS:
        score = _evenness(source_from(text[:_SAMPLE_CHARACTERS]).text, separator)
        if score and (best is None or score > best[:2]):
            best = (*score, separator)
    return best[2] if best else None


def _evenness(sample: str, separator: str) -> tuple[float, int] | None:
    """Return which share of rows has as many cells as most, and how many; None if few do."""
    widths: Counter[int] = Counter()
    for _, row in itertools.groupby(cells_of(sample, separator), key=lambda cell: cell.row):
        width = sum(1 for _ in row)
        widths[width] += 1
        if widths.total() >= _SAMPLE_ROWS:
            break
    (width, count), *_ = widths.most_common(1) or [(0, 0)]
    share = count / max(widths.total(), 1)
    return (share, width) if width > 1 and share >= 0.6 else None


def cells_of(text: str, separator: str) -> Iterator[Cell]:
    """Yield the cells of a text with LF line ends; empty lines have none.

    A quote that is never closed runs to the end of the text, and text after a closing quote
    belongs to its cell, as in Python's own reader.
    """
    sign = re.escape(separator)
    plain = re.compile(rf"[^{sign}\n]*")
    quoted = re.compile(r'"((?:[^"]+|"")*+)(?:"|\Z)')
    row = column = at = 0
    while at < len(text):
        if text[at] == "\n" and column == 0:
            at += 1
            continue
        start = at
        opening = quoted.match(text, at)
        rest = plain.match(text, opening.end() if opening else at)
        at = rest.end() if rest else at
        value = text[start:at]
        if opening:
            value = opening[1].replace('""', '"') + text[opening.end() : at]
        yield Cell(row, column, start, at, value, is_quoted=opening is not None)
        is_last = at >= len(text) or text[at] == "\n"
        if not is_last and at + 1 == len(text):
            yield Cell(row, column + 1, at + 1, at + 1, "", is_quoted=False)
        at += 1
        row, column = (row + 1, 0) if is_last else (row, column + 1)
