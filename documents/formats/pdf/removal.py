"""Takes text and pixels out of the content of pages.

MuPDF filters the content: characters that an area touches go, those around them keep their place,
images are decoded, blanked and stored anew. What it misses is told by reading the page again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pymupdf

from documents.formats.pdf.areas import Area, Box

_ATTEMPTS = 3
# What is drawn, not what the file says that it reads as; and all of it, clipped or not.
_FLAGS = pymupdf.TEXT_IGNORE_ACTUALTEXT
# Points around the page beyond which nothing can be drawn.
_FAR = 20_000.0
_THICKEST_RULE = 3.0


class _Images(IntEnum):
    KEEP = pymupdf.PDF_REDACT_IMAGE_NONE
    BLANK = pymupdf.PDF_REDACT_IMAGE_PIXELS


class _Lines(IntEnum):
    KEEP = pymupdf.PDF_REDACT_LINE_ART_NONE
    REMOVE_COVERED = pymupdf.PDF_REDACT_LINE_ART_REMOVE_IF_COVERED


class _Text(IntEnum):
    REMOVE = pymupdf.PDF_REDACT_TEXT_REMOVE
    KEEP = pymupdf.PDF_REDACT_TEXT_NONE


def remove_from_page(
    page: pymupdf.Page,
    *,
    strips: Sequence[Area],
    over_pixels: Sequence[Area],
    lines: Sequence[Area],
) -> None:
    """Take hidden pieces out of a page's content; the page must not be rotated.

    strips:      areas that touch the hidden characters and no others
    over_pixels: what is blanked in images
    lines:       where line art is removed that lies inside: a line under a word is as long as it
    """
    _filter(page, strips, _Images.KEEP, _Lines.KEEP, _Text.REMOVE)
    _filter(page, lines, _Images.KEEP, _Lines.REMOVE_COVERED, _Text.KEEP)
    _filter(page, over_pixels, _Images.BLANK, _Lines.REMOVE_COVERED, _Text.KEEP)


def remove_outside(page: pymupdf.Page) -> None:
    """Take out what lies beyond a page's edges, where no reader sees it; no rotation allowed."""
    _, _, right, bottom = page.rect
    frame = [
        box_area(-_FAR, -_FAR, _FAR, -0.01),
        box_area(-_FAR, bottom + 0.01, _FAR, _FAR),
        box_area(-_FAR, -_FAR, -0.01, _FAR),
        box_area(right + 0.01, -_FAR, _FAR, _FAR),
    ]
    _filter(page, frame, _Images.BLANK, _Lines.REMOVE_COVERED, _Text.KEEP)
    outside = [
        _dot(x, y)
        for x, y in _centres_of_characters(page)
        if not (0 <= x <= right and 0 <= y <= bottom)
    ]
    _filter(page, outside, _Images.KEEP, _Lines.KEEP, _Text.REMOVE)


@dataclass(frozen=True, slots=True)
class Marks:
    """What a page draws, as boxes.

    rules:         thin lines that may part columns
    reach_outside: whether text or images lie beyond the page's edges
    """

    images: tuple[pymupdf.Rect, ...]
    rules: tuple[Box, ...]
    has_lines: bool
    reach_outside: bool


def marks_of(page: pymupdf.Page) -> Marks:
    """Return what a page draws; the page must not be rotated."""
    log = [(kind, pymupdf.Rect(box)) for kind, box in page.get_bboxlog()]
    inside = pymupdf.Rect(-0.5, -0.5, page.rect.x1 + 0.5, page.rect.y1 + 0.5)
    return Marks(
        images=tuple(box for kind, box in log if "image" in kind),
        rules=tuple(tuple(box) for kind, box in log if "path" in kind and _is_rule(box)),
        has_lines=any("path" in kind or "shade" in kind for kind, _ in log),
        reach_outside=any(
            not inside.contains(box)
            for kind, box in log
            if ("text" in kind or "image" in kind) and not box.is_empty
        ),
    )


def _is_rule(box: pymupdf.Rect) -> bool:
    return bool(min(box.width, box.height) <= _THICKEST_RULE < max(box.width, box.height))


def ink_remains(page: pymupdf.Page, areas: Sequence[Area]) -> bool:
    """Say whether anything is still drawn in areas that were read from pixels."""
    for area in areas:
        inset = 0.15 * area.height
        box = area.resized(inset, area.width - inset, inset, area.height - inset).box()
        pixels = page.get_pixmap(clip=pymupdf.Rect(box), matrix=pymupdf.Matrix(1.5, 1.5))
        if not pixels.is_unicolor:
            return True
    return False


def words_of(page: pymupdf.Page) -> list[tuple[Box, str]]:
    """Return the words that a page's content holds, with their boxes."""
    words = page.get_text("words", clip=pymupdf.INFINITE_RECT(), flags=_FLAGS)
    return [(word[:4], word[4]) for word in words]


def text_remains(
    page: pymupdf.Page, cores: Sequence[Area], words: Sequence[tuple[Box, str]]
) -> bool:
    """Say whether characters remain that cannot be removed (text inside of a pattern).

    words: of the page, as it is
    """
    suspects = _touched(cores, np.array([box for box, _ in words]).reshape(-1, 4))
    for attempt in range(_ATTEMPTS if suspects else 0):
        left = [
            _dot(x, y)
            for x, y in _centres_of_characters(page)
            if any(core.holds(x, y) for core in suspects)
        ]
        if not left:
            return False
        # Where a dot in their middle does not meet them, their box is not where they are drawn.
        found = suspects if attempt else left
        _filter(page, found, _Images.KEEP, _Lines.KEEP, _Text.REMOVE)
    return bool(suspects) and any(
        core.holds(x, y) for x, y in _centres_of_characters(page) for core in suspects
    )


def _touched(cores: Sequence[Area], boxes: np.ndarray) -> list[Area]:
    """Return the areas that boxes (one a row) reach into."""
    left, top, right, bottom = boxes.T
    return [
        core
        for core in cores
        for x0, y0, x1, y1 in [core.box()]
        if ((left < x1) & (x0 < right) & (top < y1) & (y0 < bottom)).any()
    ]


def _centres_of_characters(page: pymupdf.Page) -> list[tuple[float, float]]:
    content = page.get_text("rawdict", clip=pymupdf.INFINITE_RECT(), flags=_FLAGS)
    return [
        ((x0 + x1) / 2, (y0 + y1) / 2)
        for block in content["blocks"]
        for line in block.get("lines", ())
        for span in line["spans"]
        for char in span["chars"]
        if not char["c"].isspace()
        for x0, y0, x1, y1 in [char["bbox"]]
    ]


def _dot(x: float, y: float) -> Area:
    return box_area(x - 0.2, y - 0.2, x + 0.2, y + 0.2)


def box_area(x0: float, y0: float, x1: float, y1: float) -> Area:
    """Return an upright area of a page."""
    return Area((x0, y1), (1.0, 0.0), (0.0, -1.0), x1 - x0, y1 - y0)


def _filter(
    page: pymupdf.Page, areas: Sequence[Area], images: _Images, lines: _Lines, text: _Text
) -> None:
    """Filter a page's content once, with one annotation that holds all areas.

    PyMuPDF's own calls do the same with one annotation an area, eight times slower.
    """
    if not areas:
        return
    mupdf = pymupdf.mupdf
    pdf_page = mupdf.pdf_page_from_fz_page(page.this)
    annotation = mupdf.pdf_create_annot_raw(pdf_page, mupdf.PDF_ANNOT_REDACT)
    for area in areas:
        foot_left, foot_right, head_right, head_left = area.corners()
        quad = mupdf.fz_make_quad(*head_left, *head_right, *foot_left, *foot_right)
        mupdf.pdf_add_annot_quad_point(annotation, quad)
    options = mupdf.PdfRedactOptions()
    options.black_boxes = 0
    options.text = int(text)
    options.image_method = int(images)
    options.line_art = int(lines)
    mupdf.pdf_redact_page(pdf_page.doc(), pdf_page, options)
