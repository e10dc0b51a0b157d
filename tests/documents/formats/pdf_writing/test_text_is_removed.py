"""Hidden text is out of the content of the page, and nothing beside it is."""

from __future__ import annotations

import io

import pikepdf
import pymupdf
import pytest
import xray
from pikepdf import Array, Dictionary, Name

from tests.documents.formats.pdf_writing.made import (
    NAME,
    a_letter,
    a_page,
    helvetica,
    holds,
    redacted,
    written,
)


def test_name_is_gone_and_its_sentence_stays() -> None:
    assert holds(a_letter(), NAME)
    result = redacted(a_letter(), NAME)
    assert not holds(result.content, NAME)
    assert "Dear" in result.text()
    assert ", your flat is ready." in result.text()
    assert "PERSON_1" in result.text()


def test_text_under_a_black_rectangle_is_removed() -> None:
    def cover(page: pymupdf.Page) -> None:
        for box in page.search_for(NAME):
            page.draw_rect(box, fill=(0, 0, 0))

    content = a_page(cover, f"Dear {NAME}, your flat is ready.")
    assert xray.inspect(content)
    result = redacted(content, NAME)
    assert not holds(result.content, NAME)
    assert xray.inspect(result.content) == {}


def test_unapplied_redaction_annotation_leaves_nothing() -> None:
    def mark(page: pymupdf.Page) -> None:
        for box in page.search_for(NAME):
            page.add_redact_annot(box, text=f"was {NAME}")

    result = redacted(a_page(mark, f"Dear {NAME}, your flat is ready."), NAME)
    assert not holds(result.content, NAME)
    with pikepdf.open(io.BytesIO(result.content)) as pdf:
        assert "/Annots" not in pdf.pages[0].obj


@pytest.mark.parametrize("font", ["helv", "tiro", "cour"])
@pytest.mark.parametrize("value", ["AVAT", "fij", "ill1", "WATO"])
def test_neighbouring_letters_stay(font: str, value: str) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 300), f"xTo{value}Ty", fontname=font, fontsize=11)

    result = redacted(a_page(draw, "A line above."), value)
    assert value not in result.text().replace(" ", "")
    assert "xTo" in result.text()
    assert "Ty" in result.text()


def test_lines_set_tightly_lose_nothing() -> None:
    def draw(page: pymupdf.Page) -> None:
        for number in range(9):
            page.insert_text((72, 300 + 9 * number), f"row {number} jumpy word{number} gjpq")

    result = redacted(a_page(draw), "word4")
    assert "word4" not in result.text()
    for number in (0, 1, 2, 3, 5, 6, 7, 8):
        assert f"row {number} jumpy word{number} gjpq" in result.text()
    assert "row 4 jumpy" in result.text()


def test_two_regions_of_one_line_are_both_removed() -> None:
    content = a_page(None, f"From {NAME} to Bartholomew Finch and back to {NAME}.")
    result = redacted(content, NAME, "Bartholomew Finch")
    assert not holds(result.content, NAME)
    assert not holds(result.content, "Bartholomew Finch")
    assert result.text().count("PERSON_1") == 3
    assert "and back to" in result.text()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("is_cropped", [False, True])
def test_rotated_and_cropped_pages(rotation: int, is_cropped: bool) -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((300, 400), f"upwards {NAME} upwards", rotate=90)
        if is_cropped:
            page.set_cropbox(pymupdf.Rect(30, 40, 560, 700))
        page.set_rotation(rotation)

    result = redacted(a_page(draw, f"Dear {NAME}, your flat is ready."), NAME)
    assert len(result.hidden) == 2
    assert not holds(result.content, NAME)
    assert "your flat is ready." in result.text()
    assert result.text().count("upwards") == 2
    assert all(check.is_passed for check in result.checks())


def test_oblique_text_is_removed() -> None:
    def draw(page: pymupdf.Page) -> None:
        at = pymupdf.Point(200, 500)
        page.insert_text(at, f"stamp {NAME} stamp", morph=(at, pymupdf.Matrix(33)))

    result = redacted(a_page(draw, "A line."), NAME)
    assert result.hidden
    assert not holds(result.content, NAME)
    assert result.text().count("stamp") == 2


@pytest.mark.parametrize(
    "setting",
    [b"3 Tr", b"1 g", b"0.1 Tz", b"7 Ts", b"1 Tc 9 Tw", b"1 Tr 0.2 w"],
    ids=["invisible", "white", "narrow", "risen", "spaced", "outlined"],
)
def test_text_that_is_hard_to_see_is_removed(setting: bytes) -> None:
    content = written(b"BT /F 12 Tf 40 300 Td (plain) Tj 0 -40 Td %s (Wilhelmina) Tj ET" % setting)
    result = redacted(content, "Wilhelmina")
    assert result.hidden
    assert not holds(result.content, "Wilhelmina")
    assert "plain" in result.text()


def test_text_of_a_form_in_a_form_is_removed() -> None:
    pdf = pikepdf.new()
    inner = pdf.make_stream(
        b"BT /F 12 Tf 10 10 Td (Dear Wilhelmina) Tj 0 20 Td [(Wil) -20 (helm) 30 (ina)] TJ ET",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 200, 60]),
        Resources=Dictionary(Font=Dictionary(F=helvetica())),
    )
    outer = pdf.make_stream(
        b"q 1 0 0 1 20 20 cm /Inner Do Q",
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 300, 300]),
        Matrix=Array([1, 0, 0, 1, 30, 40]),
        Resources=Dictionary(XObject=Dictionary(Inner=inner)),
    )
    for _ in range(2):
        page = pdf.add_blank_page(page_size=(400, 400)).obj
        page.Resources = Dictionary(XObject=Dictionary(Outer=outer))
        page.Contents = pdf.make_stream(b"/Outer Do 1 0 0 1 0 150 cm /Outer Do")
    content = io.BytesIO()
    pdf.save(content)
    result = redacted(content.getvalue(), "Wilhelmina")
    assert len(result.hidden) == 8
    assert not holds(result.content, "Wilhelmina")
    assert result.text(0).count("Dear") == 2
    assert result.text(1).count("Dear") == 2


def test_text_of_a_type3_font_is_removed() -> None:
    pdf = pikepdf.new()
    glyphs = {
        f"/g{code}": pdf.make_stream(b"600 0 0 0 500 700 d1 0 0 %d 700 re f" % (100 + code))
        for code in b"Quist"
    }
    listed: list[object] = []
    for code in sorted(b"Quist"):
        listed += [code, Name(f"/g{code}")]
    cmap = b"5 beginbfchar " + b"".join(b"<%02x> <%04x> " % (c, c) for c in b"Quist") + b"endbfchar"
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 600, 700]),
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(glyphs),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array(listed)),
        FirstChar=0,
        LastChar=255,
        Widths=Array([600] * 256),
        ToUnicode=pdf.make_stream(cmap),
    )
    page = pdf.add_blank_page(page_size=(400, 400)).obj
    page.Resources = Dictionary(Font=Dictionary(T=pdf.make_indirect(font), F=helvetica()))
    page.Contents = pdf.make_stream(
        b"BT /F 12 Tf 40 340 Td (plain) Tj /T 12 Tf 0 -60 Td (Quist) Tj 0 -60 Td (stu) Tj ET"
    )
    content = io.BytesIO()
    pdf.save(content)
    result = redacted(content.getvalue(), "Quist")
    assert result.hidden
    assert not holds(result.content, "Quist")
    assert "stu" in result.text()
    with pikepdf.open(io.BytesIO(result.content)) as clean:
        left = [
            font for font in clean.objects if isinstance(font, Dictionary) and "/CharProcs" in font
        ]
        assert set(left[0].CharProcs.keys()) == {"/g115", "/g116", "/g117"}


def test_text_inside_of_a_pattern_makes_the_page_a_picture() -> None:
    pdf = pikepdf.new()
    cell = pdf.make_stream(
        b"BT /F 18 Tf 10 300 Td (Dear Wilhelmina) Tj ET",
        Type=Name.Pattern,
        PatternType=1,
        PaintType=1,
        TilingType=1,
        BBox=Array([0, 0, 400, 400]),
        XStep=400,
        YStep=400,
        Resources=Dictionary(Font=Dictionary(F=helvetica())),
    )
    page = pdf.add_blank_page(page_size=(400, 400)).obj
    page.Resources = Dictionary(Pattern=Dictionary(P=cell), Font=Dictionary(F=helvetica()))
    page.Contents = pdf.make_stream(
        b"/Pattern cs /P scn 0 0 400 400 re f BT 0 g /F 12 Tf 40 40 Td (plain) Tj ET"
    )
    content = io.BytesIO()
    pdf.save(content)
    result = redacted(content.getvalue(), "Wilhelmina")
    assert result.hidden
    assert not holds(result.content, "Wilhelmina")
    assert any("picture" in sentence for sentence in result.cleaned.removed)
    assert all(check.is_passed for check in result.checks())


def test_text_beyond_the_edges_is_removed_unread() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 20), "Beyond Wilhelmina")
        page.insert_text((-300, 300), "Beyond Quist")
        page.set_cropbox(pymupdf.Rect(0, 40, 595, 842))

    content = a_page(draw, "Inside stands nothing private.")
    assert holds(content, "Beyond Quist")
    result = redacted(content)
    assert not holds(result.content, "Beyond")
    assert "Inside stands nothing private." in result.text()


def test_line_under_a_hidden_word_goes_with_it() -> None:
    def draw(page: pymupdf.Page) -> None:
        box = page.search_for(NAME)[0]
        page.draw_line((box.x0, box.y1 - 1), (box.x1, box.y1 - 1))
        page.draw_line((72, 300), (500, 300))

    result = redacted(a_page(draw, f"Dear {NAME}, your flat is ready."), NAME)
    with pymupdf.open(stream=result.content) as document:
        lines = [d["rect"] for d in document[0].get_drawings() if d["type"] == "s"]
    assert [round(line.width) for line in lines] == [428]
