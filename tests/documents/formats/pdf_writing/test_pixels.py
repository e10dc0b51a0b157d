"""Pictures: hidden words are blanked in the pixels, and nothing else of them is kept."""

from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from anonymizer.ocr import read_words
from documents.formats.model import Extracted, Hidden, Kind, Page, Word
from documents.formats.pdf.images import bare_jpeg, bare_jpx
from documents.formats.pdf.redact import write_clean
from tests.documents.formats.pdf_writing.made import (
    NAME,
    OPTIONS,
    a_scan,
    holds,
    redacted,
    rendered,
)

LINES = (f"Dear {NAME},", "the keys are with your neighbour.")


def _images(content: bytes) -> list[Image.Image]:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return [
            pikepdf.PdfImage(value).as_pil_image()
            for value in pdf.objects
            if isinstance(value, pikepdf.Stream) and value.get("/Subtype") == Name.Image
        ]


def _words_in(image: Image.Image) -> str:
    return " ".join(word.text for word in read_words(image, languages=("eng",)))


@pytest.mark.parametrize("has_layer", [False, True], ids=["scan", "scan with a text layer"])
def test_name_is_gone_from_the_pixels_and_the_layer(has_layer: bool) -> None:
    content = a_scan(*LINES, has_layer=has_layer)
    assert "Wilhelmina" in _words_in(_images(content)[0])
    result = redacted(content, NAME)
    assert result.hidden
    assert not holds(result.content, NAME)
    (image,) = _images(result.content)
    seen = _words_in(image.convert("RGB"))
    assert "Wilhelmina" not in seen
    assert "Quist" not in seen
    assert "neighbour" in seen
    assert all(check.is_passed for check in result.checks())


def test_pixels_under_a_bar_are_uniform() -> None:
    result = redacted(a_scan(*LINES), NAME)
    (image,) = _images(result.content)
    pixels = image.convert("L")
    # The name stands from x 210 to 510 on the first line; JPEG may ring a little at the edges.
    low, high = pixels.crop((230, 95, 480, 115)).getextrema()
    assert high - low <= 12


def test_bar_covers_the_pixels_as_drawn() -> None:
    result = redacted(a_scan(*LINES), NAME)
    page = rendered(result.content, dpi=150)
    assert page.crop((240, 90, 460, 92)).getextrema() == ((0, 0), (0, 0), (0, 0))


def test_comments_of_a_picture_go() -> None:
    content = a_scan("Nothing private stands here.")
    assert holds(content, NAME)
    assert not holds(redacted(content).content, NAME)


def test_exif_and_bytes_after_the_end_of_a_jpeg_go() -> None:
    image = Image.new("RGB", (40, 40), (200, 20, 20))
    exif = Image.Exif()
    exif[0x010E] = NAME
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", exif=exif, comment=b"a comment", icc_profile=b"profile")
    bare = bare_jpeg(encoded.getvalue() + NAME.encode())
    assert bare is not None
    assert NAME.encode() not in bare
    assert b"a comment" not in bare
    assert b"ICC_PROFILE" in bare
    assert bare.endswith(b"\xff\xd9")
    assert list(Image.open(io.BytesIO(bare)).getdata()) == list(
        Image.open(io.BytesIO(encoded.getvalue())).getdata()
    )


def test_text_boxes_of_a_jpeg_2000_go() -> None:
    encoded = io.BytesIO()
    Image.new("RGB", (40, 40), (200, 20, 20)).save(encoded, "JPEG2000")
    box = NAME.encode()
    content = encoded.getvalue() + (len(box) + 8).to_bytes(4, "big") + b"xml " + box
    bare = bare_jpx(content)
    assert bare is not None
    assert box not in bare
    assert Image.open(io.BytesIO(bare)).size == (40, 40)


def _picture_page(kind: str) -> bytes:
    """Return a page with a dark square in the middle of a picture that is stored in one way."""
    pdf = pikepdf.new()
    image = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(image).rectangle((100, 50, 300, 150), fill=(60, 30, 30))
    bare = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=400, Height=200)
    stream = pdf.make_stream(b"", bare)
    stream.BitsPerComponent = 8
    stream.ColorSpace = Name.DeviceRGB
    if kind in {"JPEG", "JPEG2000"}:
        encoded = io.BytesIO()
        image.save(encoded, kind)
        name = Name.DCTDecode if kind == "JPEG" else Name.JPXDecode
        stream.write(encoded.getvalue(), filter=name)
    elif kind == "one bit":
        stream.BitsPerComponent = 1
        stream.ColorSpace = Name.DeviceGray
        stream.write(image.convert("1").tobytes())
    elif kind == "stencil":
        del stream["/ColorSpace"]
        stream.BitsPerComponent = 1
        stream.ImageMask = True
        stream.write(image.convert("1").tobytes())
    elif kind == "palette":
        four = image.quantize(4)
        palette = bytes(four.getpalette()[:12])
        stream.ColorSpace = Array([Name.Indexed, Name.DeviceRGB, 3, pikepdf.String(palette)])
        stream.write(four.tobytes())
    elif kind == "soft mask":
        stream.write(bytes(400 * 200 * 3))
        mask = pdf.make_stream(image.convert("L").point(lambda v: 255 - v).tobytes(), bare)
        mask.BitsPerComponent = 8
        mask.ColorSpace = Name.DeviceGray
        stream.SMask = mask
    else:
        stream.write(image.tobytes())
    page = pdf.add_blank_page(page_size=(400, 400)).obj
    page.Resources = Dictionary(XObject=Dictionary(Im=stream))
    page.Contents = pdf.make_stream(b"q 400 0 0 200 0 100 cm /Im Do Q")
    output = io.BytesIO()
    pdf.save(output)
    return output.getvalue()


@pytest.mark.parametrize(
    "kind", ["JPEG", "JPEG2000", "one bit", "stencil", "palette", "soft mask", "bare"]
)
def test_pixels_are_blanked_however_they_are_stored(kind: str) -> None:
    content = _picture_page(kind)
    word = Word(0, 4, (150.0, 180.0, 250.0, 220.0))
    page = Page(1, 400, 400, 0, 4, (word,), was_read_by_ocr=True)
    extracted = Extracted(Kind.PDF, "word", (), (page,))
    hidden = [Hidden(0, 4, "private_person", "")]
    cleaned = write_clean(content, extracted, hidden, options=OPTIONS)
    for image in _images(cleaned.content):
        pixels = image.convert("L")
        low, high = pixels.crop((155, 85, 245, 115)).getextrema()
        assert high - low <= 6
    # The bar is drawn over it; beside it the square is still there.
    shown, before = rendered(cleaned.content, dpi=72), rendered(content, dpi=72)
    assert shown.getpixel((200, 200)) == (0, 0, 0)
    for one, two in zip(shown.getpixel((110, 240)), before.getpixel((110, 240)), strict=True):
        assert abs(one - two) <= 8
    with pikepdf.open(io.BytesIO(cleaned.content)) as pdf:
        assert not any("/JPXDecode" in str(value.get("/Filter")) for value in _streams(pdf))


def _streams(pdf: pikepdf.Pdf) -> list[pikepdf.Stream]:
    return [value for value in pdf.objects if isinstance(value, pikepdf.Stream)]
