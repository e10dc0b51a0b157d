"""PDFs with a name planted in them, the way to the clean file, and a search of all of it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import pikepdf
import pymupdf
import pypdfium2
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw, ImageFont

from documents.formats.model import Check, Cleaned, Extracted, Hidden, ReadOptions
from documents.formats.pdf.read import read
from documents.formats.pdf.redact import write_clean
from documents.formats.pdf.verify import verify
from documents.formats.survivors import HiddenValues

NAME = "Wilhelmina Quist"
OPTIONS = ReadOptions(languages=("eng",))


@dataclass(frozen=True)
class Result:
    """A document, before and after."""

    extracted: Extracted
    hidden: list[Hidden]
    cleaned: Cleaned
    values: HiddenValues

    @property
    def content(self) -> bytes:
        """The clean file."""
        return self.cleaned.content

    def checks(self) -> tuple[Check, ...]:
        """Verify the clean file."""
        return verify(self.content, self.values, options=OPTIONS)

    def text(self, page: int = 0) -> str:
        """Return what a page of the clean file shows as text."""
        with pymupdf.open(stream=self.content, filetype="pdf") as document:
            return " ".join(document[page].get_text().split())


def redacted(content: bytes, *values: str, rasterise: bool = False) -> Result:
    """Hide each value wherever the text holds it."""
    extracted = read(content, OPTIONS)
    places = sorted(
        match.span()
        for value in values
        for match in re.finditer(r"\s+".join(map(re.escape, value.split())), extracted.text)
    )
    hidden = [Hidden(start, end, "private_person", "<PERSON_1>") for start, end in places]
    cleaned = write_clean(content, extracted, hidden, options=OPTIONS, rasterise=rasterise)
    return Result(extracted, hidden, cleaned, survivors_of(extracted, hidden))


def survivors_of(extracted: Extracted, hidden: list[Hidden]) -> HiddenValues:
    """Return what is looked for after hiding spans."""
    shown, last = "", 0
    for span in hidden:
        shown += extracted.text[last : span.start] + span.replacement
        last = span.end
    shown += extracted.text[last:]
    return HiddenValues([extracted.text[span.start : span.end] for span in hidden], shown)


def holds(content: bytes, value: str) -> bool:
    """Say whether a value stands anywhere in a PDF, by means that verify() does not share."""
    wanted = "".join(value.split()).casefold()
    return any(wanted in "".join(text.split()).casefold() for text in _readings(content))


def _readings(content: bytes) -> list[str]:
    texts = [content.decode("latin-1")]
    with pymupdf.open(stream=content, filetype="pdf") as document:
        for page in document:
            texts.append(page.get_text(clip=pymupdf.INFINITE_RECT()))
            texts += [str(annot.info) + annot.get_text() for annot in page.annots()]
    document = pypdfium2.PdfDocument(content)
    texts += [page.get_textpage().get_text_range() for page in document]
    document.close()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for value in pdf.objects:
            if not isinstance(value, pikepdf.Object):
                continue
            raw = value.unparse()
            if isinstance(value, pikepdf.Stream):
                raw += repr(value).encode("utf-8", "ignore")
                try:
                    raw += value.read_bytes()
                except pikepdf.PdfError:
                    raw += value.read_raw_bytes()
            texts.append(raw.decode("latin-1"))
            texts.append(raw.replace(b"\0", b"").decode("latin-1"))
            strings = re.findall(rb"<([0-9a-fA-F]{4,})>", raw)
            joined = b"".join(bytes.fromhex(s[: len(s) // 2 * 2].decode()) for s in strings)
            texts += [joined.decode("latin-1"), joined.replace(b"\0", b"").decode("latin-1")]
            shown = b"".join(re.findall(rb"\(((?:\\.|[^()\\])*)\)", raw))
            texts.append(shown.decode("latin-1"))
    return texts


def a_page(
    draw: Callable[[pymupdf.Page], None] | None = None, *lines: str, size: float = 12
) -> bytes:
    """Return a PDF of one page with lines of text and whatever else is drawn."""
    document = pymupdf.open()
    page = document.new_page()
    for number, line in enumerate(lines):
        page.insert_text((72, 100 + 24 * number), line, fontsize=size)
    if draw is not None:
        draw(page)
    return bytes(document.tobytes())


def a_letter() -> bytes:
    """Return a page with the name in a sentence."""
    return a_page(None, f"Dear {NAME}, your flat is ready.", "Nothing else is private here.")


def with_objects(content: bytes, plant: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Return a PDF after a change of its objects."""
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        plant(pdf)
        pdf.save(output)
    return output.getvalue()


def written(instructions: bytes, **resources: object) -> bytes:
    """Return a PDF of one page with these instructions; /F is Helvetica."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(400, 400))
    fonts = Dictionary(F=helvetica())
    pdf.pages[0].obj.Resources = Dictionary(
        {"/Font": fonts} | {f"/{k}": v for k, v in resources.items()}
    )
    pdf.pages[0].obj.Contents = pdf.make_stream(instructions)
    output = io.BytesIO()
    pdf.save(output)
    return output.getvalue()


def helvetica() -> Dictionary:
    """Return the font that every reader brings along."""
    return Dictionary(
        Type=Name.Font,
        Subtype=Name.Type1,
        BaseFont=Name.Helvetica,
        Encoding=Name.WinAnsiEncoding,
    )


def a_scan(*lines: str, has_layer: bool = False) -> bytes:
    """Return a page that is one picture of lines of text, with an invisible text layer if asked."""
    image = Image.new("L", (1240, 600), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=40)
    for number, line in enumerate(lines):
        draw.text((100, 80 + 90 * number), line, fill=0, font=font)
    encoded = io.BytesIO()
    image.convert("RGB").save(encoded, "JPEG", quality=92, comment=NAME.encode())
    document = pymupdf.open()
    page = document.new_page(width=595, height=288)
    page.insert_image(page.rect, stream=encoded.getvalue())
    if has_layer:
        scale = 595 / 1240
        for number, line in enumerate(lines):
            length = draw.textlength(line, font=font) * scale
            size = 20 * length / pymupdf.get_text_length(line, fontsize=20)
            base = (80 + 90 * number + 37) * scale
            page.insert_text((100 * scale, base), line, fontsize=size, render_mode=3)
    return bytes(document.tobytes())


def rendered(content: bytes, page: int = 0, dpi: int = 144) -> Image.Image:
    """Return a page as PDFium draws it."""
    document = pypdfium2.PdfDocument(content)
    image = document[page].render(scale=dpi / 72).to_pil().convert("RGB")
    document.close()
    return image


def string(text: str) -> pikepdf.String:
    """Return a text as a string object."""
    return pikepdf.String(text)
