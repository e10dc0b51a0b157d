"""What a PDF may be, and what is made of it before it is read."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pymupdf
import pytest

from documents.formats.model import (
    DamagedError,
    Limits,
    PasswordError,
    ReadOptions,
    Role,
    TooLargeError,
)
from documents.formats.pdf.open import open_document
from tests.documents.formats.pdf_reading.made import (
    OPTIONS,
    changed,
    deflated,
    extracted_of,
    lines,
    pdf_of,
    raw_page,
    raw_pdf,
    stream,
    text_of,
    texts_of,
)


def _locked(password: str) -> bytes:
    document = pymupdf.open(stream=pdf_of(lines("Aurelia Fontaine")), filetype="pdf")
    return document.tobytes(
        encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw="owner"
    )


@pytest.mark.parametrize("content", [b"", b"  \n", b"%PDF-1.7\n", b"not a pdf at all", b"\0" * 64])
def test_what_is_no_pdf_is_damaged(content: bytes) -> None:
    with pytest.raises(DamagedError):
        extracted_of(content)


def test_a_pdf_without_pages_is_damaged() -> None:
    content = raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"])
    with pytest.raises(DamagedError):
        extracted_of(content)


def test_a_broken_cross_reference_is_repaired() -> None:
    content = pdf_of(lines("Aurelia Fontaine"))
    broken = content.replace(b"startxref", b"startxrex").replace(b"xref\n", b"xrxx\n")
    assert texts_of(extracted_of(broken)) == ["Aurelia Fontaine"]


def test_the_beginning_of_a_pdf_ends_in_a_result_or_a_clear_error() -> None:
    content = pdf_of(*[lines(f"Page {number}") for number in range(5)])
    for share in range(1, 20):
        cut = content[: len(content) * share // 20]
        with suppress(DamagedError):
            extracted_of(cut)


def test_an_encrypted_pdf_asks_for_its_password() -> None:
    with pytest.raises(PasswordError, match="Give its password"):
        extracted_of(_locked("open"))


def test_a_wrong_password_is_told_from_a_missing_one() -> None:
    with pytest.raises(PasswordError, match="does not open"):
        extracted_of(_locked("open"), replace(OPTIONS, password="closed"))


def test_the_password_opens_it() -> None:
    extracted = extracted_of(_locked("open"), replace(OPTIONS, password="open"))
    assert extracted.text == "Aurelia Fontaine"


def test_a_pdf_with_an_owner_password_only_needs_none() -> None:
    assert extracted_of(_locked("")).text == "Aurelia Fontaine"


def _pages(kids: int, *, count: int) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Contents 3 0 R/Resources 4 0 R>>"
    references = b" ".join(b"%d 0 R" % number for number in range(6, 6 + kids))
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (references, count),
            stream(b"BT /F 12 Tf 10 50 Td (Aurelia) Tj ET"),
            b"<</Font<</F 5 0 R>>>>",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            *[page] * kids,
        ]
    )


@pytest.mark.parametrize("count", [3001, 1, 0, -1, 10_000_000])
def test_more_pages_than_the_limit_are_refused_whatever_count_is_stated(count: int) -> None:
    with pytest.raises(TooLargeError, match="3,000 pages"):
        extracted_of(_pages(3001, count=count))


@pytest.mark.parametrize("count", [3, 1, 0, 7, -1, 10_000_000])
def test_pages_beyond_a_wrong_count_are_read(count: int) -> None:
    content = _pages(3, count=count)
    assert texts_of(extracted_of(content)) == ["Aurelia"] * 3
    assert len(open_document(content, OPTIONS)) == 3


def test_pages_that_refer_to_each_other_are_damaged() -> None:
    content = raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"])
    with pytest.raises(DamagedError):
        extracted_of(content)


def test_more_characters_than_the_limit_are_refused() -> None:
    options = ReadOptions(limits=Limits(characters=10))
    with pytest.raises(TooLargeError):
        extracted_of(pdf_of(lines("Aurelia Fontaine")), options)


def _with_form(page: pymupdf.Page) -> None:
    kinds = [
        (pymupdf.PDF_WIDGET_TYPE_TEXT, "field", "Aurelia in a field"),
        (pymupdf.PDF_WIDGET_TYPE_COMBOBOX, "choice", "Aurelia chosen"),
        (pymupdf.PDF_WIDGET_TYPE_TEXT, "bare", "Aurelia without appearance"),
    ]
    for number, (kind, name, value) in enumerate(kinds):
        widget = pymupdf.Widget()
        widget.field_type, widget.field_name = kind, name
        widget.rect = pymupdf.Rect(72, 100 + 40 * number, 300, 120 + 40 * number)
        if kind == pymupdf.PDF_WIDGET_TYPE_COMBOBOX:
            widget.choice_values = ["Other", value]
        widget.field_value = value
        page.add_widget(widget)


def _without_last_appearance(document: pymupdf.Document) -> None:
    for widget in document[0].widgets():
        if widget.field_name == "bare":
            document.xref_set_key(widget.xref, "AP", "null")


def test_values_of_form_fields_are_text_of_the_page() -> None:
    content = changed(pdf_of(_with_form), _without_last_appearance)
    text = extracted_of(content).text
    for value in ("Aurelia in a field", "Aurelia chosen", "Aurelia without appearance"):
        assert value in text


def test_no_annotation_and_no_field_is_left_to_the_writer() -> None:
    def draw(page: pymupdf.Page) -> None:
        _with_form(page)
        page.add_freetext_annot(pymupdf.Rect(72, 300, 300, 330), "Aurelia typed")
        page.add_text_annot((300, 50), "Aurelia noted")

    page = open_document(pdf_of(draw), OPTIONS)[0]
    assert not list(page.annots())
    assert not list(page.widgets())
    assert "Aurelia typed" in page.get_text()


def test_comments_follow_the_pages() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "Body")
        page.add_text_annot((300, 50), "Call Thabo\nMbeki")
        mark = page.add_highlight_annot((70, 90, 120, 104))
        mark.set_info(content="Aurelia said so")
        mark.update()

    extracted = extracted_of(pdf_of(draw, lines("Second page")))
    comments = [block for block in extracted.blocks if block.role is Role.COMMENT]
    assert [text_of(extracted, block) for block in comments] == [
        "Call Thabo\nMbeki",
        "Aurelia said so",
    ]
    assert all(block.title for block in comments)
    assert comments[0].start > extracted.pages[-1].end
    assert any("2 comments" in note for note in extracted.notes)


def test_text_of_layers_that_are_switched_off_is_read_and_shown() -> None:
    def draw(page: pymupdf.Page) -> None:
        layer = page.parent.add_ocg("Secret", on=False)
        page.insert_text((72, 100), "Aurelia on a layer", oc=layer)

    content = pdf_of(draw)
    assert not pymupdf.open(stream=content, filetype="pdf")[0].get_text().strip()
    assert extracted_of(content).text == "Aurelia on a layer"
    assert "Aurelia" in open_document(content, OPTIONS)[0].get_text()


def test_a_layer_shown_only_while_others_are_off_is_read() -> None:
    content = raw_page(
        b"/OC /M BDC BT /F 12 Tf 72 700 Td (Aurelia membership) Tj ET EMC",
        b"<</Type/OCG/Name(a)>>",
        b"<</Type/OCMD/OCGs[6 0 R]/P/AllOff>>",
        resources=b"/Properties<</M 7 0 R>>",
    )
    content = content.replace(
        b"/Catalog/Pages 2 0 R", b"/Catalog/OCProperties<</OCGs[6 0 R]/D<<>>>>/Pages 2 0 R"
    )
    assert extracted_of(content).text == "Aurelia membership"


def test_attached_files_are_named_in_a_note_without_their_names() -> None:
    content = changed(pdf_of(lines("Body")), lambda pdf: pdf.embfile_add("aurelia.txt", b"Aurelia"))
    notes = extracted_of(content).notes
    assert any("1 attached file" in note for note in notes)
    assert not any("aurelia" in note.casefold() for note in notes)


def test_a_picture_of_too_many_pixels_is_left_out_without_being_drawn() -> None:
    entries = b"/Type/XObject/Subtype/Image/Width 50000/Height 50000"
    entries += b"/ColorSpace/DeviceGray/BitsPerComponent 8"
    content = raw_page(
        b"BT /F 12 Tf 72 700 Td (Body) Tj ET q 400 0 0 400 50 50 cm /I Do Q",
        deflated(bytes(1000), entries),
        resources=b"/XObject<</I 6 0 R>>",
    )
    extracted = extracted_of(content)
    assert extracted.text == "Body"
    assert any("picture" in note for note in extracted.notes)
    image = open_document(content, OPTIONS)[0].get_image_info()[0]
    assert (image["width"], image["height"]) == (1, 1)


def test_the_title_of_the_file_is_kept_apart_from_the_text() -> None:
    content = changed(pdf_of(lines("Body")), lambda pdf: pdf.set_metadata({"title": "For Aurelia"}))
    extracted = extracted_of(content)
    assert extracted.title == "For Aurelia"
    assert extracted.text == "Body"
