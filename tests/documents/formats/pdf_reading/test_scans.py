"""Pages and pictures without a text layer are read by OCR, others are not."""

from __future__ import annotations

import pymupdf
import pytest

from documents.formats.model import Progress, ReadOptions, Role
from tests.documents.formats.pdf_reading.made import (
    OPTIONS,
    extracted_of,
    lines,
    pdf_of,
    picture,
    scanned,
    texts_of,
)

LETTER = ("The keys were handed to Aurelia Fontaine", "on the first day of work in Brussels")


def _words(text: str) -> set[str]:
    return set(text.replace(",", " ").replace(".", " ").split())


def test_a_scanned_page_is_read() -> None:
    extracted = extracted_of(scanned(*LETTER))
    assert _words(" ".join(LETTER)) <= _words(extracted.text)
    page = extracted.pages[0]
    assert page.was_read_by_ocr
    word = next(w for w in page.words if extracted.text[w.start : w.end] == "Aurelia")
    assert len(word.edges) == 8
    assert 0 < word.box[0] < word.box[2] < page.width


def test_reading_a_scan_twice_gives_the_same() -> None:
    assert extracted_of(scanned(*LETTER)) == extracted_of(scanned(*LETTER))


def test_a_page_with_text_and_a_picture_is_read_whole() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 100), "A payslip is shown below.")
        page.insert_image((72, 300, 520, 445), stream=picture("Payslip of Thabo Mbeki in Delft"))

    extracted = extracted_of(pdf_of(draw))
    assert texts_of(extracted)[0] == "A payslip is shown below."
    assert {"Thabo", "Mbeki"} <= _words(extracted.text)
    assert [block.role for block in extracted.blocks] == [Role.PARAGRAPH, Role.PICTURE]
    assert extracted.blocks[1].title


def test_text_over_a_picture_is_read_once() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture(*LETTER, size=(1240, 1754)))
        page.insert_text((72, 600), "Received on Tuesday", fontsize=20)

    text = extracted_of(pdf_of(draw, width=595, height=842)).text
    assert text.count("Tuesday") == 1
    assert "Aurelia" in text


def test_a_scan_in_strips_is_read_as_one_page() -> None:
    strips = [picture("The keys were handed to Aurelia", size=(1240, 120)) for _ in range(6)]

    def draw(page: pymupdf.Page) -> None:
        for number, strip in enumerate(strips):
            page.insert_image((0, 58 * number, 595, 58 * number + 58), stream=strip)

    assert extracted_of(pdf_of(draw, width=595, height=842)).text.count("Aurelia") == 6


def _layered(seen: tuple[str, ...], layer: tuple[str, ...]) -> bytes:
    """Return a scan of some lines, with an invisible text layer that says others."""

    def draw(page: pymupdf.Page) -> None:
        page.insert_image(page.rect, stream=picture(*seen, size=(1240, 1754)))
        for number, text in enumerate(layer):
            x, y = 60 * 0.48, (50 + 36 + number * 58) * 0.48
            page.insert_text((x, y), text, fontsize=17, render_mode=3)

    return pdf_of(draw, width=595, height=842)


def test_a_sound_invisible_layer_is_used_for_a_scan() -> None:
    extracted = extracted_of(_layered(LETTER, LETTER))
    assert not extracted.pages[0].was_read_by_ocr
    assert extracted.text.split() == " ".join(LETTER).split()


def test_a_scan_is_read_where_its_invisible_layer_lacks_lines() -> None:
    extracted = extracted_of(_layered(LETTER * 4, LETTER[:1]))
    assert extracted.pages[0].was_read_by_ocr
    assert "Brussels" in extracted.text


def test_an_invisible_layer_that_says_something_else_is_kept_and_the_scan_read() -> None:
    other = ("Nothing of what is written here is seen", "by anybody who looks at the page itself")
    extracted = extracted_of(_layered(LETTER, other))
    assert "Aurelia" in extracted.text
    assert "Nothing of what is written" in extracted.text


def test_letters_without_known_characters_are_read_from_pixels() -> None:
    def draw(page: pymupdf.Page) -> None:
        page.insert_htmlbox(
            (72, 72, 520, 400), "<p style='font-size:24px'>Keys of Aurelia here</p>"
        )

    document = pymupdf.open(stream=pdf_of(draw), filetype="pdf")
    for xref in range(1, document.xref_length()):
        if document.xref_get_key(xref, "ToUnicode")[0] == "xref":
            map_xref = int(document.xref_get_key(xref, "ToUnicode")[1].split()[0])
            codes = b"".join(b"<%04X> <FFFD>\n" % code for code in range(1, 100))
            head = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            head += b"1 begincodespacerange <0000><FFFF> endcodespacerange\n99 beginbfchar\n"
            document.update_stream(map_xref, head + codes + b"endbfchar endcmap end end")
    extracted = extracted_of(document.tobytes())
    assert extracted.pages[0].was_read_by_ocr
    assert "Aurelia" in extracted.text
    assert "\ufffd" not in extracted.text


def test_letters_drawn_as_paths_are_read_from_pixels() -> None:
    page = pymupdf.open(stream=pdf_of(lines("The keys of Aurelia", size=24)), filetype="pdf")[0]
    drawn = pymupdf.open("svg", page.get_svg_image(text_as_path=True).encode()).convert_to_pdf()
    assert not pymupdf.open(stream=drawn, filetype="pdf")[0].get_text().strip()
    assert "Aurelia" in extracted_of(drawn).text


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_scan_that_lies_on_its_side_is_read(turn: int) -> None:
    document = pymupdf.open(stream=scanned(*LETTER * 4), filetype="pdf")
    pixmap = document[0].get_pixmap(dpi=150)
    turned = pymupdf.open()
    size = (595, 842) if turn == 180 else (842, 595)
    page = turned.new_page(width=size[0], height=size[1])
    page.insert_image(page.rect, pixmap=pixmap, rotate=turn)
    extracted = extracted_of(turned.tobytes())
    assert "Aurelia Fontaine" in extracted.text


def test_a_plain_picture_is_not_read() -> None:
    stages: list[Progress] = []
    image = pymupdf.Pixmap(pymupdf.csRGB, (0, 0, 600, 600), False)
    image.clear_with(200)

    def draw(page: pymupdf.Page) -> None:
        page.insert_text((72, 60), "Body")
        page.insert_image((72, 100, 400, 400), pixmap=image)

    extracted = extracted_of(pdf_of(draw), ReadOptions(report=stages.append))
    assert extracted.text == "Body"
    assert not extracted.pages[0].was_read_by_ocr


def test_progress_tells_pages_read_and_pages_read_from_pixels() -> None:
    stages: list[Progress] = []
    document = pymupdf.open(stream=pdf_of(lines("One"), lines("Two")), filetype="pdf")
    document.insert_pdf(pymupdf.open(stream=scanned(*LETTER), filetype="pdf"))
    extracted_of(document.tobytes(), ReadOptions(report=stages.append))
    assert [stage for stage in stages if stage.stage == "reading"] == [
        Progress("reading", number, 3) for number in (1, 2, 3)
    ]
    assert [stage for stage in stages if stage.stage == "ocr"] == [Progress("ocr", 3, 3)]


def test_languages_that_are_missing_are_named_where_pixels_were_read() -> None:
    options = ReadOptions(languages=("eng", "xyz"))
    assert any("xyz" in note for note in extracted_of(scanned(*LETTER), options).notes)
    assert extracted_of(pdf_of(lines("Body")), options).notes == ()
    assert extracted_of(pdf_of(lines("Body")), OPTIONS).notes == ()
