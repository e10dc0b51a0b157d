"""Opens a clean PDF again, by other means than it was written with, and looks for what was hidden.

PDFium reads its text and draws its pages, qpdf unpacks its objects, tesseract reads its pictures.
"""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator

import pikepdf
import pypdfium2

from documents.formats.model import Box, Check, Progress, ReadOptions
from documents.formats.pdf import verify_objects
from documents.formats.pdf.verify_bytes import revisions_check
from documents.formats.pdf.verify_facts import PageFacts, facts_about
from documents.formats.pdf.verify_pixels import picture_checks
from documents.formats.survivors import HiddenValues


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Look for hidden values in a clean PDF, and for whatever may carry some.

    The checks: "text", "bars", "objects", "streams", "metadata", "revisions", "pictures", and
    "pictures left out", which counts pages with pictures that were not read.
    """
    try:
        with pikepdf.open(io.BytesIO(clean)) as pdf:
            facts = facts_about(pdf)
            texts: list[str] = []
            by_pdfium = tuple(_checks_by_pdfium(clean, facts, values, options, texts))
            found = tuple(verify_objects.checks(pdf, texts, values))
    except pikepdf.PdfError:
        return (Check("objects", 0, ("the file cannot be opened",)),)
    return (*by_pdfium, *found, revisions_check(clean, values))


def _checks_by_pdfium(
    clean: bytes,
    facts: list[PageFacts],
    values: HiddenValues,
    options: ReadOptions,
    texts: list[str],
) -> Iterator[Check]:
    """Yield the checks of what pages show, and add the text of each page to a list."""
    try:
        document = pypdfium2.PdfDocument(clean)
    except pypdfium2.PdfiumError:
        yield Check("text", 0, ("the file cannot be opened",))
        return
    try:
        count = len(document)
        in_text, under_bars = [], []
        for index in range(count):
            page = document[index]
            text = page.get_textpage()
            texts.append(text.get_text_range())
            if values.are_in(texts[-1]):
                in_text.append(f"page {index + 1}")
            if index < len(facts) and _has_text_under_bars(text, facts[index]):
                under_bars.append(f"page {index + 1}")
            text.close()
            page.close()
            options.report(Progress("checking", index + 1, count))
        yield Check("text", count, tuple(in_text))
        yield Check("bars", sum(len(fact.bars) for fact in facts), tuple(under_bars))
    finally:
        document.close()
    yield from picture_checks(clean, facts, values, options)


def _has_text_under_bars(text: pypdfium2.PdfTextPage, facts: PageFacts) -> bool:
    """Say whether a black rectangle covers letters other than those written on bars in white."""
    for x0, y0, x1, y1 in facts.bars:
        inset = 0.2 * min(x1 - x0, y1 - y0)
        inner = (x0 + inset, y0 + inset, x1 - inset, y1 - inset)
        covered = "".join(char for char in text.get_text_bounded(*inner) if char.isalnum())
        if not covered or any(covered in written for written in facts.written_on_bars):
            continue
        if _has_dark_letters(text, inner):
            return True
    return False


def _has_dark_letters(text: pypdfium2.PdfTextPage, box: Box) -> bool:
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    for index in range(text.count_chars()):
        x0, y0, x1, y1 = text.get_charbox(index)
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        if not (box[0] < x < box[2] and box[1] < y < box[3]):
            continue
        if not text.get_text_range(index, 1).strip():
            continue
        pypdfium2.raw.FPDFText_GetFillColor(text, index, red, green, blue, alpha)
        if (red.value, green.value, blue.value) != (255, 255, 255):
            return True
    return False
