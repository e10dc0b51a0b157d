"""Files that mean harm end with a sentence; the worker lives, and its memory stays bounded."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from django.conf import settings

from documents import sandbox
from documents.formats.model import FormatError, Limits, ReadOptions
from documents.models import Document, State
from tests.documents.world import NAME, MakeDocument

MiB = 1 << 20
_WORD = "[Content_Types].xml"
_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _docx(body: str | bytes, extra: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(_WORD, _TYPES)
        package.writestr("_rels/.rels", _RELS)
        package.writestr("word/document.xml", body)
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return out.getvalue()


def zip_bomb() -> bytes:
    """A Word file of 600 kB whose one part unpacks to 600 MB."""
    return _docx(f"<w:document {_SPACE}/>", {"word/media/image1.bin": bytes(600_000_000)})


def xml_bomb() -> bytes:
    """A Word file whose text is a billion laughs."""
    entities = "".join(f'<!ENTITY l{n} "{"".join([f"&l{n - 1};"] * 10)}">' for n in range(1, 10))
    return _docx(
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "ha">{entities}]>'
        f"<w:document {_SPACE}><w:body><w:p><w:r><w:t>&l9;</w:t></w:r></w:p></w:body></w:document>"
    )


def outside_entity() -> bytes:
    """A Word file that asks for a file of the server."""
    return _docx(
        '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f"<w:document {_SPACE}><w:body><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:body></w:document>"
    )


def climbing_names() -> bytes:
    """A package with names that climb out of it."""
    return _docx(f"<w:document {_SPACE}/>", {"../../outside.xml": b"<a/>"})


def many_pages() -> bytes:
    """A PDF of 10,000 pages."""
    with pikepdf.new() as pdf:
        for _ in range(10_000):
            pdf.add_blank_page(page_size=(200, 200))
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def huge_picture() -> bytes:
    """A PDF with a picture of 50,000 x 50,000 pixels in some kilobytes, on a page of text."""
    side = 50_000
    packer = zlib.compressobj(9)
    row = bytes(side)
    data = b"".join(packer.compress(row) for _ in range(side // 8)) + packer.flush()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(300, 300))
        picture = pikepdf.Stream(pdf, data)
        picture.update(
            {
                "/Type": pikepdf.Name.XObject,
                "/Subtype": pikepdf.Name.Image,
                "/Width": side,
                "/Height": side,
                "/ColorSpace": pikepdf.Name.DeviceGray,
                "/BitsPerComponent": 1,
                "/Filter": pikepdf.Name.FlateDecode,
            }
        )
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
        page.obj.Contents = pikepdf.Stream(pdf, b"q 300 0 0 300 0 0 cm /I Do Q")
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
    return out.getvalue()


def endless_page() -> bytes:
    """A PDF page that paints itself, and one whose parent is its child."""
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(200, 200))
        form = pdf.make_indirect(pikepdf.Stream(pdf, b"/F Do /F Do"))
        form.update(
            {
                "/Type": pikepdf.Name.XObject,
                "/Subtype": pikepdf.Name.Form,
                "/BBox": pikepdf.Array([0, 0, 9, 9]),
                "/Resources": pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form)),
            }
        )
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(F=form))
        page.obj.Contents = pikepdf.Stream(pdf, b"/F Do")
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def deep_json() -> bytes:
    """JSON a million levels deep."""
    return b"[" * 1_000_000 + b"]" * 1_000_000


def lying_zip() -> bytes:
    """A package whose directory says that a large part is small."""
    content = bytearray(zip_bomb_of(40_000_000))
    where = content.rindex(b"PK\x01\x02")
    content[where + 24 : where + 28] = struct.pack("<I", 10)
    return bytes(content)


def zip_bomb_of(size: int) -> bytes:
    """A Word file with a part of zeros."""
    return _docx(f"<w:document {_SPACE}/>", {"word/media/image1.bin": bytes(size)})


# What a file is refused with; "" where it may as well be read.
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb.docx": (zip_bomb, "too_large"),
    "laughs.docx": (xml_bomb, "damaged"),
    "outside.docx": (outside_entity, ""),
    "climbing.docx": (climbing_names, ""),
    "lying.docx": (lying_zip, ""),
    "pages.pdf": (many_pages, "too_large"),
    "picture.pdf": (huge_picture, ""),
    "endless.pdf": (endless_page, ""),
    "deep.json": (deep_json, ""),
    "empty.pdf": (bytes, "unknown_kind"),
    "cut.pdf": (lambda: b"%PDF-1.7\n1 0 obj\n<</Type /Catalog", ""),
    "cut.docx": (lambda: zip_bomb_of(10)[:200], ""),
    "noise.pdf": (lambda: bytes(range(256)) * 500, ""),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_result_or_a_sentence(name: str) -> None:
    make, expected = HOSTILE[name]
    content = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sentence = code = ""
    try:
        sandbox.read(content, name, ReadOptions())
    except FormatError as exc:
        sentence, code = str(exc), exc.code
    assert code == expected or not expected
    assert not sentence or sentence.endswith(".")
    assert "Traceback" not in sentence
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * 1024 < 64 * MiB, "the parent's memory grew with the file"


def test_limits_are_those_that_were_given() -> None:
    options = ReadOptions(limits=Limits(characters=10))
    with pytest.raises(FormatError) as raised:
        sandbox.read(b"more than ten characters", "note.txt", options)
    assert raised.value.code == "too_large"


@pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
def test_after_a_hostile_file_the_worker_reads_the_next(make_document: MakeDocument) -> None:
    hostile = make_document(xml_bomb(), "laughs.docx", until="received")
    good = make_document()
    assert hostile.row.state == State.FAILED
    assert good.row.state == State.READY
    assert not Document.objects.filter(error__contains=NAME).exists()
