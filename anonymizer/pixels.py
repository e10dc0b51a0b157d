"""Solid bars over pixels, and where they go: from spans over words to rectangles.

Only solid bars hide. Blurred and pixelated text has been read back often enough.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

from PIL import Image, ImageDraw, ImageFont

Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]

# Share of a box's height that is added on each side, and the least in pixels: OCR's boxes end where
# ink is dark, smoothed edges go a little further.
PADDING = 0.12
LEAST_PADDING_PX = 2
# Words of a line this many heights apart are hidden by one bar, blank between them included.
JOINED_WITHIN_HEIGHTS = 2.0
_SMALLEST_TAG_PX = 9


class PlacedWord(Protocol):
    """A word of a text with its place. edges: see `OcrWord`; empty where not known."""

    @property
    def start(self) -> int:
        """Offset of the first code point."""

    @property
    def end(self) -> int:
        """Offset after the last."""

    @property
    def box(self) -> Box:
        """x0, y0, x1, y1 from the top left."""

    @property
    def edges(self) -> tuple[float, ...]:
        """x of each character's left edge and of the last one's right edge, or nothing."""


def boxes_of(start: int, end: int, words: Iterable[PlacedWord]) -> list[Box]:
    """Return the rectangles of [start, end): one for each line, or more where lines have gaps.

    Exact to the character in words whose edges are known; of others the whole word.
    """
    boxes: list[Box] = []
    last_word_end = -1
    for word in words:
        first, last = max(start, word.start), min(end, word.end)
        if first >= last:
            continue
        box = _part_of(word, first, last)
        if boxes and last_word_end <= word.start and _are_neighbours(boxes[-1], box):
            boxes[-1] = _union(boxes[-1], box)
        else:
            boxes.append(box)
        last_word_end = word.end
    return boxes


def cover(
    image: Image.Image,
    boxes: Sequence[Box],
    *,
    colour: Colour = (0, 0, 0),
    padding: float = PADDING,
    tags: Sequence[str] = (),
) -> Image.Image:
    """Return a copy with a solid bar over each box, a little larger than the box.

    padding: share of the box's height added on each side, at least two pixels
    tags:    a short word for each box, written on its bar where it fits
    """
    covered = image.convert("RGB") if image.mode != "RGB" else image.copy()
    covered.info = {}
    draw = ImageDraw.Draw(covered)
    bars = [padded(box, image.size, padding) for box in boxes]
    for bar in bars:
        if bar is not None:
            draw.rectangle((bar[0], bar[1], bar[2] - 1, bar[3] - 1), fill=colour)
    for bar, tag in zip(bars, tags, strict=False):
        if bar is not None and tag:
            _write_tag(draw, bar, tag, colour)
    return covered


def padded(
    box: Box, size: tuple[int, int], padding: float = PADDING
) -> tuple[int, int, int, int] | None:
    """Return a box with its padding in whole pixels, rounded outward and cut at the picture.

    Returns None where nothing of the box lies in the picture.
    """
    x0, x1 = sorted((box[0], box[2]))
    y0, y1 = sorted((box[1], box[3]))
    extra = max(LEAST_PADDING_PX, padding * min(y1 - y0, x1 - x0)) if padding > 0 else 0
    left, top = max(0, math.floor(x0 - extra)), max(0, math.floor(y0 - extra))
    right, bottom = min(size[0], math.ceil(x1 + extra)), min(size[1], math.ceil(y1 + extra))
    return (left, top, right, bottom) if left < right and top < bottom else None


def _part_of(word: PlacedWord, start: int, end: int) -> Box:
    x0, y0, x1, y1 = word.box
    if len(word.edges) != word.end - word.start + 1:
        return word.box
    if start > word.start:
        x0 = word.edges[start - word.start]
    if end < word.end:
        x1 = word.edges[end - word.start]
    return (min(x0, x1), y0, max(x0, x1), y1)


def _are_neighbours(left: Box, right: Box) -> bool:
    """Say whether two boxes stand on one line with little between them."""
    height = min(left[3] - left[1], right[3] - right[1])
    shared = min(left[3], right[3]) - max(left[1], right[1])
    gap = max(right[0] - left[2], left[0] - right[2])
    return shared >= height / 2 and gap <= height * JOINED_WITHIN_HEIGHTS


def _union(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )


def _write_tag(
    draw: ImageDraw.ImageDraw, bar: tuple[int, int, int, int], tag: str, colour: Colour
) -> None:
    width, height = bar[2] - bar[0], bar[3] - bar[1]
    size = min(0.62 * height, 28.0)
    if size < _SMALLEST_TAG_PX:
        return
    font = ImageFont.load_default(size)
    if draw.textlength(tag, font=font) > width - 0.3 * height:
        return
    is_light = 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2] > 150
    ink = (0, 0, 0) if is_light else (255, 255, 255)
    middle = ((bar[0] + bar[2]) / 2, (bar[1] + bar[3]) / 2)
    draw.text(middle, tag, fill=ink, font=font, anchor="mm")
