"""Pages as pictures, of bounded size."""

from __future__ import annotations

from io import BytesIO

import pymupdf
import pytest
from PIL import Image

from documents.formats.model import DamagedError
from documents.formats.pdf.open import open_document
from documents.formats.pdf.render import draw, render_page
from tests.documents.formats.pdf_reading.made import OPTIONS, changed, lines, pdf_of, raw_page


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_page_is_shown_as_displayed(rotation: int) -> None:
    content = changed(
        pdf_of(lines("Aurelia", size=40), width=400, height=200),
        lambda pdf: pdf[0].set_rotation(rotation),
    )
    shown = render_page(content, 1, options=OPTIONS, width_px=800)
    image = Image.open(BytesIO(shown.content))
    assert shown.media_type == f"image/{(image.format or '').lower()}"
    assert image.size == (shown.width, shown.height) == ((800, 400), (800, 1600))[rotation // 90]
    assert min(image.convert("L").tobytes()) < 100


@pytest.mark.parametrize("box", [b"0 0 14400 14400", b"0 0 3 14400", b"0 0 14400 3", b"0 0 1 1"])
def test_pictures_of_pages_keep_within_bounds(box: bytes) -> None:
    content = raw_page(b"BT /F 12 Tf (Aurelia) Tj ET").replace(b"0 0 595 842", box)
    shown = render_page(content, 1, options=OPTIONS, width_px=1200)
    assert shown.width * shown.height <= 8_100_000
    with open_document(content, OPTIONS) as document:
        pixels = draw(document[0], document[0].rect, 300 / 72, max_pixels=1_000_000)
        assert pixels.width * pixels.height <= 1_100_000


def test_a_page_that_is_not_there_is_refused() -> None:
    with pytest.raises(DamagedError):
        render_page(pdf_of(lines("Body")), 2, options=OPTIONS)


def test_pictures_of_pages_hold_pixels_only() -> None:
    shown = render_page(pdf_of(lines("Aurelia")), 1, options=OPTIONS)
    image = Image.open(BytesIO(shown.content))
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile"} & set(image.info)


def test_a_document_that_is_open_stays_open() -> None:
    with open_document(pdf_of(lines("One"), lines("Two")), OPTIONS) as document:
        render_page(document, 1, options=OPTIONS)
        assert render_page(document, 2, options=OPTIONS).width == 1200
        assert isinstance(document, pymupdf.Document)
