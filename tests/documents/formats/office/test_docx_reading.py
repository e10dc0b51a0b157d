"""What a reader gets of a Word document."""

from __future__ import annotations

import docx

from documents.formats import office
from documents.formats.model import Extracted, Role
from tests.documents.formats.office.word_places import PLACES, body, p, r
from tests.documents.formats.office.world import OPTIONS, edited, planted, put, saved


def read(content: bytes) -> Extracted:
    return office.read(content, OPTIONS)


def lines(extracted: Extracted) -> list[str]:
    return [extracted.text[block.start : block.end] for block in extracted.blocks]


def test_headings_items_and_paragraphs_are_told_apart() -> None:
    document = docx.Document()
    document.add_heading("Top", 0)
    document.add_heading("One", 1)
    document.add_heading("Three", 3)
    document.add_paragraph("text")
    document.add_paragraph("item", "List Bullet")
    document.add_paragraph("deeper", "List Bullet 2")
    extracted = read(saved(document))
    assert [(block.role, block.level) for block in extracted.blocks] == [
        (Role.HEADING, 1),
        (Role.HEADING, 1),
        (Role.HEADING, 3),
        (Role.PARAGRAPH, 0),
        (Role.ITEM, 1),
        (Role.ITEM, 2),
    ]
    assert extracted.text == "Top\nOne\nThree\ntext\nitem\ndeeper"


def test_heading_is_known_by_name_and_not_by_id() -> None:
    style = (
        '<w:style w:type="paragraph" w:styleId="berschrift2x"><w:name w:val="heading 2"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Eigene"/>'
        '<w:basedOn w:val="berschrift2x"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="Lvl"><w:name w:val="Anders"/>'
        '<w:pPr><w:outlineLvl w:val="3"/></w:pPr></w:style>'
    )
    content = body(
        "".join(
            p(f'<w:pPr><w:pStyle w:val="{name}"/></w:pPr>' + r(name))
            for name in ("berschrift2x", "Own", "Lvl")
        )
    )
    extracted = read(edited(content, {"word/styles.xml": put("</w:styles>", style)}))
    levels = {
        extracted.text[block.start : block.end]: block.level
        for block in extracted.blocks
        if block.role is Role.HEADING
    }
    assert levels == {"A heading": 1, "berschrift2x": 2, "Own": 2, "Lvl": 4}


def test_cells_are_separated_by_tabs_and_rows_by_line_ends() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    for row in range(2):
        for column in range(2):
            table.cell(row, column).text = f"{row}{column}"
    table.cell(1, 1).add_paragraph("more")
    extracted = read(saved(document))
    assert extracted.text == "00\t01\n10\t11\nmore"
    assert [(block.row, block.column) for block in extracted.blocks][-2:] == [(1, 1), (1, 1)]
    assert {block.table for block in extracted.blocks} == {1}


def test_a_paragraph_is_one_block_whatever_its_runs() -> None:
    extracted = read(PLACES["split over runs"]())
    assert lines(extracted)[-1] == "Zephyrina Quillborne"


def test_insertions_are_read_and_deletions_are_not() -> None:
    text = read(PLACES["tracked insertion"]()).text
    assert text.endswith("Zephyrina Quillborne")
    extracted = read(PLACES["tracked deletion"]())
    assert extracted.text.endswith("kept")
    assert "1 tracked deletion will not be in the clean file." in extracted.notes


def test_moved_text_is_read_once() -> None:
    assert read(PLACES["tracked move"]()).text.count("Quillborne") == 1


def test_paragraphs_whose_end_was_deleted_are_one() -> None:
    assert lines(read(PLACES["deleted end of a paragraph"]()))[-1] == "Zephyrina Quillborne"


def test_fields_are_read_by_their_results() -> None:
    extracted = read(PLACES["field code and result"]())
    assert lines(extracted)[-3:] == ["Zephyrina Quillborne", "Zephyrina", "1"]
    assert "example.org" not in extracted.text


def test_text_boxes_follow_their_paragraph_once() -> None:
    assert read(PLACES["text box, both branches"]()).text.count("Quillborne") == 1


def test_parts_beside_the_body_come_after_it_with_titles() -> None:
    for place, title, role in (
        ("headers and footers", "Header", Role.HEADER),
        ("footnote", "Footnote 2", Role.NOTE),
        ("comment", "Comment 1", Role.COMMENT),
        ("chart with its workbook", "Chart", Role.CELL),
        ("hyperlink target", "Link targets", Role.FIELD),
    ):
        extracted = read(PLACES[place]())
        titled = [block for block in extracted.blocks if block.title]
        assert (titled[0].title, titled[0].role) == (title, role)
        assert extracted.blocks[0].title == ""


def test_words_of_pictures_have_boxes() -> None:
    extracted = read(PLACES["picture"]())
    picture = extracted.pictures[0]
    assert (picture.width, picture.height) == (900, 160)
    words = [extracted.text[word.start : word.end] for word in picture.words]
    assert words == ["Quillborne", "wins"]
    assert extracted.text[picture.start : picture.end] == "Quillborne wins"
    assert all(0 <= word.box[0] < word.box[2] <= 900 for word in picture.words)


def test_blocks_ascend_and_only_separators_stand_between() -> None:
    for make in PLACES.values():
        extracted = planted(make).extracted
        end = 0
        for block in extracted.blocks:
            assert end <= block.start < block.end
            assert not extracted.text[end : block.start].strip("\n\t")
            end = block.end
        assert end == len(extracted.text)


def test_title_is_given_apart() -> None:
    extracted = read(PLACES["properties"]())
    assert extracted.title == "Zephyrina Quillborne"
    assert "Quillborne" not in extracted.text


def test_notes_quote_nothing() -> None:
    for make in PLACES.values():
        assert "uillborne" not in " ".join(planted(make).extracted.notes)
