"""Spans and blocks: a span lies in one block, since only there it can be written."""

from __future__ import annotations

from collections.abc import Sequence

from anonymizer.text import split_at
from documents.formats.model import Block
from inference.engine.spans import Span


def cut_at_blocks(
    spans: Sequence[Span], blocks: Sequence[Block], *, start: int = 0, name_end: int = 0
) -> list[Span]:
    """Cut spans at the ends of blocks; what lies between blocks falls away.

    start:    offset of the file's text, whose offset 0 the blocks speak of
    name_end: end of the file's name, which stands before that text and is a block as well
    """
    inside = [(0, name_end)] if name_end else []
    inside += [(start + block.start, start + block.end) for block in blocks]
    edges = sorted({edge for limits in inside for edge in limits})
    parts, index = [], 0
    for part in split_at(spans, edges):
        while index < len(inside) and inside[index][1] <= part.start:
            index += 1
        if index < len(inside) and inside[index][0] <= part.start:
            parts.append(part)
    return parts
