"""Barcodes and QR codes are found where they stand."""

from __future__ import annotations

import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from anonymizer.barcodes import find_barcodes
from anonymizer.pixels import cover

KINDS = ("QRCode", "Code128", "PDF417", "DataMatrix", "Aztec")


def _with_code(kind: str, text: str, scale: int = 4) -> tuple[Image.Image, tuple[int, int]]:
    """Return a picture with a code at (60, 50), and the code's size with its quiet zone."""
    code = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    drawn = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=scale)))
    image = Image.new("RGB", (drawn.width + 160, drawn.height + 140), "white")
    image.paste(drawn, (60, 50))
    return image, drawn.size


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turned", [0, 90, 180])
def test_a_code_is_found_and_nothing_of_it_is_left(kind: str, turned: int) -> None:
    image, _ = _with_code(kind, "JANE-DOE-4711")
    image = image.rotate(turned, expand=True)
    (code,) = find_barcodes(image)
    assert code.text == "JANE-DOE-4711"
    covered = cover(image, [code.box], colour=(255, 255, 255))
    assert (np.asarray(covered) == 255).all()


def test_several_codes_come_from_top_to_bottom() -> None:
    upper, _ = _with_code("QRCode", "FIRST")
    lower, _ = _with_code("Code128", "SECOND")
    image = Image.new("RGB", (max(upper.width, lower.width), 700), "white")
    image.paste(lower, (0, 350))
    image.paste(upper, (0, 0))
    assert [code.text for code in find_barcodes(image)] == ["FIRST", "SECOND"]


def test_a_dark_picture_s_code_is_found() -> None:
    image, _ = _with_code("QRCode", "JANE")
    dark = Image.eval(image, lambda value: 255 - value)
    assert [code.text for code in find_barcodes(dark)] == ["JANE"]


def test_text_and_blank_pictures_hold_no_code() -> None:
    image = Image.new("RGB", (500, 300), "white")
    assert find_barcodes(image) == []
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for top in range(10, 280, 24):
        draw.text((10, top), "||| Illinois |||| 1l1l1 Margaret", "black", font)
    assert find_barcodes(image) == []
