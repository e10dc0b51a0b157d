"""Every page that is a picture is read again, however many there are."""

from __future__ import annotations

import io

import pikepdf
import pymupdf
import pytest
from PIL import Image

from documents.formats.model import ReadOptions
from documents.formats.pdf import verify_pixels
from documents.formats.pdf.verify_facts import facts_about
from documents.formats.survivors import HiddenValues

PAGES = 130


def test_no_page_that_is_a_picture_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    dot = io.BytesIO()
    Image.new("L", (20, 20), 255).save(dot, "PNG")
    document = pymupdf.open()
    for _ in range(PAGES):
        page = document.new_page(width=30, height=30)
        page.insert_image(page.rect, stream=dot.getvalue())
    content: bytes = document.tobytes()
    read: list[Image.Image] = []
    monkeypatch.setattr(
        verify_pixels, "read_words", lambda image, **options: read.append(image) or []
    )
    with pikepdf.open(io.BytesIO(content)) as pdf:
        facts = facts_about(pdf)
    values = HiddenValues(["Jane Miller"], "")
    pictures, left_out = verify_pixels.picture_checks(content, facts, values, ReadOptions())
    assert (len(read), pictures.looked_at, left_out.looked_at) == (PAGES, PAGES, 0)
