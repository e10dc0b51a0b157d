"""All that a page shows or holds is in its text."""

from __future__ import annotations

import pymupdf
import pytest

from documents.formats.model import Extracted
from tests.documents.formats.pdf_reading.made import (
    changed,
    extracted_of,
    lines,
    pdf_of,
    raw_page,
    stream,
    texts_of,
)

ROTATIONS = (0, 90, 180, 270)


def check(extracted: Extracted) -> None:
    """Blocks, pages and words lie in order, and words are what stands in the text there."""
    end = 0
    for block in extracted.blocks:
        assert end <= block.start < block.end
        assert not extracted.text[end : block.start].strip("\n\t")
        end = block.end
    for page in extracted.pages:
        for word in page.words:
            assert page.start <= word.start < word.end <= page.end
            text = extracted.text[word.start : word.end]
            assert text == text.strip()
            assert not word.edges or len(word.edges) == len(text) + 1
            assert word.box[0] <= word.box[2]
            assert word.box[1] <= word.box[3]


def _two_pages() -> bytes:
    return pdf_of(lines("Aurelia Fontaine", "lives in Brussels"), lines("Thabo Mbeki"))


def test_reading_twice_gives_the_same() -> None:
    assert extracted_of(_two_pages()) == extracted_of(_two_pages())


def test_pages_have_their_parts_of_the_text() -> None:
    extracted = extracted_of(_two_pages())
    check(extracted)
    parts = [extracted.text[page.start : page.end].split() for page in extracted.pages]
    assert parts == [["Aurelia", "Fontaine", "lives", "in", "Brussels"], ["Thabo", "Mbeki"]]


def test_an_empty_page_has_no_text() -> None:
    extracted = extracted_of(pdf_of(lambda page: None, lines("Second")))
    assert [(page.start, page.end) for page in extracted.pages] == [(0, 0), (0, 6)]
    assert extracted.text == "Second"


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_words_stand_where_the_turned_page_shows_them(rotation: int) -> None:
    content = changed(pdf_of(lines("Aurelia Fontaine")), lambda pdf: pdf[0].set_rotation(rotation))
    extracted = extracted_of(content)
    check(extracted)
    page = extracted.pages[0]
    shown = pymupdf.open(stream=content, filetype="pdf")[0]
    assert (page.width, page.height) == (shown.rect.width, shown.rect.height)
    for word in page.words:
        assert _ink_share(shown, word.box) > 0.02
        assert _ink_share(shown, _moved(word.box, 40)) == 0.0


@pytest.mark.parametrize("rotation", ROTATIONS)
def test_words_stand_where_a_cropped_page_shows_them(rotation: int) -> None:
    def crop(pdf: pymupdf.Document) -> None:
        pdf[0].set_cropbox(pymupdf.Rect(50, 60, 400, 500))
        pdf[0].set_rotation(rotation)

    content = changed(pdf_of(lines("Aurelia Fontaine")), crop)
    shown = pymupdf.open(stream=content, filetype="pdf")[0]
    for word in extracted_of(content).pages[0].words:
        assert _ink_share(shown, word.box) > 0.02


def _ink_share(page: pymupdf.Page, box: tuple[float, float, float, float]) -> float:
    pixmap = page.get_pixmap(dpi=144, clip=pymupdf.Rect(box), colorspace=pymupdf.csGRAY)
    return sum(value < 128 for value in pixmap.samples) / max(1, len(pixmap.samples))


def _moved(box: tuple[float, float, float, float], by: float) -> tuple[float, float, float, float]:
    return box[0] + by, box[1] + by, box[2] + by, box[3] + by


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_text_that_runs_in_another_direction_is_read(rotate: int) -> None:
    content = pdf_of(
        lambda page: page.insert_text((300, 400), "Aurelia Fontaine", rotate=rotate, fontsize=14)
    )
    extracted = extracted_of(content)
    check(extracted)
    assert extracted.text == "Aurelia Fontaine"


@pytest.mark.parametrize(
    "operators",
    [
        pytest.param(b"3 Tr", id="invisible"),
        pytest.param(b"7 Tr", id="used as a clip only"),
        pytest.param(b"1 g", id="white"),
        pytest.param(b"0.01 0 0 0.01 0 0 cm", id="tiny"),
        pytest.param(b"1 0 0 1 5000 5000 cm", id="outside"),
        pytest.param(b"1 0 0 1 -9000 0 cm", id="outside on the left"),
        pytest.param(b"0 0 1 1 re W n", id="clipped away"),
        pytest.param(b"/A gs", id="transparent"),
        pytest.param(b"0 Tz", id="without width"),
    ],
)
def test_text_that_nobody_sees_is_read(operators: bytes) -> None:
    content = raw_page(
        operators + b" BT /F 12 Tf 72 700 Td (Aurelia Fontaine) Tj ET",
        resources=b"/ExtGState<</A<</ca 0/CA 0>>>>",
    )
    extracted = extracted_of(content)
    check(extracted)
    assert "AureliaFontaine" in extracted.text.replace(" ", "")


def test_what_nobody_sees_comes_after_what_everybody_sees() -> None:
    content = raw_page(
        b"BT 3 Tr /F 12 Tf 72 750 Td (Hidden words) Tj ET BT 0 Tr /F 12 Tf 72 700 Td (Body) Tj ET"
        b" BT /F 12 Tf 700 700 Td (Beyond) Tj ET"
    )
    extracted = extracted_of(content)
    assert texts_of(extracted) == ["Body", "Hidden words", "Beyond"]
    assert [bool(block.title) for block in extracted.blocks] == [False, True, True]


def test_text_in_nested_form_objects_is_read() -> None:
    inner = stream(
        b"BT /F 12 Tf 72 700 Td (Aurelia inside) Tj ET",
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>",
    )
    outer = stream(
        b"/X Do",
        b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 6 0 R>>>>",
    )
    content = raw_page(b"/Y Do", inner, outer, resources=b"/XObject<</Y 7 0 R>>")
    assert extracted_of(content).text == "Aurelia inside"


def test_what_is_drawn_counts_and_not_what_stands_for_it() -> None:
    content = raw_page(
        b"/Span<</ActualText(Somebody else)>> BDC"
        b" BT /F 12 Tf 72 700 Td (Aurelia Fontaine) Tj ET EMC"
    )
    assert extracted_of(content).text == "Aurelia Fontaine"


def test_letters_drawn_twice_for_bold_are_read_once() -> None:
    def draw(page: pymupdf.Page) -> None:
        for shift in (0, 0.3, 0.6):
            page.insert_text((72 + shift, 100), "Aurelia Fontaine, still happy")

    assert extracted_of(pdf_of(draw)).text == "Aurelia Fontaine, still happy"


def test_letters_drawn_twice_one_by_one_are_read_once() -> None:
    x = 72.0
    shown = b""
    for letter in "Aurelia":
        for shift in (0.0, 0.3):
            shown += b"1 0 0 1 %.2f 700 Tm (%s) Tj " % (x + shift, letter.encode())
        x += pymupdf.get_text_length(letter, fontsize=12)
    assert extracted_of(raw_page(b"BT /F 12 Tf " + shown + b"ET")).text == "Aurelia"


def test_narrow_double_letters_stay_two() -> None:
    content = raw_page(b"BT /F 10 Tf 60 Tz 72 700 Td (Guillermo Attilio) Tj ET")
    assert extracted_of(content).text == "Guillermo Attilio"


def test_ligatures_are_read_as_letters() -> None:
    content = pdf_of(
        lambda page: page.insert_htmlbox((72, 72, 500, 200), "<p>Steﬀen Griﬃth, ﬁne</p>")
    )
    extracted = extracted_of(content)
    check(extracted)
    assert extracted.text == "Steffen Griffith, fine"


def test_combining_marks_stay_with_their_letters() -> None:
    content = pdf_of(
        lambda page: page.insert_htmlbox((72, 72, 500, 200), "<p>Rene\u0301 Zoe\u0308</p>")
    )
    assert extracted_of(content).text in {"Rene\u0301 Zoe\u0308", "Ren\u00e9 Zo\u00eb"}


def test_right_to_left_is_read_in_the_order_of_speech() -> None:
    content = pdf_of(lambda page: page.insert_htmlbox((72, 72, 500, 200), "<p>דוד כהן</p>"))
    extracted = extracted_of(content)
    check(extracted)
    assert extracted.text == "דוד כהן"


def _mapped(targets: dict[int, str]) -> bytes:
    """Return a page that shows "Abc" in a font whose map to Unicode is given as UTF-16 hex."""
    pairs = "".join(f"<{code:02X}><{target}>\n" for code, target in targets.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <00><FF> endcodespacerange\n"
        f"{len(targets)} beginbfchar\n{pairs}endbfchar endcmap end end"
    )
    return raw_page(
        b"BT /G 12 Tf 72 700 Td (Abc) Tj ET BT /F 12 Tf 72 600 Td (Aurelia) Tj ET",
        stream(cmap.encode()),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        resources=b"",
    ).replace(b"/F 5 0 R>>", b"/F 5 0 R/G 7 0 R>>", 1)


@pytest.mark.parametrize("target", ["0000", "D800", "DC00", "0007", "FFFE", "E000", "000A"])
def test_signs_that_are_no_text_do_not_shift_the_text_after_them(target: str) -> None:
    extracted = extracted_of(_mapped({0x41: target, 0x62: "0062", 0x63: "0063"}))
    check(extracted)
    assert "bc" in extracted.text
    assert "Aurelia" in extracted.text
    extracted.text.encode("utf-8")
    assert "\0" not in extracted.text


def test_a_code_that_stands_for_several_letters_is_read_as_these() -> None:
    extracted = extracted_of(_mapped({0x41: "004100750072", 0x62: "0062", 0x63: "0063"}))
    check(extracted)
    assert "Aurbc" in extracted.text


@pytest.mark.parametrize("side", [14_400, 200_000, 3])
def test_pages_of_any_size_are_read(side: int) -> None:
    content = raw_page(b"BT /F 12 Tf 1 1 Td (Aurelia) Tj ET").replace(
        b"[0 0 595 842]", b"[0 0 %d %d]" % (side, side)
    )
    assert extracted_of(content).text == "Aurelia"
