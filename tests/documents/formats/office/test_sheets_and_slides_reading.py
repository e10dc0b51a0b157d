"""What a reader gets of a workbook, a presentation and an ODT."""

from __future__ import annotations

import re
from datetime import date

import openpyxl

from documents.formats import office
from documents.formats.model import Extracted, Role
from tests.documents.formats.office import sheet_places, slide_places, text_places
from tests.documents.formats.office.world import CANARY, OPTIONS, cleaned, parts_of


def read(content: bytes) -> Extracted:
    return office.read(content, OPTIONS)


def test_sheets_are_pages_and_tables_under_their_names() -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        other = workbook.create_sheet("Other")
        other["B3"] = date(2023, 3, 15)

    extracted = read(sheet_places.book(fill))
    assert extracted.text == "Sheet\nplain words that stay\n12\nOther\n2023-03-15"
    last = extracted.blocks[-1]
    assert (last.role, last.page, last.table, last.row, last.column) == (Role.CELL, 2, 2, 2, 1)
    assert extracted.blocks[0].role is Role.HEADING


def test_cells_of_a_row_are_separated_by_tabs() -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.active
        assert sheet is not None
        sheet["C2"], sheet["D2"] = True, 0.5

    assert "\n12\tTRUE\t0.5" in read(sheet_places.book(fill)).text


def test_hidden_rows_and_sheets_are_read_and_said() -> None:
    extracted = read(sheet_places.PLACES["hidden rows, columns and sheets"]())
    assert extracted.text.count(CANARY) == 3
    assert "The workbook has hidden sheets; they are read like others." in extracted.notes
    assert any("hidden rows or columns" in note for note in extracted.notes)


def test_formula_that_was_never_calculated_is_read_as_text() -> None:
    extracted = read(sheet_places.PLACES["formulas"]())
    assert f'=CONCATENATE("{CANARY}", A1)' in extracted.text
    assert "2 formulas will not be in the clean file; their values stay." in extracted.notes


def test_value_split_by_codes_of_a_header_is_one_value() -> None:
    assert f"{CANARY}\n" in read(sheet_places.PLACES["headers and footers"]()).text


def test_charts_follow_a_sheet_to_its_new_name() -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        from openpyxl.chart import BarChart, Reference

        sheet = workbook.active
        assert sheet is not None
        sheet.title = CANARY
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
        sheet.add_chart(chart, "F5")

    chart = parts_of(cleaned(sheet_places.book(fill))[1].content)["xl/charts/chart1.xml"].decode()
    assert re.search(r"'&lt;PRIVATE_PERSON(>|&gt;)'!\$B\$1", chart)


def test_number_formats_with_text_are_read() -> None:
    extracted = read(sheet_places.PLACES["styles and number formats"]())
    assert extracted.blocks[-1].title == "Number formats"
    assert f"5 {CANARY}" in extracted.text


def test_titles_and_items_of_slides_are_told_apart() -> None:
    extracted = read(slide_places.slides())
    assert [(block.role, block.level) for block in extracted.blocks] == [
        (Role.HEADING, 1),
        (Role.ITEM, 1),
        (Role.HEADING, 1),
    ]


def test_notes_and_comments_of_slides_have_titles() -> None:
    notes = read(slide_places.PLACES["notes"]()).blocks[-1]
    assert (notes.title, notes.role, notes.page) == ("Notes of slide 1", Role.NOTE, 1)
    comment = read(slide_places.PLACES["comments and their authors"]()).blocks[-1]
    assert (comment.title, comment.role) == ("Comment 1 on slide 1", Role.COMMENT)


def test_odt_headings_lists_tables_and_notes() -> None:
    content = text_places.odt(
        "<text:list><text:list-item><text:p>item</text:p><text:list><text:list-item>"
        "<text:p>deeper</text:p></text:list-item></text:list></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>see<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>below</text:p></text:note-body></text:note> there</text:p>"
    )
    extracted = read(content)
    assert extracted.text == (
        "A heading\nplain words that stay\nitem\ndeeper\na\tb\nsee there\nbelow"
    )
    assert [(block.role, block.level) for block in extracted.blocks[:4]] == [
        (Role.HEADING, 2),
        (Role.PARAGRAPH, 0),
        (Role.ITEM, 1),
        (Role.ITEM, 2),
    ]


def test_deleted_text_of_an_odt_is_said() -> None:
    extracted = read(text_places.PLACES["tracked changes"]())
    assert "1 tracked deletion will not be in the clean file." in extracted.notes
    assert CANARY not in extracted.text
