"""Opens a clean PDF again, by other means than it was written with, and looks for what was hidden.

PDFium reads its text and draws its pages, qpdf unpacks its objects, tesseract reads its pictures.
"""

from __future__ import annotations

import ctypes
import io
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pypdfium2
from PIL import Image

from anonymizer.ocr import NoLanguageError, read_words
from documents.formats.model import Box, Check, Progress, ReadOptions
from documents.formats.pdf import verify_objects
from documents.formats.pdf.verify_bytes import revisions_check
from documents.formats.pdf.verify_objects import PageFacts
from documents.formats.survivors import HiddenValues

# Pages with pictures and bars that are read by OCR; the count of those beyond is given.
MOST_PAGES_READ = 60
OCR_DPI = 200
_MOST_PIXELS = 20_000_000
_MOST_READERS = 4
# Below it, what OCR reads is noise of lines and seals.
_LEAST_CONFIDENCE = 0.25


def verify(clean: bytes, values: HiddenValues, *, options: ReadOptions) -> tuple[Check, ...]:
    """Look for hidden values in a clean PDF, and for whatever may carry some.

    The checks: "text", "bars", "objects", "streams", "metadata", "revisions", "pictures", and
    "pictures left out", which counts pages with pictures that were not read.
    """
    try:
        with pikepdf.open(io.BytesIO(clean)) as pdf:
            facts = verify_objects.facts_about(pdf)
            found = tuple(verify_objects.checks(pdf, facts, values))
    except pikepdf.PdfError:
        return (Check("objects", 0, ("the file cannot be opened",)),)
    return (
        *_checks_by_pdfium(clean, facts, values, options),
        *found,
        revisions_check(clean, values),
    )


def _checks_by_pdfium(
    clean: bytes, facts: list[PageFacts], values: HiddenValues, options: ReadOptions
) -> Iterator[Check]:
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
            if values.are_in(text.get_text_range()):
                in_text.append(f"page {index + 1}")
            if index < len(facts) and _has_text_under_bars(text, facts[index]):
                under_bars.append(f"page {index + 1}")
            text.close()
            page.close()
            options.report(Progress("checking", index + 1, count))
        yield Check("text", count, tuple(in_text))
        yield Check("bars", sum(len(fact.bars) for fact in facts), tuple(under_bars))
        yield from _picture_checks(document, facts, values, options)
    finally:
        document.close()


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


def _picture_checks(
    document: pypdfium2.PdfDocument,
    facts: list[PageFacts],
    values: HiddenValues,
    options: ReadOptions,
) -> Iterator[Check]:
    """Read pages with pictures by OCR: those with bars first."""
    pictured = [index for index, fact in enumerate(facts) if fact.has_images]
    wanted = [index for index in pictured if facts[index].bars or facts[index].is_picture]
    chosen = wanted[:MOST_PAGES_READ]
    survivors = []
    if not len(values):
        chosen = []
    try:
        for done, (index, text) in enumerate(_read_again(document, chosen, options)):
            if values.are_in(text):
                survivors.append(f"page {index + 1}")
            options.report(Progress("checking", done + 1, len(chosen)))
    except NoLanguageError:
        chosen = []
    yield Check("pictures", len(chosen), tuple(survivors))
    yield Check("pictures left out", len(pictured) - len(chosen))


def _read_again(
    document: pypdfium2.PdfDocument, indexes: Sequence[int], options: ReadOptions
) -> Iterator[tuple[int, str]]:
    """Yield what OCR reads for sure on pages; they are drawn in turn and read in threads."""

    def read(image: Image.Image) -> str:
        words = read_words(image, languages=options.languages)
        return " ".join(word.text for word in words if word.confidence >= _LEAST_CONFIDENCE)

    readers = min(_MOST_READERS, os.cpu_count() or 1)
    with ThreadPoolExecutor(readers) as pool:
        for first in range(0, len(indexes), readers):
            group = indexes[first : first + readers]
            images = [_drawn(document[index]) for index in group]
            yield from zip(group, pool.map(read, images), strict=True)


def _drawn(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(OCR_DPI / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    bitmap = page.render(scale=scale)
    image: Image.Image = bitmap.to_pil().convert("RGB")
    return image
