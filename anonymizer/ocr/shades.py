"""Bring a picture's shades to dark letters on white: photographs and coloured screenshots."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageFilter

# From this much noise on (standard deviation) a picture is a photograph: it is smoothed, and not
# enlarged, since grains would become letters.
GRAINY = 4.0
_VERY_GRAINY = 8.0
# The ground under a pixel is the median around it: wider than strokes, narrower than a button.
_REDUCED = 4
_WINDOW = 9
# Differences from the ground below the first are bubbles and shadows, from the second on ink.
_FAINT, _INK = 20.0, 90.0
_LOOKED_AT_PX = 800
_WHITE = 230.0

_Values = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def grain_of(image: Image.Image) -> float:
    """Return the standard deviation of the noise in the middle of a grey picture."""
    left, top = (max(0, (side - _LOOKED_AT_PX) // 2) for side in image.size)
    middle = image.crop(
        (left, top, min(image.width, left + _LOOKED_AT_PX), min(image.height, top + _LOOKED_AT_PX))
    )
    return float(np.median(np.abs(_values(middle) - _ground(middle)))) * 1.4826


def evened(image: Image.Image, grain: float) -> Image.Image:
    """Return a photographed page without its shadows and most of its noise."""
    radius = 1.2 if grain >= _VERY_GRAINY else 0.6
    smooth = image.filter(ImageFilter.GaussianBlur(radius))
    even = _values(smooth) * (_WHITE / np.maximum(_ground(smooth), 1.0))
    return Image.fromarray(np.clip(even, 0.0, 255.0).astype(np.uint8))


def flattened(image: Image.Image) -> Image.Image:
    """Return a grey picture with every local ground white and what differs from it dark."""
    differs = np.abs(_values(image) - _ground(image))
    ink = np.clip((differs - _FAINT) * (255.0 / (_INK - _FAINT)), 0.0, 255.0)
    return Image.fromarray((255.0 - ink).astype(np.uint8))


def _values(image: Image.Image) -> _Values:
    return np.asarray(image, dtype=np.float32)


def _ground(image: Image.Image) -> _Values:
    if min(image.size) < 2 * _REDUCED:
        return np.full((image.height, image.width), np.median(_values(image)), dtype=np.float32)
    ground = image.reduce(_REDUCED).filter(ImageFilter.MedianFilter(_WINDOW))
    return _values(ground.resize(image.size, Image.Resampling.BILINEAR))
