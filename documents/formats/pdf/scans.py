"""What only a page's pixels tell: which areas to read by OCR, and their words as lines."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np
import pymupdf
from PIL import Image

from anonymizer.ocr import OcrWord, read_words
from documents.formats.model import Box, ReadOptions, Role
from documents.formats.pdf.glyphs import textpage_of
from documents.formats.pdf.layout import layout
from documents.formats.pdf.lines import UNMAPPED, Line, displayed, place, upright
from documents.formats.pdf.page import LaidOut
from documents.formats.pdf.paragraphs import Draft, is_wide
from documents.formats.pdf.render import draw, fitting
from documents.formats.survivors import folded

IN_A_PICTURE = "Text in a picture"
LOWEST_DPI = 150
HIGHEST_DPI = 220
DEFAULT_DPI = 200
MOST_PIXELS = 16_000_000
SMALLEST_PT = (18.0, 7.0)
SMALLEST_PX = (24, 8)
# A picture, or pictures together, of this share of the page is the page.
WHOLE_PAGE_SHARE = 0.6
# As many small shapes that are neither rules nor rectangles may be letters drawn as paths.
OUTLINED_SHAPES = 12
OUTLINE_PT = (2.0, 60.0)
LOWEST_CONFIDENCE = 0.2
# Ink that an invisible layer has no words for: beyond this share it is not to be trusted.
UNREAD_INK = 0.12
# How a layer is tried: lines above and below its longest one, words that OCR is sure of, and the
# share of them that it has to know.
SAMPLE_LINES = 2.5
SURE = 0.8
AGREED_SHARE = 0.85
LEAST_CONTRAST = 16
CAPITAL_HEIGHT = 0.72
GAP_IN_SIZES = 1.6


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a page to be read by OCR.

    scale:   pixels a point
    claimed: lines of an invisible text layer that may have been read from the same pixels: where
             a sample agrees with them, the rest is taken from them
    """

    rect: pymupdf.Rect
    scale: float
    is_whole_page: bool
    claimed: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Scan:
    """Pixels of an area, ready to be read in any thread."""

    area: Area
    image: Image.Image


def areas_to_read(page: pymupdf.Page, laid: LaidOut) -> list[Area]:
    """Return the parts of a page that may show text which its text layer does not hold."""
    whole = page.rect
    pictures = _pictures(page)
    rects = [rect for rect, _ in pictures]
    outlined = _outlined(laid)
    if laid.is_garbled:
        return [_area(whole, pictures, is_whole_page=True)]
    if outlined is not None:
        rects.append(outlined & whole)
    if not rects:
        return []
    merged = _merged(rects)
    seen = any(not line.is_invisible for line in laid.layer.lines)
    covered = sum(rect.get_area() for rect in merged)
    if covered >= WHOLE_PAGE_SHARE * whole.get_area() or not laid.layer.lines:
        merged = [whole]
    areas = [
        _area(rect, pictures, is_whole_page=not seen and rect == whole)
        for rect in merged
        if rect.width >= SMALLEST_PT[0] and rect.height >= SMALLEST_PT[1]
    ]
    return [replace(area, claimed=_claimed(page, area, laid)) for area in areas]


def scan(page: pymupdf.Page, area: Area) -> Scan:
    """Return an area's pixels, grey."""
    pixmap = draw(page, area.rect, area.scale, max_pixels=MOST_PIXELS, is_grey=True)
    image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    return Scan(area, image)


def lines_read(scan: Scan, options: ReadOptions) -> list[Line]:
    """Return the lines that OCR reads in a scan, in points of the page."""
    if _is_plain(scan.image) or _agrees_with_layer(scan, options):
        return []
    words = [
        word
        for word in read_words(scan.image, languages=options.languages)
        if word.confidence >= LOWEST_CONFIDENCE and word.text.strip()
    ]
    turn = _turn_of(words)
    lines: list[Line] = []
    for _, group in groupby(words, key=lambda word: (word.block, word.line)):
        lines.extend(_lines_of(list(group), turn, scan))
    for number, line in enumerate(lines):
        line.number = number
    return lines


def drafts_of(scan: Scan, lines: Sequence[Line], laid: LaidOut) -> list[Draft]:
    """Return the blocks that a scan adds to what the page's text layer shows."""
    new = _not_in_layer(lines, laid)
    drafts = layout(new, laid.layer.vectors, laid.layer.width, laid.layer.height)
    if drafts and not scan.area.is_whole_page:
        drafts[0].title = IN_A_PICTURE
        for draft in drafts:
            if draft.role is not Role.CELL:
                draft.role = Role.PICTURE
    return drafts


def _not_in_layer(lines: Sequence[Line], laid: LaidOut) -> list[Line]:
    """Return lines without the words that the visible text layer shows in the same place."""
    seen = [
        line.box
        for line in laid.layer.lines
        if not line.is_invisible and not (laid.is_garbled and UNMAPPED in line.text)
    ]
    if not seen:
        return list(lines)
    boxes = np.array(seen)
    kept = []
    for line in lines:
        centres = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, y0, x1, y1 in line.boxes]
        free = [not _is_in_any(x, y, boxes) for x, y in centres]
        signs = sum(not char.isspace() for char in line.text)
        if sum(f and not c.isspace() for f, c in zip(free, line.text, strict=True)) * 2 > signs:
            kept.append(line)
    return kept


def _is_in_any(x: float, y: float, boxes: np.ndarray) -> bool:
    inside = (boxes[:, 0] <= x) & (x <= boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 3])
    return bool(inside.any())


def _pictures(page: pymupdf.Page) -> list[tuple[pymupdf.Rect, float]]:
    """Return where a page shows pictures, and with how many dots an inch."""
    found = []
    for info in textpage_of(page, pymupdf.TEXT_PRESERVE_IMAGES).extractIMGINFO():
        rect = pymupdf.Rect(info["bbox"]) & page.rect
        width, height = info["width"], info["height"]
        if rect.is_empty or width < SMALLEST_PX[0] or height < SMALLEST_PX[1]:
            continue
        full = pymupdf.Rect(info["bbox"])
        found.append((rect, 72 * max(width, height) / max(full.width, full.height, 1.0)))
    return found


def _outlined(laid: LaidOut) -> pymupdf.Rect | None:
    """Return where shapes of the size of letters are drawn, if there are many."""
    low, high = OUTLINE_PT
    shapes = [
        vector.box
        for vector in laid.layer.vectors
        if not vector.is_straight
        and low <= vector.box[3] - vector.box[1] <= high
        and vector.box[2] - vector.box[0] <= 4 * high
    ]
    if not shapes or (len(shapes) < OUTLINED_SHAPES and laid.layer.lines):
        return None
    rect = pymupdf.Rect()
    for box in shapes:
        rect |= pymupdf.Rect(box)
    return pymupdf.Rect(rect.x0 - 2, rect.y0 - 2, rect.x1 + 2, rect.y1 + 2)


def _merged(rects: Sequence[pymupdf.Rect]) -> list[pymupdf.Rect]:
    """Return rectangles with those joined that touch: scans often come in strips."""
    merged: list[pymupdf.Rect] = []
    for rect in rects:
        joined = pymupdf.Rect(rect)
        apart = []
        for other in merged:
            if _touch(other, joined):
                joined |= other
            else:
                apart.append(other)
        merged = [*apart, joined]
    return sorted(merged, key=lambda rect: (rect.y0, rect.x0))


def _touch(one: pymupdf.Rect, two: pymupdf.Rect) -> bool:
    return bool(
        one.x0 - 1 < two.x1 and two.x0 < one.x1 + 1 and one.y0 - 1 < two.y1 and two.y0 < one.y1 + 1
    )


def _area(
    rect: pymupdf.Rect, pictures: Sequence[tuple[pymupdf.Rect, float]], *, is_whole_page: bool
) -> Area:
    dots = [dpi for other, dpi in pictures if other.intersects(rect)]
    dpi = max(dots) if dots else DEFAULT_DPI
    if dpi < LOWEST_DPI:
        dpi *= 2
    dpi = min(HIGHEST_DPI, max(LOWEST_DPI, dpi))
    return Area(rect, fitting(rect, dpi / 72, MOST_PIXELS), is_whole_page)


def _is_plain(image: Image.Image) -> bool:
    """Say whether a picture shows too little contrast to hold writing."""
    low, high = np.asarray(image).min(), np.asarray(image).max()
    return int(high) - int(low) < LEAST_CONTRAST


def _claimed(page: pymupdf.Page, area: Area, laid: LaidOut) -> tuple[Line, ...]:
    """Return the lines of an invisible layer that has words for all that is written in an area."""
    inside = tuple(
        line
        for line in laid.layer.lines
        if line.is_invisible and pymupdf.Rect(line.box).intersects(area.rect)
    )
    signs = [char for line in inside for char in line.text if not char.isspace()]
    if len(signs) < 20 or sum(map(str.isalnum, signs)) < 0.7 * len(signs):
        return ()
    return inside if _unread_ink(page, area, laid) <= UNREAD_INK else ()


def _agrees_with_layer(scan: Scan, options: ReadOptions) -> bool:
    """Say whether OCR of a few lines finds the words that the layer claims to stand there."""
    claimed = [line for line in scan.area.claimed if line.turn == 0]
    if not claimed:
        return False
    longest = max(claimed, key=lambda line: (len(line.text), -line.number))
    rect = scan.area.rect
    scale = scan.image.width / rect.width
    height = longest.y1 - longest.y0
    top = max(0, round((longest.y0 - SAMPLE_LINES * height - rect.y0) * scale))
    bottom = round((longest.y1 + SAMPLE_LINES * height - rect.y0) * scale)
    sample = scan.image.crop((0, top, scan.image.width, min(scan.image.height, bottom)))
    found = [
        folded(word.text)
        for word in read_words(sample, languages=options.languages)
        if word.confidence >= SURE and len(word.text) >= 3
    ]
    layer = folded(" ".join(line.text for line in claimed)).replace(" ", "")
    agreed = sum(word.replace(" ", "") in layer for word in found)
    return len(found) >= 3 and agreed >= AGREED_SHARE * len(found)


def _unread_ink(page: pymupdf.Page, area: Area, laid: LaidOut) -> float:
    """Return the share of dark pixels that lie outside of all lines of the text layer."""
    scale = fitting(area.rect, 1.0, 2_000_000)
    pixmap = draw(page, area.rect, scale, is_grey=True)
    grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width)
    dark = grey < (int(grey.max()) + int(np.median(grey))) / 2 - 40
    total = int(dark.sum())
    if not total:
        return 0.0
    unread = dark.copy()
    for line in laid.layer.lines:
        x0, y0, x1, y1 = line.box
        left, top = (x0 - area.rect.x0 - 2) * scale, (y0 - area.rect.y0 - 2) * scale
        right, bottom = (x1 - area.rect.x0 + 2) * scale, (y1 - area.rect.y0 + 2) * scale
        unread[max(0, int(top)) : max(0, int(bottom) + 1), max(0, int(left)) : int(right) + 1] = 0
    return int(unread.sum()) / total


def _turn_of(words: Sequence[OcrWord]) -> int:
    """Return the quarter turns clockwise that most lines run from left-to-right."""
    votes: Counter[int] = Counter()
    for one, two in pairwise(words):
        if (one.block, one.line) == (two.block, two.line):
            across = two.box[0] + two.box[2] - one.box[0] - one.box[2]
            down = two.box[1] + two.box[3] - one.box[1] - one.box[3]
            if abs(across) >= abs(down):
                votes[0 if across > 0 else 2] += 1
            else:
                votes[1 if down > 0 else 3] += 1
    return max(votes, key=lambda turn: (votes[turn], -turn), default=0)


def _lines_of(words: list[OcrWord], turn: int, scan: Scan) -> list[Line]:
    """Return the words of one line as lines of a page, cut at wide gaps."""
    placed = [(upright(word.box, turn), word) for word in words]
    placed.sort(key=lambda pair: pair[0][0])
    heights = sorted(box[3] - box[1] for box, _ in placed)
    size = heights[int(0.8 * (len(heights) - 1))] / CAPITAL_HEIGHT
    groups = [[placed[0]]]
    for before, pair in pairwise(placed):
        if pair[0][0] - before[0][2] > GAP_IN_SIZES * size:
            groups.append([])
        groups[-1].append(pair)
    return [_line(group, turn, size, scan) for group in groups]


def _line(placed: Sequence[tuple[Box, OcrWord]], turn: int, size: float, scan: Scan) -> Line:
    scale = scan.image.width / scan.area.rect.width
    left, top = scan.area.rect.x0, scan.area.rect.y0
    text = ""
    boxes: list[Box] = []
    edge = 0.0
    for (x0, y0, x1, y1), word in placed:
        # Each sign of a script without spaces is read as a word of its own.
        if text and not (is_wide(text[-1]) and is_wide(word.text[0])):
            text += " "
            boxes.append((edge, y0, max(edge, x0), y1))
        known = word.edges if turn == 0 else ()
        edges = known or np.linspace(x0, x1, len(word.text) + 1).tolist()
        boxes += [(a, y0, b, y1) for a, b in pairwise(edges)]
        text += word.text
        edge = x1
    points = []
    for box in boxes:
        a, b, c, d = displayed(box, turn)
        points.append((left + a / scale, top + b / scale, left + c / scale, top + d / scale))
    line = place(Line(text, points, size / scale, is_bold=False, turn=turn, from_ocr=True))
    bottoms = [box[3] / scale for box, _ in placed]
    line.base = statistics.median(bottoms) + (line.y1 - max(bottoms))
    return line
