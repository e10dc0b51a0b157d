"""Pictures from strangers: what is opened, what is refused, and that only pixels come out."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from anonymizer.pictures import PictureError, as_png, open_picture, picture_facts

PIXELS = 1_000_000
CANARY = "Margaret Holloway"


def _sketch() -> Image.Image:
    """Return a picture whose four corners differ."""
    image = Image.new("RGB", (40, 24), (250, 250, 250))
    image.paste((200, 30, 30), (0, 0, 20, 12))
    image.paste((30, 30, 200), (20, 12, 40, 24))
    return image


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _is_near(one: tuple[int, ...], other: tuple[int, ...], within: int = 12) -> bool:
    return all(abs(a - b) <= within for a, b in zip(one, other, strict=True))


def _pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = image.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def _chunks(png: bytes) -> list[bytes]:
    """Return the types of a PNG's chunks, and what follows the last one if anything does."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    types, place = [], 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        types.append(png[place + 4 : place + 8])
        place += 12 + length
        if types[-1] == b"IEND" and place < len(png):
            types.append(png[place:])
            break
    return types


def _png_header(width: int, height: int) -> bytes:
    """Return a small PNG that claims a size: 10 kB of compressed zeros follow."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 10_000_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_each_kind_is_opened_as_rgb(kind: str) -> None:
    options = {"quality": 95} if kind in ("JPEG", "WEBP") else {}
    image = open_picture(_saved(_sketch(), kind, **options), max_pixels=PIXELS)
    assert (image.mode, image.size) == ("RGB", (40, 24))
    assert _is_near(_pixel(image, 5, 4), (200, 30, 30), 25)
    assert _is_near(_pixel(image, 34, 20), (30, 30, 200), 25)


def test_a_picture_of_too_many_pixels_is_refused_by_its_header() -> None:
    bomb = _png_header(50_000, 50_000)
    assert len(bomb) < 20_000
    with pytest.raises(PictureError, match="pixels"):
        open_picture(bomb, max_pixels=60_000_000)


def test_the_limit_is_the_callers_own() -> None:
    content = _saved(_sketch(), "PNG")
    assert open_picture(content, max_pixels=40 * 24).size == (40, 24)
    with pytest.raises(PictureError, match="959 pixels"):
        open_picture(content, max_pixels=40 * 24 - 1)


def test_a_gif_whose_frame_outgrows_its_screen_is_refused() -> None:
    content = bytearray(_saved(_sketch(), "GIF"))
    frame = content.index(b"\x2c")
    content[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    with pytest.raises(PictureError):
        open_picture(bytes(content), max_pixels=PIXELS)


def test_a_text_chunk_that_unpacks_to_a_bomb_is_refused() -> None:
    held = PngImagePlugin.PngInfo()
    held.add_text("Comment", "a" * 70_000_000, zip=True)
    content = _saved(_sketch(), "PNG", pnginfo=held)
    assert len(content) < 100_000
    with pytest.raises(PictureError):
        open_picture(content, max_pixels=PIXELS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_truncated_picture_is_refused(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    whole = _saved(Image.fromarray(noise), kind)
    for share in (0.02, 0.5, 0.9):
        with pytest.raises(PictureError):
            open_picture(whole[: int(len(whole) * share)], max_pixels=PIXELS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        f'<svg xmlns="http://www.w3.org/2000/svg"><text>{CANARY}</text></svg>'.encode(),
        f"<html>{CANARY}</html>".encode(),
        b"%PDF-1.7\n" + CANARY.encode(),
        b"PK\x03\x04" + CANARY.encode() * 9,
        b"\x89PNG\r\n\x1a\n" + CANARY.encode(),
        b"GIF89a" + CANARY.encode(),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"\x00\x00\x00\x18ftypheic" + b"\0" * 40,
    ],
)
def test_what_is_no_picture_is_refused_without_quoting_it(content: bytes) -> None:
    for opened in (open_picture, picture_facts):
        with pytest.raises(PictureError) as caught:
            opened(content, max_pixels=PIXELS)
        assert str(caught.value).endswith(".")
        assert "Holloway" not in str(caught.value)


@pytest.mark.parametrize("mark", range(1, 9))
def test_the_orientation_mark_is_applied(mark: int) -> None:
    upright = _sketch()
    undone = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[mark]
    stored = upright if undone is None else upright.transpose(undone)
    exif = Image.Exif()
    exif[0x0112] = mark
    for kind in ("PNG", "TIFF"):
        image = open_picture(_saved(stored, kind, exif=exif.tobytes()), max_pixels=PIXELS)
        assert image.size == upright.size
        assert np.array_equal(np.asarray(image), np.asarray(upright))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_broken_exif_counts_as_none() -> None:
    content = _saved(_sketch(), "JPEG", exif=b"Exif\0\0MM\0\x2a\xff\xff\xff\xff garbage")
    assert open_picture(content, max_pixels=PIXELS).size == (40, 24)


def test_only_pixels_come_out() -> None:
    exif = Image.Exif()
    exif[0x010E] = CANARY
    exif.get_ifd(0x8825)[1] = "N"
    held = PngImagePlugin.PngInfo()
    held.add_text("Author", CANARY)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = _saved(
        _sketch(), "PNG", pnginfo=held, exif=exif.tobytes(), icc_profile=profile, dpi=(72, 72)
    )
    assert CANARY.encode() in content
    image = open_picture(content, max_pixels=PIXELS)
    assert not image.info
    png = as_png(image)
    assert set(_chunks(png)) == {b"IHDR", b"IDAT", b"IEND"}
    assert _chunks(png)[-1] == b"IEND"


def test_a_png_is_bare_whatever_its_picture_carries() -> None:
    carried = Image.open(io.BytesIO(_saved(_sketch(), "PNG", icc_profile=b"x" * 200)))
    carried.info["transparency"] = (1, 2, 3)
    assert set(_chunks(as_png(carried))) == {b"IHDR", b"IDAT", b"IEND"}
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(as_png(carried)))), np.asarray(carried))


def test_bytes_after_the_end_do_not_come_out() -> None:
    """A cropped screenshot that still carries the old one's rest, and a picture that is a zip."""
    for tail in (_saved(_sketch(), "PNG"), b"PK\x03\x04" + CANARY.encode()):
        png = as_png(open_picture(_saved(_sketch(), "PNG") + tail, max_pixels=PIXELS))
        assert _chunks(png)[-1] == b"IEND"
        assert CANARY.encode() not in png


def test_the_first_of_several_frames_is_read_and_the_rest_named() -> None:
    frames = [_sketch(), Image.new("RGB", (40, 24), "black")]
    for kind in ("GIF", "TIFF", "WEBP"):
        content = _saved(frames[0], kind, save_all=True, append_images=frames[1:])
        facts = picture_facts(content, max_pixels=PIXELS)
        assert facts.is_first_of_many
        assert "first picture" in facts.note
        assert _is_near(
            _pixel(open_picture(content, max_pixels=PIXELS), 34, 4), (250, 250, 250), 20
        )
    alone = picture_facts(_saved(_sketch(), "PNG"), max_pixels=PIXELS)
    assert (alone.format, alone.width, alone.height, alone.note) == ("PNG", 40, 24, "")


def test_transparency_is_laid_on_white_and_hides_nothing() -> None:
    clear = Image.new("RGBA", (10, 10), (200, 0, 0, 0))
    assert open_picture(_saved(clear, "PNG"), max_pixels=PIXELS).getcolors() == [
        (100, (255, 255, 255))
    ]
    indexed = _sketch().quantize(4)
    indexed.info["transparency"] = indexed.getpixel((5, 4))
    image = open_picture(_saved(indexed, "GIF"), max_pixels=PIXELS)
    assert _pixel(image, 5, 4) == (255, 255, 255)
    keyed = _saved(_sketch(), "PNG", transparency=(200, 30, 30))
    assert _pixel(open_picture(keyed, max_pixels=PIXELS), 5, 4) == (255, 255, 255)


@pytest.mark.parametrize("most", [65_535, 4_095, 300])
def test_sixteen_bits_keep_their_shades_even_if_only_dark_ones_are_used(most: int) -> None:
    values = np.full((20, 20), most, dtype=np.uint16)
    values[5:10, 5:10] = most // 2
    values[12:15, 12:15] = 0
    for kind in ("PNG", "TIFF"):
        image = open_picture(_saved(Image.fromarray(values), kind), max_pixels=PIXELS)
        assert _pixel(image, 0, 0) == (255, 255, 255)
        assert _is_near(_pixel(image, 7, 7), (127, 127, 127), 2)
        assert _pixel(image, 13, 13) == (0, 0, 0)


def test_print_colours_and_grey_and_one_bit_become_rgb() -> None:
    image = open_picture(_saved(_sketch().convert("CMYK"), "JPEG", quality=95), max_pixels=PIXELS)
    assert image.mode == "RGB"
    assert _is_near(_pixel(image, 34, 4), (250, 250, 250), 25)
    for mode in ("L", "1", "LA", "P"):
        content = _saved(_sketch().convert(mode), "PNG")
        assert open_picture(content, max_pixels=PIXELS).mode == "RGB"
