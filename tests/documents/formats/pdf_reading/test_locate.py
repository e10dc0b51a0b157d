"""Regions cover the characters of their span and no other, judged by another library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pymupdf
import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from documents.formats.model import DamagedError, Extracted, Hidden
from documents.formats.pdf.locate import Region, locate
from documents.formats.pdf.open import open_document
from tests.documents.formats.pdf_reading.made import (
    OPTIONS,
    changed,
    extracted_of,
    hiding,
    lines,
    pdf_of,
    picture,
    raw_page,
    scanned,
    stream,
)

TEXT = (
    "Aurelia Fontaine-Mbeki, born 9 July",
    "1991, AVATAR To. Wave fjord illicit",
    "under it all",
)


def located(content: bytes, extracted: Extracted, hidden: list[Hidden]) -> list[Region]:
    """Return all regions of a PDF."""
    with open_document(content, OPTIONS) as document:
        found = locate(document, extracted, hidden)
    assert all(region.page == index for index, regions in found.items() for region in regions)
    return [region for regions in found.values() for region in regions]


def characters(content: bytes, page: pymupdf.Page) -> Iterator[tuple[str, pymupdf.Rect]]:
    """Yield the characters that PDFium sees, in the page's unrotated MuPDF coordinates."""
    crop = page.cropbox
    bottom = page.mediabox.y1 - crop.y1
    with pypdfium2.PdfDocument(content) as pdf:
        text = pdf[page.number].get_textpage()
        for index in range(text.count_chars()):
            char = text.get_text_range(index, 1)
            left, low, right, high = text.get_charbox(index)
            if char.strip():
                yield (
                    char,
                    pymupdf.Rect(
                        left - crop.x0,
                        crop.height - (high - bottom),
                        right - crop.x0,
                        crop.height - (low - bottom),
                    ),
                )


def check(content: bytes, start: int, end: int) -> None:
    """What PDFium has inside of the regions of a span are the characters of the span."""
    extracted = extracted_of(content)
    span = Hidden(start, end, "NAME", "<NAME>")
    regions = located(content, extracted, [span])
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    expected = "".join(extracted.text[start:end].split())
    covered, touched = "", ""
    for char, box in characters(content, page):
        middle = (box.tl + box.br) / 2
        if any(middle in region.rect for region in regions):
            covered += char
        if any(region.core.rect.intersects(_shrunken(box)) for region in regions):
            touched += char
    assert sorted(covered) == sorted(expected)
    assert sorted(touched) == sorted(expected)


def _shrunken(box: pymupdf.Rect) -> pymupdf.Rect:
    wide, high = box.width / 10, box.height / 10
    return pymupdf.Rect(box.x0 + wide, box.y0 + high, box.x1 - wide, box.y1 - high)


def _turned(rotation: int, crop: bool) -> bytes:
    def change(pdf: pymupdf.Document) -> None:
        if crop:
            pdf[0].set_cropbox(pymupdf.Rect(40, 50, 450, 600))
        pdf[0].set_rotation(rotation)

    return changed(pdf_of(lines(*TEXT, step=13, size=11)), change)


PAGES = {(turn, crop): _turned(turn, crop) for turn in (0, 90, 180, 270) for crop in (False, True)}
LENGTH = len(extracted_of(PAGES[0, False]).text)


@given(st.sampled_from(sorted(PAGES)), st.integers(0, LENGTH - 1), st.integers(1, 30))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_regions_cover_their_characters_and_no_other(
    page: tuple[int, bool], start: int, length: int
) -> None:
    check(PAGES[page], start, min(LENGTH, start + length))


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_regions_of_turned_text_cover_its_characters(rotate: int) -> None:
    content = pdf_of(
        lambda page: page.insert_text((300, 400), "Aurelia Fontaine", rotate=rotate, fontsize=14)
    )
    check(content, 2, 11)


@pytest.mark.parametrize("matrix", ["-1 0 0 1 595 0", "1 0 0 -1 0 842", "0 1 1 0 0 100"])
def test_mirrored_text_is_read_in_order_and_covered(matrix: str) -> None:
    content = raw_page(
        f"{matrix} cm BT /F 12 Tf 15 TL 72 500 Td "
        "(This contract of employment is made between Halden and Aurelia) Tj "
        "T* (Fontaine, who lives here) Tj ET".encode()
    )
    extracted = extracted_of(content)
    assert "Aurelia Fontaine" in extracted.text
    start = extracted.text.index("Aurelia")
    check(content, start, start + len("Aurelia Fontaine"))


def test_a_form_object_moved_and_scaled_is_met_where_it_is_drawn() -> None:
    form = stream(
        b"BT /F 12 Tf 10 20 Td (Aurelia Fontaine) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 300 300]/Matrix[2 0 0 2 0 0]"
        b"/Resources<</Font<</F 5 0 R>>>>",
    )
    content = raw_page(b"q .75 0 0 .75 120 300 cm /X Do Q", form, resources=b"/XObject<</X 6 0 R>>")
    check(content, 0, 7)


def test_a_span_over_a_line_end_has_a_region_on_each_line() -> None:
    content = pdf_of(
        lines("This contract of employment is made between Halden and Aurelia", "Fontaine, who")
    )
    extracted = extracted_of(content)
    regions = located(content, extracted, hiding(extracted, "Aurelia Fontaine"))
    assert [(region.part, region.hidden) for region in regions] == [(0, 0), (1, 0)]
    assert regions[0].rect.y1 < regions[1].rect.y1


def test_a_hyphen_left_out_of_the_text_is_hidden_with_its_word() -> None:
    content = pdf_of(
        lines("This contract of employment is made between Halden and Aurelia Fon-", "taine, who")
    )
    extracted = extracted_of(content)
    regions = located(content, extracted, hiding(extracted, "Fontaine"))
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    hyphen = next(box for char, box in characters(content, page) if char in "-\ufffe\x02\u00ad")
    assert any(region.core.rect.intersects(hyphen) for region in regions)
    kept = located(content, extracted, hiding(extracted, "Aurelia"))
    assert not any(region.rect.intersects(hyphen) for region in kept)


def test_oblique_text_is_covered_along_its_line() -> None:
    content = raw_page(b"BT /F 20 Tf .866 .5 -.5 .866 100 400 Tm (Aurelia Fontaine) Tj ET")
    extracted = extracted_of(content)
    (region,) = located(content, extracted, hiding(extracted, "Aurelia"))
    page = pymupdf.open(stream=content, filetype="pdf")[0]
    inside = ""
    for char, box in characters(content, page):
        if _is_inside(region.quad, (box.tl + box.br) / 2):
            inside += char
    assert inside == "Aurelia"


def _is_inside(quad: pymupdf.Quad, point: pymupdf.Point) -> bool:
    corners = [quad.ul, quad.ur, quad.lr, quad.ll]
    sides = [
        (b.x - a.x) * (point.y - a.y) - (b.y - a.y) * (point.x - a.x)
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    ]
    return all(side > 0 for side in sides) or all(side < 0 for side in sides)


def test_the_part_of_a_ligature_takes_the_whole_of_it() -> None:
    content = pdf_of(lambda page: page.insert_htmlbox((72, 72, 500, 200), "<p>Griﬃth</p>"))
    extracted = extracted_of(content)
    assert extracted.text == "Griffith"
    (region,) = located(content, extracted, [Hidden(4, 8, "NAME", "")])
    assert region.rect.width > 20


def test_equal_values_have_regions_of_their_own() -> None:
    content = pdf_of(lines("Aurelia", "and Aurelia", "or Aurelia"), lines("Aurelia"))
    extracted = extracted_of(content)
    regions = located(content, extracted, hiding(extracted, "Aurelia"))
    assert [region.page for region in regions] == [0, 0, 0, 1]
    assert [region.hidden for region in regions] == [0, 1, 2, 3]
    assert {region.part for region in regions} == {0}


def test_comments_have_no_region() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Body")
        page.add_text_annot((300, 50), "Aurelia")

    content = pdf_of(draw)
    extracted = extracted_of(content)
    assert located(content, extracted, hiding(extracted, "Aurelia")) == []


def test_another_text_than_was_read_is_refused() -> None:
    content = pdf_of(lines("Aurelia Fontaine"))
    other = extracted_of(pdf_of(lines("Aurelia Fontane")))
    with pytest.raises(DamagedError):
        located(content, other, hiding(other, "Aurelia"))


def test_text_that_ocr_is_said_to_have_read_is_refused_on_a_page_without() -> None:
    content = pdf_of(lines("Aurelia"))
    extracted = extracted_of(content)
    page = replace(extracted.pages[0], end=extracted.pages[0].end + 5)
    claimed = replace(extracted, text=extracted.text + " more", pages=(page,))
    with pytest.raises(DamagedError):
        located(content, claimed, [Hidden(0, 3, "NAME", "")])


def test_another_number_of_pages_is_refused() -> None:
    content = pdf_of(lines("Aurelia"))
    extracted = extracted_of(pdf_of(lines("Aurelia"), lines("Aurelia")))
    with pytest.raises(DamagedError):
        located(content, extracted, [])


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_read_from_pixels_are_found_on_the_page(rotation: int) -> None:
    content = changed(
        scanned("The keys were handed to Aurelia", *["on the first day of work in Brussels"] * 8),
        lambda pdf: pdf[0].set_rotation(rotation),
    )
    extracted = extracted_of(content)
    (region,) = located(content, extracted, hiding(extracted, "Aurelia"))
    assert region.from_ocr
    # As drawn by made.picture: 150 dots an inch, 60 dots from the left, 50 from the top.
    assert region.rect.y0 > 20
    assert region.rect.y1 < 45
    assert 200 < region.rect.x0 < region.rect.x1 < 330


def test_words_of_a_picture_beside_text_are_found() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Aurelia as text")
        page.insert_image((72, 300, 520, 445), stream=picture("Payslip of Thabo Mbeki in Delft"))

    content = pdf_of(draw)
    extracted = extracted_of(content)
    text, pixels = located(content, extracted, hiding(extracted, "Aurelia", "Mbeki"))
    assert (text.from_ocr, pixels.from_ocr) == (False, True)
    assert pymupdf.Rect(72, 300, 520, 445).contains(pixels.rect)
