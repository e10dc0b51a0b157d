"""Pictures: read with places, covered with solid bars, opened again by other means."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from documents import formats
from documents.formats.model import (
    CannotCleanError,
    Check,
    Cleaned,
    DamagedError,
    Extracted,
    FormatError,
    Hidden,
    Kind,
    Limits,
    ReadOptions,
    Role,
    SolidBar,
    TooLargeError,
)
from documents.formats.picture import tags
from documents.formats.picture.bars import bars_of, painted
from documents.formats.picture.verify import decoded
from documents.formats.survivors import HiddenValues
from documents.pictures import with_barcodes
from inference.engine.spans import Span
from tests.images.drawn import (
    CARD,
    MAIL,
    NAME,
    bomb,
    chunk,
    chunk_names,
    encoded,
    letter,
    pixels,
    with_code,
)

OPTIONS = ReadOptions(languages=("eng",))
VALUES = (NAME, CARD, MAIL)


def read(content: bytes) -> Extracted:
    return formats.read(content, "x.png", OPTIONS)


def hidden_in(extracted: Extracted, values: Sequence[str] = VALUES) -> list[Hidden]:
    found = (m for value in values for m in re.finditer(re.escape(value), extracted.text))
    spans = [Hidden(m.start(), m.end(), "private_person", "X") for m in found]
    assert len(spans) >= len(values), "OCR read something else"
    return sorted(spans, key=lambda span: span.start)


def cleaned(content: bytes) -> tuple[Cleaned, tuple[SolidBar, ...]]:
    extracted = read(content)
    bars = bars_of(extracted, hidden_in(extracted))
    clean = formats.write_clean(content, extracted, hidden_in(extracted), options=OPTIONS)
    return clean, bars


def checks_of(
    content: bytes, values: Sequence[str] = VALUES, bars: Sequence[SolidBar] = ()
) -> dict[str, Check]:
    sought = HiddenValues(values, "")
    found = formats.verify(content, Kind.PICTURE, sought, options=OPTIONS, bars=bars)
    return {check.name: check for check in found}


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"])
@pytest.mark.parametrize("is_dark", [False, True])
def test_each_kind_of_picture_is_read_and_written_clean(kind: str, is_dark: bool) -> None:
    content = encoded(letter(is_dark=is_dark), kind)
    clean, bars = cleaned(content)
    checks = checks_of(clean.content, bars=bars)
    assert all(check.is_passed for check in checks.values()), checks
    assert checks["bars"].looked_at == len(bars) == 3
    assert chunk_names(clean.content) == [b"IHDR", b"IDAT", b"IEND"]


def test_no_stroke_of_a_hidden_word_shows_beside_its_bar() -> None:
    image = letter()
    clean, _ = cleaned(encoded(image))
    # All ink that a line of these words alone has must be gone.
    for number, value in enumerate((NAME, CARD, MAIL)):
        line = ("Dear ", "your card ", "Write to ")[number]
        rest = (",", " was charged.", ".")[number]
        lines = ["", "", ""]
        lines[number] = line + value
        until = pixels(encoded(letter(tuple(lines)))).min(axis=2) < 128
        lines[number] = line
        before = pixels(encoded(letter(tuple(lines)))).min(axis=2) < 128
        value_ink = until & ~before
        assert value_ink.sum() > 500
        shown = pixels(clean.content).max(axis=2)
        assert not shown[value_ink].any(), rest


def test_what_is_not_private_stays_as_it_was() -> None:
    image = letter()
    clean, bars = cleaned(encoded(image))
    under = np.zeros((image.height, image.width), np.bool_)
    for bar in bars:
        under[bar.y : bar.y + bar.height, bar.x : bar.x + bar.width] = True
    assert (pixels(clean.content)[~under] == pixels(encoded(image))[~under]).all()


def test_orientation_is_applied_and_metadata_is_gone() -> None:
    upright = letter()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = MAIL
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 22.0, 33.0)})
    turned = upright.transpose(Image.Transpose.ROTATE_90)
    content = encoded(turned, "JPEG", quality=95, exif=exif, comment=NAME.encode())
    assert MAIL.encode() in content
    assert NAME.encode() in content
    extracted = read(content)
    assert (extracted.pages[0].width, extracted.pages[0].height) == upright.size
    assert NAME in extracted.text
    clean, bars = cleaned(content)
    assert pixels(clean.content).shape[:2] == (upright.height, upright.width)
    assert not any(value.encode() in clean.content for value in (*VALUES, "Exif", "GPS"))
    assert all(check.is_passed for check in checks_of(clean.content, bars=bars).values())


def test_a_thumbnail_in_exif_goes() -> None:
    thumbnail = encoded(letter().resize((160, 50)), "JPEG")
    exif = Image.Exif()
    exif[0x010F] = "camera"
    content = encoded(letter(), "JPEG", exif=exif.tobytes() + thumbnail)
    assert content.count(b"\xff\xd8\xff") == 2
    clean, _ = cleaned(content)
    assert b"\xff\xd8\xff" not in clean.content


def test_bytes_after_the_end_are_not_carried_over() -> None:
    longer = encoded(Image.new("RGB", (900, 900), "red")) + encoded(letter())
    content = encoded(letter()) + longer + MAIL.encode()
    clean, _ = cleaned(content)
    assert chunk_names(clean.content) == [b"IHDR", b"IDAT", b"IEND"]
    assert MAIL.encode() not in clean.content


def test_of_an_animation_the_first_picture_is_read_and_that_is_said() -> None:
    other = letter(("Another frame",))
    content = encoded(letter(), "GIF", save_all=True, append_images=[other], duration=100)
    extracted = read(content)
    assert "Another" not in extracted.text
    assert any("first picture" in note for note in extracted.notes)
    clean, _ = cleaned(content)
    assert clean.content.count(b"IHDR") == 1


@pytest.mark.parametrize("said", ["https://tickets.example/?of=holloway", "WIFI:S:home;P:k3y9;;"])
def test_a_code_is_covered_though_nothing_in_it_was_found(said: str) -> None:
    content = encoded(with_code(said))
    extracted = read(content)
    (block,) = (block for block in extracted.blocks if block.role is Role.BARCODE)
    assert extracted.text[block.start : block.end] == said
    shown = checks_of(encoded(with_code(said)), [said])
    assert shown["pictures"].survivors, "the check does not see an uncovered code"
    clean = formats.write_clean(content, extracted, [], options=OPTIONS)
    assert checks_of(clean.content, [said])["pictures"].is_passed


def test_a_code_is_one_span_in_the_place_of_those_in_it() -> None:
    extracted = read(encoded(with_code("mailto:jan@example.com")))
    (block,) = (block for block in extracted.blocks if block.role is Role.BARCODE)
    inside = Span(block.start + 7, block.end, "private_email")
    ahead = Span(0, 4, "private_person")
    first, code = with_barcodes([ahead, inside], extracted.blocks, extracted.text)
    assert first == ahead
    assert (code.start, code.end) == (block.start, block.end)


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    content = bomb()
    assert len(content) < 500_000
    with pytest.raises(TooLargeError, match="pixels"):
        read(content)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (encoded(letter(), "JPEG")[:4000], DamagedError),
        (encoded(letter())[:300], DamagedError),
        (b"\x89PNG\r\n\x1a\n", DamagedError),
        (b"\xff\xd8\xff" + bytes(500), DamagedError),
        (b"GIF89a" + bytes(30), DamagedError),
        (b"II*\x00\x08\x00\x00\x00" + bytes(40), DamagedError),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><text>x</text></svg>', FormatError),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(
    content: bytes, error: type[FormatError]
) -> None:
    with pytest.raises(error, match=r"\w+ .*\.$"):
        read(content)


def test_a_picture_that_is_also_something_else_ends_as_pixels_only() -> None:
    page = f"<html><script>alert('{MAIL}')</script>".encode()
    start = encoded(letter())
    content = start[:33] + chunk(b"tEXt", b"Comment\0" + page) + start[33:] + b"PK\x03\x04" + page
    clean, _ = cleaned(content)
    assert b"script" not in clean.content
    assert b"PK\x03\x04" not in clean.content


def test_a_picture_of_another_size_than_the_read_one_is_refused() -> None:
    extracted = read(encoded(letter()))
    with pytest.raises(CannotCleanError):
        formats.write_clean(encoded(Image.new("RGB", (10, 10))), extracted, [], options=OPTIONS)


def test_limits_on_pixels_are_those_that_were_given() -> None:
    small = ReadOptions(limits=Limits(picture_pixels=1000), languages=("eng",))
    with pytest.raises(TooLargeError, match="1,000"):
        formats.read(encoded(letter()), "x", small)


# ---- the checks can fail


def test_a_value_left_in_sight_is_found_with_its_place() -> None:
    (place,) = checks_of(encoded(letter(("", f"to {MAIL}"))), [MAIL])["pictures"].survivors
    x, y = map(int, re.findall(r"\d+", place))
    assert 40 < x < 90
    assert 60 < y < 110


def test_a_bar_that_was_not_painted_is_found() -> None:
    bars = (SolidBar(20, 20, 200, 40), SolidBar(20, 70, 200, 40))
    image = painted(letter(), bars[:1])
    assert checks_of(encoded(image), [], bars)["bars"].survivors == ("bar 2",)
    one_pixel = painted(letter(), bars)
    one_pixel.putpixel((100, 90), (0, 0, 1))
    assert checks_of(encoded(one_pixel), [], bars)["bars"].survivors == ("bar 2",)


@pytest.mark.parametrize(
    "content",
    [
        encoded(letter()) + b"x",
        encoded(letter(), pnginfo=None, dpi=(72, 72)),
        encoded(letter())[:-12] + chunk(b"eXIf", b"x") + chunk(b"IEND", b""),
        encoded(letter())[:-4] + b"0000",
    ],
)
def test_anything_but_pixels_in_the_file_is_found(content: bytes) -> None:
    assert checks_of(content, [])["chunks"].survivors


def test_a_value_in_the_bytes_is_found() -> None:
    held = io.BytesIO(encoded(letter(("",))))
    content = held.getvalue()[:33] + chunk(b"tEXt", MAIL.encode()) + held.getvalue()[33:]
    assert checks_of(content, [MAIL])["bytes"].survivors


# ---- words on bars


@pytest.mark.parametrize("size", [(400, 60), (200, 30), (120, 22), (60, 40)])
@pytest.mark.parametrize("colour", [(39, 57, 146), (255, 255, 255)])
def test_a_tag_stays_inside_its_bar_and_is_checked_to_the_pixel(
    size: tuple[int, int], colour: tuple[int, int, int]
) -> None:
    bar = SolidBar(30, 40, *size, colour, "PERSON")
    content = encoded(painted(letter(), [bar]))
    assert checks_of(content, [], [bar])["bars"].is_passed
    runs = tags.runs_on(bar)
    assert all(x > 30 and x + length < 30 + size[0] for _, x, length in runs)
    assert all(40 < y < 40 + size[1] for y, _, _ in runs)
    colours = {
        tuple(pixel)
        for row in decoded(content)[40 : 40 + size[1], 30 : 30 + size[0]]
        for pixel in row
    }
    assert colours <= {colour, tags.ink_on(colour)}
    assert checks_of(content, [], [SolidBar(30, 40, *size, colour)])["bars"].is_passed is not bool(
        runs
    )
