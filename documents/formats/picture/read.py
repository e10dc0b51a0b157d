"""Read a picture: its words by OCR, its barcodes, and where in the picture they stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PIL import Image

from anonymizer.barcodes import Barcode, find_barcodes
from anonymizer.ocr import NoLanguageError, OcrError, OcrWord, laid_out, read_words
from anonymizer.pictures import PictureError, as_png, open_picture, picture_facts
from documents.formats.model import (
    Block,
    Box,
    DamagedError,
    Extracted,
    FormatError,
    Kind,
    Page,
    Progress,
    ReadOptions,
    Role,
    TooLargeError,
    Word,
)


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return a picture's text: its words, then what each barcode says, as a block of its own."""
    image, notes = opened(content, options)
    options.report(Progress("ocr"))
    words = words_in(image, options)
    text, placed = laid_out(words)
    size = (image.width, image.height)
    found = [Word(p.start, p.end, _inside(p.box, size), p.edges) for p in placed]
    blocks = _blocks(text, words, found)
    for code in find_barcodes(image):
        text += "\n\n" if text else ""
        said = says(code)
        start, text = len(text), text + said
        blocks.append(Block(Role.BARCODE, start, len(text), page=1, title=code.format or "Barcode"))
        found.append(Word(start, len(text), _inside(code.box, size)))
    page = Page(1, *size, 0, len(text), tuple(found), was_read_by_ocr=True)
    return Extracted(Kind.PICTURE, text, tuple(blocks), pages=(page,), notes=notes)


def opened(content: bytes, options: ReadOptions) -> tuple[Image.Image, tuple[str, ...]]:
    """Return the righted picture, and what is to be said of the file. Raises FormatError."""
    most = options.limits.picture_pixels
    try:
        facts = picture_facts(content, max_pixels=most)
        image = open_picture(content, max_pixels=most)
    except PictureError as exc:
        error = TooLargeError if "pixels, the most" in str(exc) else DamagedError
        raise error(str(exc)) from exc
    return image, (facts.note,) if facts.note else ()


def righted(content: bytes, options: ReadOptions) -> bytes:
    """Return the righted picture as a PNG of its own size."""
    return as_png(opened(content, options)[0])


def words_in(image: Image.Image, options: ReadOptions) -> list[OcrWord]:
    """Return the words of a picture. Raises FormatError where it cannot be read."""
    try:
        return read_words(image, languages=options.languages, thorough=True)
    except (OcrError, NoLanguageError) as exc:
        raise FormatError(str(exc)) from exc


def says(code: Barcode) -> str:
    """Return what a barcode says, or its kind where that is no text."""
    shown = "".join(char if char.isprintable() or char == "\n" else " " for char in code.text)
    return shown.strip() or code.format or "barcode"


def _blocks(text: str, words: Sequence[OcrWord], placed: Sequence[Word]) -> list[Block]:
    """Return a block for each paragraph and, where a line has columns, for each of its parts.

    Spans end with their blocks: two names in two columns are two.
    """
    if not placed:
        return []
    gaps = [text[one.end : other.start] for one, other in pairwise(placed)]
    with_columns = {word.line for word, gap in zip(words, gaps, strict=False) if "\t" in gap}
    starts = [0]
    for number, (one, other) in enumerate(pairwise(words), start=1):
        is_new_line = one.line != other.line
        is_in_columns = is_new_line and bool(with_columns & {one.line, other.line})
        if one.block != other.block or "\t" in gaps[number - 1] or is_in_columns:
            starts.append(number)
    ends = [*starts[1:], len(placed)]
    return [
        Block(Role.PARAGRAPH, placed[start].start, placed[end - 1].end, page=1)
        for start, end in zip(starts, ends, strict=True)
    ]


def _inside(box: Box, size: tuple[int, int]) -> Box:
    x0, y0, x1, y1 = box
    return (max(0.0, x0), max(0.0, y0), min(float(size[0]), x1), min(float(size[1]), y1))
