"""Pictures of an Office file: each is read or replaced, and what is lost is said."""

from __future__ import annotations

import io

import docx
import pytest
from docx.shared import Inches
from PIL import Image

from documents.formats import office
from documents.formats.survivors import HiddenValues
from tests.documents.formats.office import word_places
from tests.documents.formats.office.text_places import odt
from tests.documents.formats.office.world import (
    CANARY,
    OPTIONS,
    cleaned,
    edited,
    parts_of,
    picture,
    saved,
)


def _plain(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), (shade, shade, shade)).save(out, "PNG")
    return out.getvalue()


def _with_pictures(*pictures: bytes) -> bytes:
    document = docx.Document()
    for content in pictures:
        document.add_picture(io.BytesIO(content), width=Inches(1))
    return saved(document)


@pytest.fixture
def two_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("documents.formats.office.pictures.MOST_PICTURES", 2)


@pytest.mark.usefixtures("two_are_read")
def test_pictures_beyond_the_limit_are_replaced_and_said() -> None:
    content = _with_pictures(_plain(0), _plain(50), _plain(0), picture(CANARY), picture("x"))
    extracted, written, _ = cleaned(content)
    media = [part for name, part in parts_of(written.content).items() if "media/" in name]
    # The third repeats the first; the last two are one grey picture.
    assert len(media) == 3
    assert all(Image.open(io.BytesIO(part)).width <= 40 for part in media)
    assert len(extracted.pictures) == 2
    said = "2 pictures beyond the first 300, which are all that is read,"
    assert any(note.startswith(said) for note in extracted.notes)
    assert any(note.startswith(said) and "grey" in note for note in written.removed)


@pytest.mark.usefixtures("two_are_read")
def test_pictures_beyond_the_limit_are_replaced_in_an_odt() -> None:
    names = [f"Pictures/{number}.png" for number in range(3)]
    frames = "".join(
        '<text:p><draw:frame svg:width="1cm">'
        f'<draw:image xlink:href="{name}"/></draw:frame></text:p>'
        for name in names
    )
    pixels = [_plain(0), _plain(50), picture(CANARY)]
    written = cleaned(odt(frames, more=dict(zip(names, pixels, strict=True))))[1]
    sizes = [
        Image.open(io.BytesIO(part)).size
        for name, part in parts_of(written.content).items()
        if name.startswith("Pictures/")
    ]
    assert sorted(sizes) == [(16, 16), (40, 20), (40, 20)]
    assert any("beyond the first" in note for note in written.removed)


@pytest.mark.usefixtures("two_are_read")
def test_every_picture_of_a_clean_file_is_read_again() -> None:
    clean = cleaned(_with_pictures(_plain(0), _plain(50)))[1].content
    leaked = edited(clean, {"word/media/z.png": picture(CANARY)})
    checks = office.verify(leaked, HiddenValues([CANARY], ""), options=OPTIONS)
    found = {check.name: check.survivors for check in checks}
    assert found["pictures"] == ("part word/media/z.png",)


def test_lost_drawing_of_a_diagram_is_said() -> None:
    content = word_places.PLACES["diagram"]()
    extracted, written, _ = cleaned(content)
    said = "1 stored drawing of a diagram (SmartArt)"
    assert any(note.startswith(said) for note in extracted.notes)
    assert f"{said} was removed; programs draw it anew." in written.removed
