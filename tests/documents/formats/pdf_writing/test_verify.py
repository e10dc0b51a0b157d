"""verify() finds what a sabotaged writer leaves behind."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pymupdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf

from documents.formats.pdf.verify import verify
from documents.formats.survivors import HiddenValues
from tests.documents.formats.pdf_writing.made import (
    NAME,
    OPTIONS,
    a_letter,
    a_scan,
    redacted,
    rendered,
    string,
    with_objects,
    written,
)


def _failed(content: bytes, values: HiddenValues | None = None) -> set[str]:
    values = values or HiddenValues([NAME], "Dear <PERSON_1>, your flat is ready.")
    return {c.name for c in verify(content, values, options=OPTIONS) if not c.is_passed}


def _clean() -> bytes:
    return redacted(a_letter(), NAME).content


def test_clean_file_passes() -> None:
    assert _failed(_clean()) == set()


def test_black_rectangle_over_text_is_found() -> None:
    content = written(
        b"BT /F 12 Tf 40 300 Td (Dear %s, you) Tj ET 0 g 60 290 130 20 re f" % NAME.encode()
    )
    assert {"text", "bars", "streams"} <= _failed(content)


@pytest.mark.parametrize("rotation", [0, 90])
def test_rectangle_over_other_text_is_found_by_its_place(rotation: int) -> None:
    content = written(b"BT /F 12 Tf 40 300 Td (Dear stranger, you) Tj ET 0 g 60 290 130 20 re f")

    def crop(pdf: Pdf) -> None:
        pdf.pages[0].obj.CropBox = Array([20, 30, 380, 390])
        pdf.pages[0].obj.Rotate = rotation

    assert _failed(with_objects(content, crop)) == {"bars"}


def test_labels_on_bars_are_not_taken_for_hidden_text() -> None:
    assert "bars" not in _failed(_clean())


def test_text_split_by_kerning_and_operators_is_found() -> None:
    content = written(b"BT /F 12 Tf 40 300 Td [(Wil) -900 (helm) 5 (ina)] TJ (Qu) Tj (ist) Tj ET")
    assert "streams" in _failed(content)


def test_text_coded_by_its_font_is_found() -> None:
    pdf = pikepdf.open(io.BytesIO(written(b"BT /G 12 Tf 40 300 Td <%s> Tj ET" % (
        bytes(range(1, len(NAME) + 1)).hex().encode()
    ))))  # fmt: skip
    cmap = b"16 beginbfchar\n" + b"".join(
        b"<%02x> <%04x>\n" % (code, ord(char)) for code, char in enumerate(NAME, 1)
    ) + b"endbfchar"  # fmt: skip
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    font.ToUnicode = pdf.make_stream(cmap)
    pdf.pages[0].obj.Resources.Font.G = font
    output = io.BytesIO()
    pdf.save(output)
    assert "streams" in _failed(output.getvalue())


def _metadata(pdf: Pdf) -> None:
    pdf.docinfo["/Author"] = NAME


def _xmp(pdf: Pdf) -> None:
    with pdf.open_metadata() as metadata:
        metadata["dc:title"] = NAME


def _wide_string(pdf: Pdf) -> None:
    pdf.pages[0].obj.Resources.Extra = pikepdf.String(NAME.encode("utf-16-be"))


def _a_name(pdf: Pdf) -> None:
    resources = pdf.pages[0].obj.Resources
    resources.Font["/" + NAME.replace(" ", "")] = next(iter(resources.Font.as_dict().values()))


def _attachment(pdf: Pdf) -> None:
    pdf.attachments["a.txt"] = NAME.encode()


def _annotation(pdf: Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Text, Contents=string(NAME))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _comment(pdf: Pdf) -> None:
    before = pdf.pages[0].obj.Contents.read_bytes()
    pdf.pages[0].obj.Contents = pdf.make_stream(b"%% %s\n" % NAME.encode() + before)


def _form(pdf: Pdf) -> None:
    form = pdf.make_stream(
        b"BT (%s) Tj ET" % NAME.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=Array([0] * 4)
    )
    pdf.pages[0].obj.Resources.XObject = Dictionary(Fm=form)


def _jpeg_comment(pdf: Pdf) -> None:
    image = io.BytesIO()
    rendered(a_letter(), dpi=20).save(image, "JPEG", comment=NAME.encode())
    stream = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
    stream.write(image.getvalue(), filter=Name.DCTDecode)
    pdf.pages[0].obj.Resources.XObject = Dictionary(Im=stream)


@pytest.mark.parametrize(
    ("plant", "names"),
    [
        (_metadata, {"metadata", "objects"}),
        (_xmp, {"metadata"}),
        (_wide_string, {"objects"}),
        (_a_name, {"objects"}),
        (_attachment, {"metadata", "streams"}),
        (_annotation, {"metadata", "objects"}),
        (_comment, {"streams"}),
        (_form, {"streams"}),
        (_jpeg_comment, {"metadata", "streams"}),
    ],
)
def test_name_put_back_is_found(plant: Callable[[Pdf], None], names: set[str]) -> None:
    assert names <= _failed(with_objects(_clean(), plant))


def _outline(pdf: Pdf) -> None:
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Chapter", 0))


def _script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=string("1"))


def _layer(pdf: Pdf) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array([]))


def _marked_content(pdf: Pdf) -> None:
    before = pdf.pages[0].obj.Contents.read_bytes()
    pdf.pages[0].obj.Contents = pdf.make_stream(b"/P <</MCID 0>> BDC\n" + before + b"\nEMC")


@pytest.mark.parametrize("plant", [_outline, _script, _layer, _marked_content])
def test_what_could_carry_a_name_is_found_without_one(plant: Callable[[Pdf], None]) -> None:
    assert _failed(with_objects(_clean(), plant)) == {"metadata"}


def test_incremental_update_is_found() -> None:
    document = pymupdf.open(stream=_clean())
    page = document[0]
    page.insert_text((72, 400), "added later")
    output = io.BytesIO(_clean())
    start = len(output.getvalue())
    update = b"\n9999 0 obj\n(nothing)\nendobj\nxref\n9999 1\n%010d 00000 n \n" % (start + 1)
    content = output.getvalue() + update + b"trailer<</Size 10000>>\nstartxref\n%d\n%%%%EOF" % start
    assert "revisions" in _failed(content)


@pytest.mark.parametrize(
    "tail", [NAME.encode(), b"PK\x03\x04 anything"], ids=["the name", "another file"]
)
def test_bytes_after_the_end_are_found(tail: bytes) -> None:
    assert "revisions" in _failed(_clean() + tail)


def test_name_in_pixels_is_found() -> None:
    content = redacted(a_scan("Dear tenant,", f"{NAME} has the keys.")).content
    values = HiddenValues([NAME], "Dear tenant, <PERSON_1> has the keys.")
    assert _failed(content, values) == {"pictures"}


def test_file_that_is_none_fails() -> None:
    assert _failed(b"not a PDF") == {"objects"}


def test_words_of_the_format_are_no_survivors() -> None:
    """ "Image", "Font" and "Pages" stand in every PDF."""
    values = HiddenValues(["Image", "Font", "Pages", "Length", "stream"], "nothing")
    assert _failed(_clean(), values) == set()
