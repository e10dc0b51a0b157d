"""What MuPDF finds on a page, as the dicts that PyMuPDF makes of it, with nothing left out."""

from __future__ import annotations

from typing import Any

import pymupdf

Raw = dict[str, Any]


def textpage_of(page: pymupdf.Page, flags: int) -> pymupdf.TextPage:
    """Return what a page draws, also beyond its edges, in points as displayed.

    PyMuPDF's own Page.get_textpage turns pages back first.
    """
    mupdf = pymupdf.mupdf
    options = mupdf.FzStextOptions()
    options.flags = flags
    structured = mupdf.FzStextPage(mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE))
    device = mupdf.FzDevice(structured, options)
    mupdf.fz_run_page(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return pymupdf.TextPage(structured)


def blocks_of(textpage: pymupdf.TextPage) -> list[Raw]:
    """Return the blocks of TextPage.extractRAWDICT, with the glyphs without width it leaves out."""
    blocks: list[Raw] = textpage.extractRAWDICT()["blocks"]
    found = sum(
        len(span["chars"])
        for block in blocks
        if block["type"] == 0
        for line in block["lines"]
        for span in line["spans"]
    )
    # The two count alike on all but a few pages; those are worth being walked slowly.
    if found == len(textpage.extractText().replace("\n", "")):
        return blocks
    vectors = [block for block in blocks if block["type"] == pymupdf.mupdf.FZ_STEXT_BLOCK_VECTOR]
    return _text_blocks(textpage) + vectors


def _text_blocks(textpage: pymupdf.TextPage) -> list[Raw]:
    """Return the blocks of text, glyph by glyph: fifty times slower, and complete."""
    kind = pymupdf.mupdf.FZ_STEXT_BLOCK_TEXT
    return [
        {"type": 0, "lines": [_line(line) for line in block]}
        for block in textpage.this
        if block.m_internal.type == kind
    ]


def _line(line: Any) -> Raw:
    spans: list[Raw] = []
    look = None
    for glyph in line:
        one = glyph.m_internal
        flags = one.flags & ~pymupdf.mupdf.FZ_STEXT_SYNTHETIC
        is_bold = bool(pymupdf.mupdf.ll_fz_font_is_bold(one.font))
        now = (one.size, flags, one.argb, is_bold)
        if now != look:
            look = now
            spans.append(
                {
                    "size": one.size,
                    "flags": pymupdf.TEXT_FONT_BOLD if is_bold else 0,
                    "char_flags": flags,
                    "alpha": one.argb >> 24 & 0xFF,
                    "origin": (one.origin.x, one.origin.y),
                    "chars": [],
                }
            )
        quad = one.quad
        xs = [quad.ul.x, quad.ur.x, quad.ll.x, quad.lr.x]
        ys = [quad.ul.y, quad.ur.y, quad.ll.y, quad.lr.y]
        spans[-1]["chars"].append(
            {
                "c": chr(one.c) if 0 <= one.c < 0x110000 else "\ufffd",
                "bbox": (min(xs), min(ys), max(xs), max(ys)),
                "origin": (one.origin.x, one.origin.y),
            }
        )
    direction = line.m_internal.dir
    wmode = int(line.m_internal.wmode)
    return {"dir": (direction.x, direction.y), "wmode": wmode, "spans": spans}
