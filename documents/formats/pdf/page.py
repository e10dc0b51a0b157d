"""The text layer of a page, laid out: what reading and locating both walk."""

from __future__ import annotations

from dataclasses import dataclass

import pymupdf

from documents.formats.pdf.layout import layout
from documents.formats.pdf.lines import UNMAPPED, TextLayer, text_layer
from documents.formats.pdf.pagetext import text_of
from documents.formats.pdf.paragraphs import Draft

# From this share of glyphs without a known character the page's pixels are read too.
GARBLED_SHARE = 0.1
GARBLED_GLYPHS = 3


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A page's blocks, their text, and where in it each block begins.

    comes_last: whether the text read from pixels stands before this text rather than after it
    """

    layer: TextLayer
    drafts: list[Draft]
    text: str
    starts: list[int]
    is_garbled: bool
    comes_last: bool


def laid_out(page: pymupdf.Page) -> LaidOut:
    """Return a page's text layer in reading order; the same page gives the same."""
    layer = text_layer(page)
    glyphs = sum(len(line.text) for line in layer.lines)
    is_garbled = layer.unmapped >= GARBLED_GLYPHS and layer.unmapped > GARBLED_SHARE * glyphs
    lines = [
        line
        for line in layer.lines
        if not is_garbled or 2 * line.text.count(UNMAPPED) <= len(line.text)
    ]
    drafts = layout(lines, layer.vectors, layer.width, layer.height)
    text, starts = text_of(drafts)
    is_unseen = all(line.is_invisible for line in lines)
    return LaidOut(layer, drafts, text, starts, is_garbled, is_garbled or is_unseen)
