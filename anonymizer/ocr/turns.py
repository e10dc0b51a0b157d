"""Right a picture that lies on its side, on its head or askew, and bring boxes back."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from anonymizer.ocr.words import Box, OcrWord

# Tesseract follows lines up to some degrees askew; past 5 it loses words, past 8 most of them.
TOLERATED_DEGREES = 2.0
_STEEPEST_DEGREES = 15
_SKETCH_PX = 700
_QUARTERS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}


@dataclass(frozen=True, slots=True)
class Turn:
    """How a picture of a size is turned, against the clock: by quarters, then by some degrees."""

    size: tuple[int, int]
    quarter: int = 0
    degrees: float = 0.0

    @property
    def is_none(self) -> bool:
        """Say whether the picture stays as it is."""
        return not self.quarter and not self.degrees

    def apply(self, image: Image.Image) -> Image.Image:
        """Return the picture turned."""
        if self.quarter:
            image = image.transpose(_QUARTERS[self.quarter])
        if self.degrees:
            ground = int(np.median(np.asarray(image.reduce(8) if min(image.size) > 64 else image)))
            image = image.rotate(
                self.degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=ground
            )
        return image

    def back(self, word: OcrWord) -> OcrWord:
        """Return a word of the turned picture with its box in the picture as given."""
        if self.is_none:
            return word
        return replace(word, box=self._unturned(self._unskewed(word.box)), edges=())

    def _quartered(self) -> tuple[int, int]:
        width, height = self.size
        return (height, width) if self.quarter in (90, 270) else (width, height)

    def _unskewed(self, box: Box) -> Box:
        if not self.degrees:
            return box
        width, height = self._quartered()
        angle = math.radians(self.degrees)
        cos, sin = math.cos(angle), math.sin(angle)
        # As Pillow grows the picture: around its middle, to hold all four corners.
        grown_width = width * abs(cos) + height * abs(sin)
        grown_height = width * abs(sin) + height * abs(cos)
        xs, ys = [], []
        for x in (box[0], box[2]):
            for y in (box[1], box[3]):
                dx, dy = x - grown_width / 2, y - grown_height / 2
                xs.append(cos * dx - sin * dy + width / 2)
                ys.append(sin * dx + cos * dy + height / 2)
        left, right = max(0.0, min(xs)), min(float(width), max(xs))
        top, bottom = max(0.0, min(ys)), min(float(height), max(ys))
        return (left, top, right, bottom)

    def _unturned(self, box: Box) -> Box:
        width, height = self.size
        x0, y0, x1, y1 = box
        if self.quarter == 90:
            return (width - y1, x0, width - y0, x1)
        if self.quarter == 180:
            return (width - x1, height - y1, width - x0, height - y0)
        if self.quarter == 270:
            return (y0, height - x1, y1, height - x0)
        return box


def skew_of(image: Image.Image) -> float:
    """Return the degrees, against the clock, that bring the lines of a grey picture level.

    At the right angle rows are either full of ink or empty: their sums vary most.
    """
    sketch = _strokes(image)
    best, most = 0.0, _variation(sketch, 0.0)
    level = most
    for degrees in map(float, range(-_STEEPEST_DEGREES, _STEEPEST_DEGREES + 1)):
        if (varies := _variation(sketch, degrees)) > most:
            best, most = degrees, varies
    for degrees in (best - 0.5, best + 0.5):
        if (varies := _variation(sketch, degrees)) > most:
            best, most = degrees, varies
    return best if most > 1.1 * level else 0.0


def _strokes(image: Image.Image) -> Image.Image:
    """Return a small picture in which strokes are bright, whatever the ground is."""
    factor = max(1, round(max(image.size) / _SKETCH_PX))
    small = np.asarray(image.reduce(factor)).astype(np.int16)
    edges = np.zeros_like(small)
    edges[1:] = np.abs(np.diff(small, axis=0))
    edges[:, 1:] += np.abs(np.diff(small, axis=1))
    return Image.fromarray(np.minimum(edges, 255).astype(np.uint8))


def _variation(sketch: Image.Image, degrees: float) -> float:
    turned = sketch.rotate(degrees, Image.Resampling.NEAREST) if degrees else sketch
    rows = np.asarray(turned).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(rows)).sum())
