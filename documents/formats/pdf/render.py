"""Pages as pictures, in bounded pixels."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pymupdf
from PIL import Image

from documents.formats.model import DamagedError, ReadOptions
from documents.formats.pdf.open import MUPDF_ERRORS, open_document

MOST_PIXELS = 40_000_000
MOST_PIXELS_SHOWN = 8_000_000
LONGEST_SIDE_PX = 16_000
WEBP_QUALITY = 80
# Channels further apart than this make a colour.
COLOURED = 24
FLAT_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class PageImage:
    """A page as an encoded picture. media_type: "image/png" or "image/webp"."""

    content: bytes
    media_type: str
    width: int
    height: int


def render_page(
    source: bytes | pymupdf.Document, number: int, *, options: ReadOptions, width_px: int = 1200
) -> PageImage:
    """Return page `number` (from 1) as displayed, `width_px` wide or less where it is very long.

    Raises FormatError as open_document does, and DamagedError where the page cannot be drawn.
    """
    is_ours = isinstance(source, bytes)
    document = open_document(source, options) if isinstance(source, bytes) else source
    try:
        page = page_of(document, number)
        scale = width_px / max(1.0, page.rect.width)
        pixmap = draw(page, page.rect, scale, max_pixels=MOST_PIXELS_SHOWN)
        return _encoded(pixmap)
    finally:
        if is_ours:
            document.close()


def page_of(document: pymupdf.Document, number: int) -> pymupdf.Page:
    """Return page `number` (from 1); raises DamagedError where it cannot be loaded."""
    try:
        return document[number - 1]
    except (*MUPDF_ERRORS, IndexError) as exc:
        raise DamagedError(f"Page {number} of the PDF is damaged.") from exc


def draw(
    page: pymupdf.Page,
    area: pymupdf.Rect,
    scale: float,
    *,
    max_pixels: int = MOST_PIXELS,
    is_grey: bool = False,
) -> pymupdf.Pixmap:
    """Return an area of a page as displayed, `scale` pixels a point or fewer so as to fit."""
    scale = fitting(area, scale, max_pixels)
    space = pymupdf.csGRAY if is_grey else pymupdf.csRGB
    matrix = pymupdf.Matrix(scale, scale)
    try:
        return page.get_pixmap(matrix=matrix, clip=area, colorspace=space, alpha=False)
    except MUPDF_ERRORS as exc:
        raise DamagedError(f"Page {page.number + 1} of the PDF cannot be drawn.") from exc


def fitting(area: pymupdf.Rect, scale: float, max_pixels: int) -> float:
    """Return a scale, made smaller so that an area keeps within pixels and the longest side."""
    wide, high = max(1.0, area.width), max(1.0, area.height)
    most = min((max_pixels / (wide * high)) ** 0.5, LONGEST_SIDE_PX / max(wide, high))
    return float(min(scale, most))


def _encoded(pixmap: pymupdf.Pixmap) -> PageImage:
    """Return pixels as PNG of sixteen greys for black on white, as WebP for all else.

    Measured on pages of 1200 px: 100 KiB in place of WebP's 190 for text, and letters stay sharp;
    photographs and scans are half as large in WebP.
    """
    size = (pixmap.width, pixmap.height)
    image = Image.frombytes("RGB", size, pixmap.samples)
    out = BytesIO()
    if _is_black_on_white(image):
        greys = image.convert("L").point([round(value / 17) for value in range(256)])
        greys.putpalette([value * 17 for value in range(16) for _ in range(3)])
        greys.save(out, "PNG", bits=4, compress_level=6)
        return PageImage(out.getvalue(), "image/png", *size)
    image.save(out, "WEBP", quality=WEBP_QUALITY, method=2)
    return PageImage(out.getvalue(), "image/webp", *size)


def _is_black_on_white(image: Image.Image) -> bool:
    """Say whether a picture has no colours, and little between black and white."""
    values = np.asarray(image.reduce(2) if min(image.size) > 100 else image).astype(np.int16)
    if int((values.max(axis=2) - values.min(axis=2)).max(initial=0)) > COLOURED:
        return False
    grey = values[:, :, 0]
    return bool(((grey > 243) | (grey < 12)).mean() > FLAT_SHARE)
