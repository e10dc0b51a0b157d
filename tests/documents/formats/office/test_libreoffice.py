"""LibreOffice opens what is written, and finds the text that stays and no more."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from docx.shared import Inches

from tests.documents.formats.office import sheet_places, slide_places, text_places, word_places
from tests.documents.formats.office.world import (
    CANARY,
    OTHER,
    cleaned,
    picture,
    planted,
    saved,
    texts_by_libreoffice,
)


def _document() -> bytes:
    document = docx.Document()
    document.add_heading(f"About {CANARY}", 1)
    runs = document.add_paragraph(OTHER).runs
    document.add_comment(runs, text=f"ask {CANARY}", author=CANARY)
    document.add_paragraph(f"item {CANARY}", "List Number")
    document.add_table(1, 1).cell(0, 0).text = f"cell {CANARY}"
    document.sections[0].header.paragraphs[0].text = CANARY
    document.add_picture(io.BytesIO(picture("hello")), width=Inches(2))
    return saved(document)


def _fill(workbook: openpyxl.Workbook) -> None:
    sheet = workbook.active
    assert sheet is not None
    sheet["C3"] = f"Ms {CANARY}"
    sheet["C4"] = "=1+1"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return what LibreOffice reads in clean files of all kinds."""
    drawings = word_places.PLACES["text box, both branches"]
    chart = slide_places.PLACES["chart with its workbook"]
    files = {
        "document.docx": cleaned(_document())[1].content,
        "drawings.docx": planted(drawings).written.content,
        "book.xlsx": cleaned(sheet_places.book(_fill))[1].content,
        "slides.pptx": planted(chart).written.content,
        "text.odt": planted(text_places.PLACES["table"]).written.content,
    }
    return texts_by_libreoffice(files, tmp_path_factory.mktemp("libreoffice"))


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("document.docx", [OTHER, "About <PRIVATE_PERSON>", "cell <PRIVATE_PERSON>"]),
        ("drawings.docx", [OTHER]),
        ("book.xlsx", [OTHER, "Ms <PRIVATE_PERSON>"]),
        ("text.odt", [OTHER, "<PRIVATE_PERSON>"]),
    ],
)
def test_what_stays_is_read_and_no_more(texts: dict[str, str], name: str, stays: list[str]) -> None:
    assert all(text in texts[name] for text in stays)
    assert "uillborne" not in texts[name]


def test_presentation_opens(texts: dict[str, str]) -> None:
    assert texts["slides.pptx"].startswith("%PDF")
