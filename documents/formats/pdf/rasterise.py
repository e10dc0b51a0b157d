"""Pages as single pictures: no text, no fonts, no places of letters finer than a pixel."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf
import pymupdf
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw

from documents.formats.model import Progress, ReadOptions
from documents.formats.pdf.areas import Area, padded
from documents.formats.pdf.clean import saved

DPI = 200
MOST_PIXELS = 20_000_000
_JPEG_QUALITY = 82
_GREYS = 16
# Above so many different values among a thousand pixels a page holds photographs.
_PHOTOGRAPH_COLOURS = 160


@dataclass(frozen=True, slots=True)
class PagePicture:
    """A page's pixels, encoded as a PDF stores them."""

    width: int
    height: int
    data: bytes
    encoding: str
    colours: str
    bits: int


def picture_of(page: pymupdf.Page, *, covered: Sequence[Area] = (), dpi: int = DPI) -> PagePicture:
    """Return a page as displayed, in at most MOST_PIXELS, with areas painted black."""
    width, height = page.rect.width / 72, page.rect.height / 72
    scale = min(dpi, (MOST_PIXELS / max(width * height, 0.01)) ** 0.5) / 72
    pixels = page.get_pixmap(matrix=pymupdf.Matrix(scale, scale), alpha=False, annots=False)
    image = Image.frombytes("RGB", (pixels.width, pixels.height), pixels.samples)
    draw = ImageDraw.Draw(image)
    for area in covered:
        draw.polygon([(x * scale, y * scale) for x, y in padded(area).corners()], fill=(0, 0, 0))
    return _encoded(image)


def replace_page(pdf: pikepdf.Pdf, page: pikepdf.Object, picture: PagePicture) -> None:
    """Make a page show a picture of its unrotated self and nothing else."""
    x0, y0, x1, y1 = (float(v) for v in (page.get("/CropBox") or page.MediaBox).as_list())
    image = pdf.make_stream(
        picture.data,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=picture.width,
        Height=picture.height,
        ColorSpace=Name(picture.colours),
        BitsPerComponent=picture.bits,
    )
    image.write(picture.data, filter=Name(picture.encoding))
    box = (abs(x1 - x0), abs(y1 - y0), min(x0, x1), min(y0, y1))
    page.Resources = Dictionary(XObject=Dictionary(Picture=image))
    page.Contents = pdf.make_stream(b"q %.4f 0 0 %.4f %.4f %.4f cm /Picture Do Q" % box)


def rasterise(clean: bytes, *, options: ReadOptions) -> bytes:
    """Return a clean PDF with each page as one picture."""
    source = pymupdf.open(stream=clean, filetype="pdf")
    pdf = pikepdf.new()
    count = source.page_count
    for index in range(count):
        page = source[index]
        size = (page.rect.width, page.rect.height)
        added = pdf.add_blank_page(page_size=size).obj
        replace_page(pdf, added, picture_of(page))
        options.report(Progress("writing", index + 1, count))
    source.close()
    for key in list(pdf.trailer.keys()):
        if key not in {"/Root", "/Size"}:
            del pdf.trailer[key]
    return saved(pdf)


def _encoded(image: Image.Image) -> PagePicture:
    """Encode pixels: greys of text in four bits without loss, photographs as JPEG."""
    sample = image.resize((32, 32), Image.Resampling.NEAREST)
    colours = sample.getcolors(1024) or ()
    is_grey = _is_grey(image)
    if len(colours) < _PHOTOGRAPH_COLOURS and is_grey:
        data = zlib.compress(_packed_greys(image.convert("L")), 6)
        return PagePicture(*image.size, data, "/FlateDecode", "/DeviceGray", 4)
    output = io.BytesIO()
    (image.convert("L") if is_grey else image).save(output, "JPEG", quality=_JPEG_QUALITY)
    space = "/DeviceGray" if is_grey else "/DeviceRGB"
    return PagePicture(*image.size, output.getvalue(), "/DCTDecode", space, 8)


def _is_grey(image: Image.Image) -> bool:
    small = image.resize((max(1, image.width // 4), max(1, image.height // 4)))
    red, green, blue = (band.tobytes() for band in small.split())
    return red == green == blue


def _packed_greys(image: Image.Image) -> bytes:
    """Return pixels of 16 greys, two to a byte, rows padded to whole bytes."""
    width, height = image.size
    if width % 2:
        padded = Image.new("L", (width + 1, height), 255)
        padded.paste(image)
        image = padded
    values = image.point([round(value * (_GREYS - 1) / 255) for value in range(256)]).tobytes()
    high = values[::2].translate(bytes((value << 4) & 0xFF for value in range(256)))
    both = int.from_bytes(high, "big") | int.from_bytes(values[1::2], "big")
    return both.to_bytes(len(high), "big")
