"""Find barcodes and QR codes: they carry names, accounts and tickets in plain sight."""

from __future__ import annotations

from dataclasses import dataclass

import zxingcpp
from PIL import Image

from anonymizer.pixels import Box

# Up to this many pixels a code may be so small that it is only read at double size.
_DOUBLED_UP_TO_PIXELS = 2_200_000
_SAME_PLACE = 0.5


@dataclass(frozen=True, slots=True)
class Barcode:
    """A code in a picture.

    box:    x0, y0, x1, y1 in pixels of the picture, a little larger than the code
    text:   what it says; private
    format: its kind in words: "QR Code", "Code 128"
    """

    box: Box
    text: str
    format: str


def find_barcodes(image: Image.Image) -> list[Barcode]:
    """Return the codes that can be read in a picture, from top to bottom.

    What merely resembles a code is left out: in noise the library sees dozens.
    """
    grey = image if image.mode == "L" else image.convert("L")
    found = _codes_in(grey, 1.0)
    if grey.width * grey.height <= _DOUBLED_UP_TO_PIXELS:
        double = grey.resize((2 * grey.width, 2 * grey.height), Image.Resampling.BICUBIC)
        for code in _codes_in(double, 2.0):
            if not any(_overlap(code.box, other.box) for other in found):
                found.append(code)
    return sorted(found, key=lambda code: (code.box[1], code.box[0]))


def _codes_in(grey: Image.Image, scale: float) -> list[Barcode]:
    codes: list[Barcode] = []
    for code in zxingcpp.read_barcodes(grey):
        box = _box_of(code, scale)
        if box is not None and not any(_overlap(box, other.box) for other in codes):
            codes.append(Barcode(box, code.text, str(code.format)))
    return codes


def _box_of(code: zxingcpp.Barcode, scale: float) -> Box | None:
    """Return the upright rectangle around a code, None for a mere speck."""
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    width, height = max(xs) - min(xs), max(ys) - min(ys)
    if max(width, height) < 4:
        return None
    margin = 0.04 * max(width, height) + 2
    left, top, right, bottom = min(xs), min(ys), max(xs), max(ys)
    return (
        (left - margin) / scale,
        (top - margin) / scale,
        (right + margin) / scale,
        (bottom + margin) / scale,
    )


def _overlap(one: Box, other: Box) -> bool:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return False
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return width * height >= _SAME_PLACE * min(areas)
