"""One page: its hidden regions taken out of its content."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pymupdf

from documents.formats.model import Page, Word
from documents.formats.pdf.areas import (
    Area,
    Box,
    area_of_quad,
    inverted,
    padded,
    page_matrix,
    strip_of,
)
from documents.formats.pdf.bars import LETTERS_OVER_EM, ROOM, STEP, Piece
from documents.formats.pdf.locate import Region
from documents.formats.pdf.rasterise import PagePicture, picture_of
from documents.formats.pdf.removal import (
    box_area,
    ink_remains,
    marks_of,
    remove_from_page,
    remove_outside,
    text_remains,
    words_of,
)


@dataclass(frozen=True, slots=True)
class RedactedPage:
    """A page after removal.

    areas:   what was hidden, in coordinates of the unrotated page
    pieces:  the same in coordinates of the file
    rules:   thin lines of the page, in coordinates of the file
    letters: what the page still shows, counted
    picture: of the unrotated page where removal left something over: to be shown instead
    """

    areas: list[Area]
    pieces: list[Piece]
    rules: list[Box]
    letters: Counter[str]
    picture: PagePicture | None


def redact_page(page: pymupdf.Page, regions: Sequence[Region], read: Page) -> RedactedPage | None:
    """Take hidden regions, and what lies beyond the page's edges, out of a page's content."""
    turned, rotation = page.derotation_matrix, page.rotation
    if rotation:
        page.set_rotation(0)
    try:
        return _redact_unrotated(page, regions, read, turned)
    finally:
        if rotation:
            page.set_rotation(rotation)


def unrotated_picture(page: pymupdf.Page, areas: Sequence[Area]) -> PagePicture:
    """Return a page without its rotation as a picture, areas covered."""
    rotation = page.rotation
    page.set_rotation(0)
    try:
        return picture_of(page, covered=areas)
    finally:
        page.set_rotation(rotation)


def letters_of(page: pymupdf.Page) -> Counter[str]:
    """Return the letters that a page shows, counted."""
    return Counter("".join(text for _, text in words_of(page)))


def _redact_unrotated(
    page: pymupdf.Page, regions: Sequence[Region], read: Page, turned: pymupdf.Matrix
) -> RedactedPage | None:
    marks = marks_of(page)
    if marks.reach_outside:
        remove_outside(page)
    if not regions:
        return None
    quads = [area_of_quad(region.quad) for region in regions]
    fixed = [
        region.from_ocr or any(image.intersects(pymupdf.Rect(quad.box())) for image in marks.images)
        for region, quad in zip(regions, quads, strict=True)
    ]
    words = _corners_of(read.words if any(fixed) else (), turned)
    areas = [
        _widened(padded(quad), words, page.rect) if is_fixed else quad
        for quad, is_fixed in zip(quads, fixed, strict=True)
    ]
    cores = [area_of_quad(region.core) for region in regions]
    remove_from_page(
        page,
        strips=[
            core if region.from_ocr else strip_of(core)
            for core, region in zip(cores, regions, strict=True)
        ],
        over_pixels=[area for area, is_fixed in zip(areas, fixed, strict=True) if is_fixed],
        lines=[padded(area) for area in areas] if marks.has_lines else [],
    )
    read_from_pixels = [q for q, region in zip(quads, regions, strict=True) if region.from_ocr]
    is_clean = not text_remains(page, cores, words_of(page)) and not ink_remains(
        page, read_from_pixels
    )
    to_file = inverted(page_matrix(page))
    pieces = [
        Piece(
            area=area.moved(to_file),
            span=region.hidden,
            text=region.replacement if region.part == 0 else "",
            is_fixed=is_fixed or not is_clean,
        )
        for region, area, is_fixed in zip(regions, areas, fixed, strict=True)
    ]
    picture = None if is_clean else picture_of(page, covered=areas)
    rules = [box_area(*rule).moved(to_file).box() for rule in marks.rules]
    # Counted now: what was drawn more than once in a place is only gone after a second removal.
    return RedactedPage(areas, pieces, rules, letters_of(page), picture)


def _corners_of(words: Sequence[Word], turned: pymupdf.Matrix) -> np.ndarray:
    """Return the corners of words on the unrotated page: (words, 4, 2)."""
    boxes = np.array([word.box for word in words]).reshape(-1, 4)
    corners = boxes[:, [[0, 1], [2, 1], [0, 3], [2, 3]]]
    linear = np.array([[turned.a, turned.b], [turned.c, turned.d]])
    return np.asarray(corners @ linear + (turned.e, turned.f))


def _widened(area: Area, words: np.ndarray, page: pymupdf.Rect) -> Area:
    """Return an area that is a number of steps wide where nothing stands beside it.

    words: corners of the page's words, (words, 4, 2)
    """
    em = area.height / LETTERS_OVER_EM
    room = ROOM * em
    wanted = math.ceil(area.width / (STEP * em)) * STEP * em
    corners = np.array([tuple(point) for point in (page.tl, page.tr, page.bl, page.br)])
    page_end = float(((corners - area.origin) @ np.array(area.along)).max())
    starts = ((words - area.origin) @ np.array(area.along)).min(axis=1)
    across = (words.mean(axis=1) - area.origin) @ np.array(area.up)
    beside = starts[(across > 0) & (across < area.height) & (starts > area.width - room)]
    end = min(page_end, float(beside.min(initial=np.inf))) - room
    width = max(area.width, min(wanted, end))
    return area.resized(0, width, 0, area.height)
