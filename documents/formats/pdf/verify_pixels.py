"""Reads the pixels of a clean PDF again: what OCR finds on pages that show pictures.

PDFium draws these pages without their bars, so that a bar that only covers a picture hides nothing.
"""

from __future__ import annotations

import ctypes
import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pikepdf
import pypdfium2
from PIL import Image, ImageDraw

from anonymizer.ocr import NoLanguageError, OcrWord, read_words
from anonymizer.ocr.languages import chosen_languages
from anonymizer.ocr.probe import OTHER_SCRIPTS
from documents.formats.model import Box, Check, Progress, ReadOptions
from documents.formats.pdf.verify_facts import PageFacts
from documents.formats.survivors import HiddenValues

OCR_DPI = 200
_MOST_PIXELS = 20_000_000
_MOST_READERS = 4
# Below it, what OCR reads is noise of lines and seals.
_LEAST_CONFIDENCE = 0.25
# OCR reads a single sign in every rule and speck.
_LEAST_SIGNS = 2
_PARTING = "\N{CYRILLIC SMALL LETTER ZHE}"
_UNSEEN = {
    pypdfium2.raw.FPDF_TEXTRENDERMODE_INVISIBLE,
    pypdfium2.raw.FPDF_TEXTRENDERMODE_CLIP,
}


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A page's pixels, grey, with the page that they were drawn from."""

    page: pypdfium2.PdfPage
    image: Image.Image

    def on_page(self, x: float, y: float) -> tuple[float, float]:
        """Return a pixel's place in coordinates of the file."""
        return self._placed(pypdfium2.raw.FPDF_DeviceToPage, ctypes.c_double, round(x), round(y))

    def in_pixels(self, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a place in coordinates of the file."""
        return self._placed(pypdfium2.raw.FPDF_PageToDevice, ctypes.c_int, x, y)

    def _placed(
        self,
        convert: Callable[..., int],
        number: type[ctypes.c_int] | type[ctypes.c_double],
        x: float,
        y: float,
    ) -> tuple[float, float]:
        across, down = number(), number()
        convert(self.page, 0, 0, *self.image.size, 0, x, y, across, down)
        return float(across.value), float(down.value)


def picture_checks(
    clean: bytes, facts: list[PageFacts], values: HiddenValues, options: ReadOptions
) -> Iterator[Check]:
    """Read pages that show pictures by OCR: those with bars, and those that are a picture.

    Yields "pictures" and "pictures left out", which counts pages with pictures that were not read.
    Raises pikepdf.PdfError where the file cannot be opened.
    """
    pictured = [index for index, fact in enumerate(facts) if fact.has_images]
    wanted = [index for index in pictured if facts[index].bars or facts[index].is_picture]
    sought = values.of_signs(_LEAST_SIGNS)
    chosen = wanted if len(sought) else []
    survivors = []
    try:
        languages = _languages_for(sought, options)
        for done, (index, is_found) in enumerate(
            _looked_at(clean, facts, chosen, sought, languages)
        ):
            if is_found:
                survivors.append(f"page {index + 1}")
            options.report(Progress("checking", done + 1, len(chosen)))
    except NoLanguageError:
        chosen = []
    yield Check("pictures", len(chosen), tuple(survivors))
    yield Check("pictures left out", len(pictured) - len(chosen))


def _languages_for(values: HiddenValues, options: ReadOptions) -> tuple[str, ...]:
    """Return the languages to read in: no Chinese and its kin where no value is written in them."""
    names = chosen_languages(options.languages)
    known = tuple(name for name in names if name not in OTHER_SCRIPTS)
    is_latin = all(value.isascii() for value in values.folded_values)
    return known if known and is_latin else names


def _looked_at(
    clean: bytes,
    facts: list[PageFacts],
    indexes: Sequence[int],
    values: HiddenValues,
    languages: Sequence[str],
) -> Iterator[tuple[int, bool]]:
    """Yield whether pages show a value; they are drawn in turn and read in threads."""
    if not indexes:
        return
    document = pypdfium2.PdfDocument(_without_bars(clean, facts, indexes))
    readers = min(_MOST_READERS, os.cpu_count() or 1)
    try:
        with ThreadPoolExecutor(readers) as pool:
            for first in range(0, len(indexes), readers):
                group = indexes[first : first + readers]
                drawn = [_drawn(document[index], facts[index].bars) for index in group]
                readings = pool.map(lambda one: read_words(one.image, languages=languages), drawn)
                for index, one, words in zip(group, drawn, readings, strict=True):
                    yield index, _shows_a_value(one, words, values)
                    one.page.close()
    finally:
        document.close()


def _shows_a_value(drawn: _Drawn, words: Sequence[OcrWord], values: HiddenValues) -> bool:
    """Say whether OCR reads a hidden value on a page.

    OCR parts words elsewhere than the page does. So a short value, of which the edges count, is
    believed where no text of the page stands: that was read exactly, by the check of the text.
    """
    sure = [word for word in words if word.confidence >= _LEAST_CONFIDENCE]
    if not values.are_in(" ".join(word.text for word in sure)):
        return False
    if values.long_are_in(" ".join(word.text for word in sure)):
        return True
    text = drawn.page.get_textpage()
    try:
        # A word over text stands for a word that was passed over: it parts those beside it.
        free = (_PARTING if _is_over_text(drawn, text, word) else word.text for word in sure)
        return values.are_in(" ".join(free))
    finally:
        text.close()


def _is_over_text(drawn: _Drawn, text: pypdfium2.PdfTextPage, word: OcrWord) -> bool:
    """Say whether what OCR read is text of the page, which everybody sees."""
    x0, y0, x1, y1 = word.box
    x, y = drawn.on_page((x0 + x1) / 2, (y0 + y1) / 2)
    reach = 0.3 * min(x1 - x0, y1 - y0) * drawn.page.get_width() / drawn.image.width
    index = pypdfium2.raw.FPDFText_GetCharIndexAtPos(text, x, y, reach, reach)
    if index < 0:
        return False
    held = pypdfium2.raw.FPDFText_GetTextObject(text, index)
    return pypdfium2.raw.FPDFTextObj_GetTextRenderMode(held) not in _UNSEEN


def _without_bars(clean: bytes, facts: list[PageFacts], indexes: Sequence[int]) -> bytes:
    """Return the file with pages that do not paint their bars."""
    output = io.BytesIO()
    nothing = pikepdf.ContentStreamInstruction([], pikepdf.Operator("n"))
    with pikepdf.open(io.BytesIO(clean)) as pdf:
        for index in indexes:
            if not facts[index].bars:
                continue
            page = pdf.pages[index].obj
            instructions = pikepdf.parse_content_stream(page)
            for number in facts[index].bar_operators:
                instructions[number] = nothing
            page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
        pdf.save(output, compress_streams=False)
    return output.getvalue()


def _drawn(page: pypdfium2.PdfPage, bars: Sequence[Box]) -> _Drawn:
    """Return a page's pixels; those under a bar turn white where they are all alike."""
    width, height = page.get_size()
    scale = min(OCR_DPI / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    drawn = _Drawn(page, page.render(scale=scale).to_pil().convert("L"))
    paint = ImageDraw.Draw(drawn.image)
    for x0, y0, x1, y1 in bars:
        corners = [drawn.in_pixels(x0, y0), drawn.in_pixels(x1, y1)]
        (left, right), (top, bottom) = (sorted(values) for values in zip(*corners, strict=True))
        inner = (int(left) + 2, int(top) + 2, int(right) - 1, int(bottom) - 1)
        if inner[0] >= inner[2] or inner[1] >= inner[3]:
            continue
        low, high = drawn.image.crop(inner).getextrema()
        if low == high:
            paint.rectangle((inner[0] - 2, inner[1] - 2, inner[2], inner[3]), fill=255)
    return drawn
