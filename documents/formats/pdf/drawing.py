"""Draws bars and what is written on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import pymupdf
from pikepdf import Dictionary, Name

from documents.formats.pdf.areas import Area
from documents.formats.pdf.bars import Bar

FONT_NAME = "/BlackbarLabel"
_LARGEST, _COMFORTABLE, _SMALLEST = 9.0, 6.0, 4.0
# Share of a bar's height that its letters take, and of its width that they may fill.
_HEIGHT_SHARE, _WIDTH_SHARE = 0.62, 0.94


def bars_drawn(bars: Sequence[Bar]) -> bytes:
    """Return the content that draws bars: black, and in white what stands in place of the text."""
    parts = [b"q 0 g", *(_filled(bar.area) for bar in bars)]
    parts += [written for bar in bars if (written := _written(bar))]
    return b"\n".join([*parts, b"Q"])


def text_on(bars: Iterable[Bar]) -> str:
    """Return what is written on bars, in a row."""
    return "".join(fitted[0] for bar in bars if (fitted := _fitted(bar)) is not None)


def label_font() -> Dictionary:
    """Return the font of what is written on bars."""
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Name.WinAnsiEncoding,
    )


def _filled(area: Area) -> bytes:
    if area.is_upright():
        x0, y0, x1, y1 = area.box()
        return b"%.3f %.3f %.3f %.3f re f" % (x0, y0, x1 - x0, y1 - y0)
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = area.corners()
    steps = b"%.3f %.3f m %.3f %.3f l %.3f %.3f l %.3f %.3f l h f"
    return steps % (ax, ay, bx, by, cx, cy, dx, dy)


def _written(bar: Bar) -> bytes:
    fitted = _fitted(bar)
    if fitted is None:
        return b""
    text, size, width = fitted
    area = bar.area
    x, y = area.at((area.width - width) / 2, (area.height - 0.7 * size) / 2)
    (a, b), (c, d) = area.along, area.up
    return b"BT 1 g %s %.2f Tf %.5f %.5f %.5f %.5f %.3f %.3f Tm <%s> Tj ET" % (
        FONT_NAME.encode(),
        size,
        a,
        b,
        c,
        d,
        x,
        y,
        text.encode("cp1252").hex().encode(),
    )


def _fitted(bar: Bar) -> tuple[str, float, float] | None:
    """Return the text that fits on a bar, its size and width; None if nothing does."""
    whole = bar.text.strip("<>[]{} ")
    short = whole.removeprefix("PRIVATE_")
    largest = min(_LARGEST, _HEIGHT_SHARE * bar.area.height)
    for smallest in (_COMFORTABLE, _SMALLEST):
        for text in (whole, short):
            width = _width_of(text)
            if not width:
                return None
            size = min(largest, _WIDTH_SHARE * bar.area.width / width)
            if size >= smallest:
                return text, size, width * size
    return None


@lru_cache(maxsize=4096)
def _width_of(text: str) -> float:
    """Return a text's width at size 1; 0 for one that the font cannot show."""
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return 0.0
    return float(_font().text_length(text, fontsize=1))


@lru_cache(maxsize=1)
def _font() -> pymupdf.Font:
    return pymupdf.Font("helv")
