"""What a clean file keeps, and how a replacement stands in it."""

from __future__ import annotations

import io
import re
import zipfile

import docx
import openpyxl
import pptx
import pytest
from PIL import Image

from documents.formats import office
from documents.formats.model import CannotCleanError, Hidden
from tests.documents.formats.office import (
    sheet_places,
    slide_places,
    text_places,
    word_places,
    world,
)
from tests.documents.formats.office.world import (
    CANARY,
    OPTIONS,
    OTHER,
    cleaned,
    hidden_in,
    parts_of,
    redacted,
)

# A hidden address leads nowhere, a hidden number format is dropped, a bar is no text, and a sheet's
# name has rules of its own: there the replacement is not written, or not word for word.
_NOT_WRITTEN = re.compile(r"hyperlink|link|number formats|picture|name of a sheet")
EVERY = {
    f"{kind}: {name}": make
    for kind, places in (
        ("word", word_places.PLACES),
        ("sheet", sheet_places.PLACES),
        ("slide", slide_places.PLACES),
        ("odt", text_places.PLACES),
    )
    for name, make in places.items()
    if not _NOT_WRITTEN.search(name)
}


@pytest.mark.parametrize("place", EVERY)
def test_clean_file_reads_as_the_redacted_text(place: str) -> None:
    made = world.planted(EVERY[place])
    again = office.read(made.written.content, OPTIONS)
    assert again.text == redacted(made.extracted, hidden_in(made.extracted))
    assert again.notes == () or "hidden" in again.notes[0]


def test_replacement_takes_the_format_of_the_first_run() -> None:
    content = word_places.body(
        word_places.p(
            word_places.r("Ms ")
            + word_places.r("Zephyrina ", "<w:rPr><w:b/></w:rPr>")
            + word_places.r("Quillborne", "<w:rPr><w:i/></w:rPr>")
            + word_places.r(" came", "<w:rPr><w:u w:val='single'/></w:rPr>")
        )
    )
    document = docx.Document(io.BytesIO(cleaned(content)[1].content))
    runs = [run for run in document.paragraphs[-1].runs if run.text]
    assert [run.text for run in runs] == ["Ms ", "<PRIVATE_PERSON>", " came"]
    assert [bool(run.bold) for run in runs] == [False, True, False]
    assert runs[-1].underline


def test_page_numbers_and_layout_stay() -> None:
    clean = parts_of(world.planted(word_places.PLACES["field code and result"]).written.content)
    document = clean["word/document.xml"].decode()
    assert " PAGE " in document
    assert "MERGEFIELD" not in document
    assert "<w:pgSz " in document


def test_link_that_is_not_hidden_stays() -> None:
    content = word_places.with_link(
        word_places.body(
            word_places.p('<w:hyperlink r:id="rIdAdded"><w:r><w:t>x</w:t></w:r></w:hyperlink>')
        ),
        "word/document.xml",
        "https://example.org/a",
    )
    rels = parts_of(cleaned(content)[1].content)["word/_rels/document.xml.rels"].decode()
    assert 'Target="https://example.org/a"' in rels


def test_comments_stay_under_other_names() -> None:
    clean = world.planted(word_places.PLACES["comment"]).written.content
    comment = next(iter(docx.Document(io.BytesIO(clean)).comments))
    assert comment.text == "ask <PRIVATE_PERSON>"
    assert (comment.author, comment.initials, comment.timestamp) == ("Author1", "A1", None)


def test_pixels_under_a_bar_are_gone() -> None:
    made = world.planted(word_places.PLACES["picture"])
    media = [part for name, part in parts_of(made.written.content).items() if "media/" in name]
    image = Image.open(io.BytesIO(media[0])).convert("L")
    x0, y0, x1, y1 = made.extracted.pictures[0].words[0].box
    inside = image.crop((int(x0), int(y0), int(x1), int(y1)))
    assert inside.getextrema() == (0, 0)
    beside = image.crop((int(x1) + 12, 0, image.width, image.height))
    assert beside.getextrema()[1] == 255


def test_pictures_are_written_without_metadata_when_nothing_is_hidden() -> None:
    content = word_places.PLACES["metadata of a picture"]()
    written = office.write_clean(content, office.read(content, OPTIONS), [], options=OPTIONS)
    media = [part for name, part in parts_of(written.content).items() if "media/" in name]
    assert media
    assert all(CANARY.encode() not in part and b"Exif" not in part for part in media)


def test_hidden_numbers_and_dates_become_text() -> None:
    from datetime import date

    content = sheet_places.with_number(date(1980, 5, 17), "dd/mm/yyyy")
    written = cleaned(content, re.compile("1980-05-17"))[1].content
    sheet = openpyxl.load_workbook(io.BytesIO(written)).active
    assert sheet is not None
    assert sheet["C3"].value == "<PRIVATE_PERSON>"
    assert sheet["B2"].value == 12
    assert "29358" not in parts_of(written)["xl/worksheets/sheet1.xml"].decode()


def test_formulas_give_way_to_their_values() -> None:
    written = world.planted(sheet_places.PLACES["cached values"]).written
    assert "<f>" not in parts_of(written.content)["xl/worksheets/sheet1.xml"].decode()
    assert written.removed == ("1 formula was removed; its value stays.",)


def test_one_of_two_cells_of_a_string_can_be_hidden() -> None:
    content = sheet_places.PLACES["string of two cells"]()
    extracted = office.read(content, OPTIONS)
    first = hidden_in(extracted)[:1]
    written = office.write_clean(content, extracted, first, options=OPTIONS).content
    sheet = openpyxl.load_workbook(io.BytesIO(written)).active
    assert sheet is not None
    assert (sheet["A7"].value, sheet["B7"].value) == ("Ms <PRIVATE_PERSON>", f"Ms {CANARY}")


def test_sheet_gets_a_name_that_a_sheet_can_have() -> None:
    written = cleaned(sheet_places.book(lambda book: book.create_sheet(CANARY)))[1].content
    assert openpyxl.load_workbook(io.BytesIO(written)).sheetnames == ["Sheet", "<PRIVATE_PERSON>"]


def test_notes_of_cells_stay() -> None:
    written = world.planted(sheet_places.PLACES["note"]).written.content
    sheet = openpyxl.load_workbook(io.BytesIO(written)).active
    assert sheet is not None
    comment = sheet["B2"].comment
    assert comment is not None
    assert (comment.text, comment.author) == ("ask <PRIVATE_PERSON>", "Author1")


def test_slides_keep_their_order_tables_and_notes() -> None:
    written = world.planted(slide_places.PLACES["table"]).written.content
    slides = list(pptx.Presentation(io.BytesIO(written)).slides)
    assert slides[1].shapes.title.text == "Second"
    table = next(shape.table for shape in slides[0].shapes if shape.has_table)
    assert table.cell(1, 1).text == "<PRIVATE_PERSON>"
    with_notes = world.planted(slide_places.PLACES["notes"]).written.content
    first = pptx.Presentation(io.BytesIO(with_notes)).slides[0]
    assert first.notes_slide.notes_text_frame.text == "say hello to <PRIVATE_PERSON>"


def test_slides_are_pages() -> None:
    extracted = office.read(slide_places.slides(), OPTIONS)
    pages = {extracted.text[block.start : block.end]: block.page for block in extracted.blocks}
    assert pages == {"A title": 1, OTHER: 1, "Second": 2}


def test_macro_file_becomes_a_plain_one() -> None:
    written = world.planted(word_places.PLACES["macros"]).written
    types = parts_of(written.content)["[Content_Types].xml"].decode()
    assert "macroEnabled" not in types
    assert "1 macro project was removed." in written.removed


def test_package_has_no_dates_extra_fields_or_remarks() -> None:
    for make in (word_places.plain, sheet_places.book, slide_places.slides, text_places.odt):
        with zipfile.ZipFile(io.BytesIO(cleaned(make())[1].content)) as archive:
            assert archive.comment == b""
            for entry in archive.infolist():
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)
                assert (entry.extra, entry.comment) == (b"", b"")


def test_writing_is_deterministic() -> None:
    content = word_places.PLACES["headers and footers"]()
    assert cleaned(content)[1].content == cleaned(content)[1].content


def test_other_file_than_the_one_read_is_not_written() -> None:
    extracted = office.read(word_places.plain(), OPTIONS)
    with pytest.raises(CannotCleanError):
        office.write_clean(word_places.PLACES["body"](), extracted, [], options=OPTIONS)


def test_part_of_a_tab_or_line_end_can_be_hidden() -> None:
    content = word_places.PLACES["split over a tab and a line end"]()
    extracted = office.read(content, OPTIONS)
    at = extracted.text.index("\t")
    span = Hidden(at, at + 3, "X", "[X]")
    written = office.write_clean(content, extracted, [span], options=OPTIONS).content
    assert "Zephyrina[X]illborne" in office.read(written, OPTIONS).text
