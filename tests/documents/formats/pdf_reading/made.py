"""PDFs made for the tests."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from io import BytesIO

import pymupdf
from PIL import Image, ImageDraw, ImageFont

from documents.formats.model import Block, Extracted, Hidden, ReadOptions
from documents.formats.pdf.read import read

OPTIONS = ReadOptions()


def pdf_of(*draws: Callable[[pymupdf.Page], object], **page: float) -> bytes:
    """Return a PDF with one page for each function that draws on it."""
    document = pymupdf.open()
    for draw in draws:
        draw(document.new_page(**page))
    return document.tobytes()


def lines(*texts: str, x: float = 72, y: float = 100, step: float = 14, size: float = 11):
    """Return a function that writes lines one below the other."""

    def draw(page: pymupdf.Page) -> None:
        for number, text in enumerate(texts):
            page.insert_text((x, y + number * step), text, fontsize=size)

    return draw


def changed(content: bytes, change: Callable[[pymupdf.Document], object]) -> bytes:
    """Return a PDF after a change."""
    document = pymupdf.open(stream=content, filetype="pdf")
    change(document)
    return document.tobytes()


def raw_pdf(objects: Sequence[bytes], *, root: int = 1) -> bytes:
    """Return a PDF of these objects, numbered from 1."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF"
    return out + trailer % (len(objects) + 1, root, start)


def raw_page(content: bytes, *more: bytes, resources: bytes = b"", page: bytes = b"") -> bytes:
    """Return a PDF with one page; object 5 is Helvetica (/F), `more` are objects from 6."""
    return raw_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R%s"
            b"/Resources<</Font<</F 5 0 R>>%s>>>>" % (page, resources),
            stream(content),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            *more,
        ]
    )


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def deflated(content: bytes, entries: bytes = b"") -> bytes:
    """Return a compressed stream object."""
    return stream(zlib.compress(content, 9), entries + b"/Filter/FlateDecode")


def picture(*texts: str, size: tuple[int, int] = (1240, 400), pixels: int = 36) -> bytes:
    """Return a PNG with lines of text."""
    image = Image.new("L", size, 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(pixels)
    for number, text in enumerate(texts):
        draw.text((60, 50 + number * round(1.6 * pixels)), text, 0, font=font)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def scanned(*texts: str) -> bytes:
    """Return a PDF of one A4 page that is a picture at 150 dots an inch."""
    png = picture(*texts, size=(1240, 1754))
    return pdf_of(lambda page: page.insert_image(page.rect, stream=png), width=595, height=842)


def extracted_of(content: bytes, options: ReadOptions = OPTIONS) -> Extracted:
    """Return a PDF, read."""
    return read(content, options)


def texts_of(extracted: Extracted) -> list[str]:
    """Return the text of each block."""
    return [text_of(extracted, block) for block in extracted.blocks]


def text_of(extracted: Extracted, block: Block) -> str:
    """Return a block's text."""
    return extracted.text[block.start : block.end]


def hiding(extracted: Extracted, *values: str) -> list[Hidden]:
    """Return a span for each place where a value stands."""
    spans = []
    for value in values:
        start = extracted.text.find(value)
        while start >= 0:
            spans.append(Hidden(start, start + len(value), "NAME", "<NAME>"))
            start = extracted.text.find(value, start + 1)
    return sorted(spans, key=lambda span: span.start)
