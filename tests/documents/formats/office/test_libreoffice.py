"""LibreOffice opens what is written, and finds the text that stays and no more."""

from __future__ import annotations

import io
from pathlib import Path

import docx
import openpyxl
from docx.shared import Inches

from tests.documents.formats.office import sheet_places, slide_places, text_places, word_places
from tests.documents.formats.office.world import (
    CANARY,
    OTHER,
    as_text_by_libreoffice,
    cleaned,
    picture,
    saved,
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


def test_word_document_opens(tmp_path: Path) -> None:
    text = as_text_by_libreoffice(cleaned(_document())[1].content, "docx", tmp_path)
    assert OTHER in text
    assert "About <PRIVATE_PERSON>" in text
    assert "cell <PRIVATE_PERSON>" in text
    assert "uillborne" not in text


def test_document_with_drawings_opens(tmp_path: Path) -> None:
    content = word_places.PLACES["text box, both branches"]()
    text = as_text_by_libreoffice(cleaned(content)[1].content, "docx", tmp_path)
    assert OTHER in text
    assert "uillborne" not in text


def test_workbook_opens(tmp_path: Path) -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.active
        assert sheet is not None
        sheet["C3"] = f"Ms {CANARY}"
        sheet["C4"] = "=1+1"

    text = as_text_by_libreoffice(cleaned(sheet_places.book(fill))[1].content, "xlsx", tmp_path)
    assert OTHER in text
    assert "Ms <PRIVATE_PERSON>" in text
    assert "uillborne" not in text


def test_presentation_opens(tmp_path: Path) -> None:
    content = cleaned(slide_places.PLACES["chart with its workbook"]())[1].content
    assert as_text_by_libreoffice(content, "pptx", tmp_path).startswith("%PDF")


def test_odt_opens(tmp_path: Path) -> None:
    content = cleaned(text_places.PLACES["table"]())[1].content
    text = as_text_by_libreoffice(content, "odt", tmp_path)
    assert OTHER in text
    assert "<PRIVATE_PERSON>" in text
    assert "uillborne" not in text
