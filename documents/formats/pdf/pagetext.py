"""The blocks of a page as text, and its words with their boxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from documents.formats.model import Box, Role, Word
from documents.formats.pdf.lines import Line, around
from documents.formats.pdf.paragraphs import Draft, Piece

WORD = re.compile(r"\S+")


def text_of(drafts: Sequence[Draft]) -> tuple[str, list[int]]:
    """Return blocks as one text, and where each begins in it."""
    parts: list[str] = []
    starts: list[int] = []
    length = 0
    before: Draft | None = None
    for draft in drafts:
        if before is not None:
            parts.append(separator(before, draft))
            length += 1
        starts.append(length)
        parts.append(draft.text)
        length += len(draft.text)
        before = draft
    return "".join(parts), starts


def separator(before: Draft, draft: Draft) -> str:
    """Return what stands between two blocks: a tab between cells of a row, else a line end."""
    is_same_row = before.role is draft.role is Role.CELL and (
        (before.table, before.row) == (draft.table, draft.row)
    )
    return "\t" if is_same_row else "\n"


def words_of(draft: Draft, start: int) -> Iterable[Word]:
    """Yield the words of a block that begins at `start`; one cut by a line end is two."""
    for piece in draft.pieces:
        line = piece.line
        offset = start + piece.start - piece.first
        for match in WORD.finditer(line.text, piece.first, piece.last):
            first, last = match.span()
            yield Word(offset + first, offset + last, *_boxed(line, first, last))


def _boxed(line: Line, first: int, last: int) -> tuple[Box, tuple[float, ...]]:
    boxes = line.boxes[first:last]
    if line.turn or line.is_oblique or line.is_vertical or line.is_mirrored:
        return around(boxes), ()
    edges = [box[0] for box in boxes]
    edges.append(boxes[-1][2])
    if edges == sorted(edges):
        return (edges[0], line.y0, edges[-1], line.y1), tuple(edges)
    return (min(edges), line.y0, max(box[2] for box in boxes), line.y1), ()


def piece_ranges(draft: Draft, start: int, end: int) -> Iterable[tuple[Piece, int, int]]:
    """Yield the pieces that characters [start, end) of a block lie in, with ranges of their lines.

    A hyphen that joining left out belongs to a range that goes on after it.
    """
    for piece in draft.pieces:
        length = piece.last - piece.first
        low = max(start - piece.start, 0)
        high = min(end - piece.start, length)
        if low >= high:
            continue
        is_cut = high == length and end > piece.start + length
        last = len(piece.line.text) if is_cut else piece.first + high
        yield piece, piece.first + low, last
