"""The order of reading: paragraphs, columns, tables, lists, headings."""

from __future__ import annotations

import pymupdf
import pytest

from documents.formats.model import Role
from tests.documents.formats.pdf_reading.made import (
    extracted_of,
    lines,
    pdf_of,
    text_of,
    texts_of,
)

PROSE = (
    "The employee is engaged as a calibration engineer and reports to Joost van Rijn. Work "
    "begins on the first of March at the Delft site, four days a week, and the gross salary is "
    "paid on the last working day of each month to the account that the employee names. "
)


def _box(page: pymupdf.Page, rect: tuple[float, float, float, float], text: str) -> None:
    """Write text into a column as wide as a rectangle; it has to fit."""
    assert page.insert_textbox(rect, text, fontsize=10, fontname="helv") >= 0


def test_wrapped_lines_become_one_paragraph() -> None:
    content = pdf_of(lambda page: _box(page, (72, 72, 300, 400), PROSE))
    assert texts_of(extracted_of(content)) == [PROSE.strip()]


def test_a_name_split_over_two_lines_stands_in_a_row() -> None:
    text = "This contract of employment is made between Halden Instruments and Aurelia"
    content = pdf_of(lines(text, "Fontaine-Mbeki, residing at Rue des Tanneurs 44, 1000 Brussels."))
    assert "Aurelia Fontaine-Mbeki" in extracted_of(content).text


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        ("is made here between the company and Aurelia Fon-", "taine and another", "Fontaine and"),
        ("is made here between the company and Fontaine-", "Mbeki and another", "Fontaine-Mbeki"),
        ("is made here between the company and 0961-", "2345 and so on", "0961- 2345"),
    ],
)
def test_a_word_cut_at_the_end_of_a_line_is_joined(upper: str, lower: str, expected: str) -> None:
    assert expected in extracted_of(pdf_of(lines(upper, lower))).text


def test_lines_of_an_address_stay_lines_of_one_block() -> None:
    content = pdf_of(
        lambda page: (
            lines("Aurelia Fontaine", "Rue des Tanneurs 44", "1000 Brussels")(page),
            _box(page, (72, 200, 520, 400), PROSE),
        )
    )
    assert texts_of(extracted_of(content)) == [
        "Aurelia Fontaine\nRue des Tanneurs 44\n1000 Brussels",
        PROSE.strip(),
    ]


def test_a_gap_parts_paragraphs() -> None:
    def draw(page: pymupdf.Page) -> None:
        _box(page, (72, 72, 300, 200), PROSE)
        _box(page, (72, 230, 300, 400), PROSE)

    assert texts_of(extracted_of(pdf_of(draw))) == [PROSE.strip()] * 2


def test_an_indented_first_line_begins_a_paragraph() -> None:
    content = pdf_of(
        lambda page: (
            lines("   " + PROSE[:80], PROSE[81:160])(page),
            lines(PROSE[:70], x=92, y=128)(page),
            lines(PROSE[71:160], y=142)(page),
        )
    )
    assert len(extracted_of(content).blocks) == 2


def test_columns_are_read_one_after_the_other() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 60), "A heading across both of the columns of this page", fontsize=16)
        # Drawn row by row, so that the order of drawing does not help.
        left, right = "Left " + PROSE, "Right " + PROSE
        _box(page, (310, 80, 520, 300), right)
        _box(page, (72, 80, 285, 300), left)
        _box(page, (72, 320, 520, 500), "Below " + PROSE)

    texts = texts_of(extracted_of(pdf_of(draw)))
    assert [text.split()[0] for text in texts] == ["A", "Left", "Right", "Below"]
    assert texts[1] == "Left " + PROSE.strip()


@pytest.mark.parametrize("x", [40, 520])
def test_notes_in_the_margin_do_not_cut_the_text_into_cells(x: float) -> None:
    def draw(page: pymupdf.Page) -> None:
        _box(page, (110, 80, 480, 300), PROSE * 2)
        for number, note in enumerate(("Note on", "the work", "162")):
            page.insert_text((x, 91 + 26 * number), note, fontsize=10)

    texts = texts_of(extracted_of(pdf_of(draw)))
    assert texts[0] == (PROSE * 2).strip()
    assert "162" in texts[-1]


def _rows(page: pymupdf.Page, rows: list[list[str]], step: float = 18, y: float = 100) -> None:
    for number, row in enumerate(rows):
        for column, text in enumerate(row):
            page.insert_text((72 + 150 * column, y + number * step), text)


ROWS = [
    ["Name", "Account", "City"],
    ["Aurelia Fontaine", "BE71 0961", "Brussels"],
    ["Thabo Mbeki", "NL91 ABNA", "Delft"],
]


def test_a_table_is_read_row_by_row() -> None:
    extracted = extracted_of(pdf_of(lambda page: _rows(page, ROWS)))
    assert extracted.text == "\n".join("\t".join(row) for row in ROWS)
    assert [(b.table, b.row, b.column) for b in extracted.blocks] == [
        (1, row, column) for row in range(3) for column in range(3)
    ]
    assert {block.role for block in extracted.blocks} == {Role.CELL}


def test_a_ruled_cell_holds_its_lines_together() -> None:
    def draw(page: pymupdf.Page) -> None:
        for x in (70, 170, 330):
            page.draw_line((x, 80), (x, 180))
        for y in (80, 130, 180):
            page.draw_line((70, y), (330, y))
        lines("Aurelia Jo", "Fontaine", x=75, y=95)(page)
        lines("Rue des Tan-", "neurs 44", x=175, y=95)(page)
        lines("Thabo", "Mbeki", x=75, y=145)(page)
        lines("Havenkade 12", "Delft", x=175, y=145)(page)

    extracted = extracted_of(pdf_of(draw))
    assert [block.row for block in extracted.blocks] == [0, 0, 1, 1]
    texts = [text.replace("\n", " ") for text in texts_of(extracted)]
    assert texts == [
        "Aurelia Jo Fontaine",
        "Rue des Tanneurs 44",
        "Thabo Mbeki",
        "Havenkade 12 Delft",
    ]


def test_two_tables_have_two_numbers() -> None:
    def draw(page: pymupdf.Page) -> None:
        _rows(page, ROWS)
        _box(page, (72, 200, 520, 300), PROSE)
        _rows(page, ROWS, y=400)

    extracted = extracted_of(pdf_of(draw, draw))
    assert sorted({block.table for block in extracted.blocks}) == [0, 1, 2, 3, 4]


def test_items_of_a_list_are_items() -> None:
    content = pdf_of(
        lines("Bring along:", "1. the passport of Aurelia", "2. the contract", "a) signed")
    )
    extracted = extracted_of(content)
    assert [block.role for block in extracted.blocks] == [Role.PARAGRAPH] + [Role.ITEM] * 3
    assert text_of(extracted, extracted.blocks[1]) == "1. the passport of Aurelia"


def test_a_bullet_apart_from_its_text_is_no_table() -> None:
    def draw(page: pymupdf.Page) -> None:
        for number, text in enumerate(("the passport", "the contract", "the key")):
            page.insert_text((72, 100 + 15 * number), "\u2022")
            page.insert_text((110, 100 + 15 * number), text)

    extracted = extracted_of(pdf_of(draw))
    assert {block.role for block in extracted.blocks} == {Role.ITEM}
    assert len(extracted.blocks) == 3


def test_headings_are_told_by_size() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 80), "Contract of employment", fontsize=20)
        page.insert_text((72, 120), "1. Parties", fontsize=14)
        _box(page, (72, 140, 400, 300), PROSE)

    extracted = extracted_of(pdf_of(draw))
    found = [(block.role, block.level) for block in extracted.blocks]
    assert found == [(Role.HEADING, 1), (Role.HEADING, 2), (Role.PARAGRAPH, 0)]


def test_headings_are_told_by_weight() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 120), "Parties", fontsize=10, fontname="hebo")
        _box(page, (72, 125, 400, 300), PROSE)

    assert [block.role for block in extracted_of(pdf_of(draw)).blocks] == [
        Role.HEADING,
        Role.PARAGRAPH,
    ]


def test_what_every_page_repeats_at_its_edge_is_header_and_footer() -> None:
    def page_of(number: int):
        def draw(page: pymupdf.Page) -> None:
            page.insert_text((72, 40), "Halden Instruments", fontsize=8)
            _box(page, (72, 140, 400, 300), f"{number} {PROSE}")
            page.insert_text((280, 820), f"{number} of 4", fontsize=8)

        return draw

    extracted = extracted_of(pdf_of(*map(page_of, range(1, 5))))
    roles = [block.role for block in extracted.blocks]
    assert roles == [Role.HEADER, Role.PARAGRAPH, Role.FOOTER] * 4


def test_numbers_of_lines_stand_apart_from_what_they_count() -> None:
    def draw(page: pymupdf.Page) -> None:
        for number in range(1, 21):
            page.insert_text((60, 80 + 24 * number), str(number))
            page.insert_text((110, 80 + 24 * number), f"{PROSE[:60]} Los Angeles and Aurelia")

    text = extracted_of(pdf_of(draw)).text
    assert not text.startswith("1\t")
    assert text.count("and Aurelia") == 20


def test_writing_without_spaces_is_joined_without_spaces() -> None:
    content = pdf_of(
        lambda page: page.insert_textbox(
            (72, 72, 200, 300),
            "哈尔滨电气国际工程有限责任公司法定代表人海关注册登记编码",
            fontname="china-s",
        )
    )
    assert " " not in extracted_of(content).text
    assert "\n" not in extracted_of(content).text
