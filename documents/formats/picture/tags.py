"""Words on bars, as masks of whole pixels: the browser and the server paint the very same ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from documents.formats.model import SolidBar

TAGS = ("PERSON", "ADDRESS", "EMAIL", "PHONE", "LINK", "DATE", "ACCOUNT", "SECRET")
SIZES_PX = (40, 28, 20, 15, 11)
# Share of a bar's height that its tag may take, and what stays free beside it.
_SHARE = 0.62
_BESIDE_PX = 6
_LIGHT = 150


@dataclass(frozen=True, slots=True)
class TagMask:
    """A word in pixels. runs: y, x and length of each row's stretches of ink."""

    width: int
    height: int
    runs: tuple[tuple[int, int, int], ...]


@cache
def masks_of(tag: str) -> tuple[TagMask, ...]:
    """Return a word in each size, the largest first; none for a word that is not known."""
    return tuple(_mask(tag, size) for size in SIZES_PX) if tag in TAGS else ()


def mask_for(bar: SolidBar) -> TagMask | None:
    """Return the largest mask of a bar's tag that fits on it."""
    for mask in masks_of(bar.tag):
        if mask.height <= bar.height * _SHARE and mask.width <= bar.width - _BESIDE_PX:
            return mask
    return None


def runs_on(bar: SolidBar) -> list[tuple[int, int, int]]:
    """Return where a bar's tag lies in the picture: y, x and length of stretches of ink."""
    mask = mask_for(bar)
    if mask is None:
        return []
    left, top = bar.x + (bar.width - mask.width) // 2, bar.y + (bar.height - mask.height) // 2
    return [(top + y, left + x, length) for y, x, length in mask.runs]


def ink_on(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return black or white, whichever can be read on a colour."""
    red, green, blue = colour
    is_light = 0.299 * red + 0.587 * green + 0.114 * blue > _LIGHT
    return (0, 0, 0) if is_light else (255, 255, 255)


def _mask(tag: str, size_px: int) -> TagMask:
    font = ImageFont.load_default(size_px)
    left, top, right, bottom = (int(edge) for edge in font.getbbox(tag, mode="1"))
    image = Image.new("1", (right - left, bottom - top))
    draw = ImageDraw.Draw(image)
    draw.fontmode = "1"
    draw.text((-left, -top), tag, fill=1, font=font)
    rows = [[bool(image.getpixel((x, y))) for x in range(image.width)] for y in range(image.height)]
    runs = tuple((y, *run) for y, row in enumerate(rows) for run in _runs(row))
    return TagMask(image.width, image.height, runs)


def _runs(row: list[bool]) -> list[tuple[int, int]]:
    runs, start = [], None
    for x, is_ink in enumerate([*row, False]):
        if is_ink and start is None:
            start = x
        elif not is_ink and start is not None:
            runs.append((start, x - start))
            start = None
    return runs
