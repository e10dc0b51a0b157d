"""Pictures of text for the tests, in fonts that come with PyMuPDF."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

LETTER = (
    "Dear Margaret Holloway,",
    "thank you for your letter about the heating in your flat.",
    "We have asked our engineer Peter Lindqvist to visit you.",
    "He will call you on the number that you have given us.",
    "The amount of 214.50 was refunded to your account.",
    "Yours sincerely, Dorothy Pemberton",
)


@cache
def font(name: str, size: float) -> ImageFont.FreeTypeFont:
    """Return a font of PyMuPDF's: "helv", "tiro", "cour" or "china-s"."""
    return ImageFont.truetype(io.BytesIO(pymupdf.Font(name).buffer), size)


def page(
    lines: tuple[str, ...] = LETTER,
    *,
    size: float = 28,
    name: str = "helv",
    ink: str = "black",
    ground: str = "white",
) -> Image.Image:
    """Return lines of text as a picture."""
    drawn = font(name, size)
    width = max(drawn.getlength(line) for line in lines)
    pitch = round(1.7 * size)
    image = Image.new("RGB", (round(width + 4 * size), pitch * (len(lines) + 2)), ground)
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines, start=1):
        draw.text((2 * size, number * pitch), line, fill=ink, font=drawn)
    return image


def photographed(image: Image.Image, noise: float = 14, seed: int = 5) -> Image.Image:
    """Return a picture blurred, shaded and noisy."""
    values = np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(0.8)), dtype=float)
    shade = np.linspace(1.0, 0.6, values.shape[1])[None, :]
    values = 20 + values * 0.85 * shade
    values += np.random.default_rng(seed).normal(0, noise, values.shape)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def ink_outside(image: Image.Image, boxes: list[tuple[float, float, float, float]]) -> float:
    """Return the share of a picture's dark pixels that no box holds, with 2 px of padding."""
    dark = np.asarray(image.convert("L")) < 128
    left = dark.copy()
    for x0, y0, x1, y1 in boxes:
        left[max(0, int(y0) - 2) : int(y1) + 3, max(0, int(x0) - 2) : int(x1) + 3] = False
    return float(left.sum() / dark.sum())
