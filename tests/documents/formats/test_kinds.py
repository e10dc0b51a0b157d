"""Kinds of files: told by content, a lying name and a second nature notwithstanding."""

from __future__ import annotations

import io
import zipfile
from contextlib import suppress

import pytest

from documents.formats.kinds import kind_of
from documents.formats.model import DamagedError, FormatError, Kind, UnknownKindError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
TYPES = '<Types xmlns="x"><Override ContentType="application/vnd.{}.main+xml"/></Types>'
DOCX = "openxmlformats-officedocument.wordprocessingml.document"
MAIL = b"From: Jan <jan@example.com>\r\nSubject: Hello\r\n\r\nText\r\n"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n0\n%%EOF\n"


def package(parts: dict[str, str], stored: bool = False) -> bytes:
    held = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return held.getvalue()


def office(part: str, types: str = DOCX) -> bytes:
    return package({"[Content_Types].xml": TYPES.format(types), part: "<x/>"})


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (PDF, "x.docx", Kind.PDF),
        (b"junk before\n" + PDF, "x.pdf", Kind.PDF),
        (office("word/document.xml"), "x.pdf", Kind.DOCX),
        (b"\x89PNG\r\n\x1a\n", "x.pdf", Kind.PICTURE),
        (b"\xff\xd8\xff\xe0", "x.txt", Kind.PICTURE),
        (b"GIF89a", "x", Kind.PICTURE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "x", Kind.PICTURE),
        (b"II*\x00", "x", Kind.PICTURE),
        (b"BM\x01\x02\x03\x04\x00\x00\x00\x00", "x", Kind.PICTURE),
        (office("ppt/presentation.xml"), "x", Kind.PPTX),
        (office("xl/workbook.xml"), "x.txt", Kind.XLSX),
        (
            package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}),
            "x",
            Kind.ODT,
        ),
        (MAIL, "x.txt", Kind.EML),
        (b"\xef\xbb\xbf" + MAIL, "x.eml", Kind.EML),
        (b"From jan Mon Jan 1\r\nReceived: x\r\n by y\r\nTo: z\r\n\r\nx", "mbox", Kind.EML),
        (b"<!DOCTYPE html><p>x", "x.txt", Kind.HTML),
        (b"\n <!-- x --> <HTML><p>x", "x.json", Kind.HTML),
        (b"<div>only a part</div>", "x.html", Kind.HTML),
        (b"<div>only a part</div>", "x.txt", Kind.TEXT),
        (b'<?xml version="1.0"?><html xmlns="y"/>', "x", Kind.HTML),
        (b'{"a": [1]}', "x.csv", Kind.JSON),
        (b"\xef\xbb\xbf[]", "x.txt", Kind.JSON),
        ('{"é": 1}'.encode("utf-16"), "x", Kind.JSON),
        (b'{"a": 1}\n{"a": 2}\n', "chat.jsonl", Kind.JSON),
        (b"[1, 2", "x.json", Kind.TEXT),
        (b"[link](target)", "x.md", Kind.MARKDOWN),
        (b"# A text", "x.MD", Kind.MARKDOWN),
        (b"# A text", "x.txt", Kind.TEXT),
        (b"a,b\n1,2\n", "x.csv", Kind.CSV),
        (b"a;b\n1,0;2,0\n", "x.csv", Kind.CSV),
        (b"a\tb\n1\t2\n", "x.tsv", Kind.CSV),
        (b"a,b\n1,2\n", "x.txt", Kind.TEXT),
        (b"one word\nand another\n", "x.csv", Kind.TEXT),
        (b"plain", "x.pdf", Kind.TEXT),
        ("naïve café".encode("cp1252"), "x", Kind.TEXT),
        ("Grüße".encode("utf-16"), "x", Kind.TEXT),
        ("Hello there".encode("utf-16-le"), "x", Kind.TEXT),
        (b"The header %PDF-1.7 begins a PDF.", "x.txt", Kind.TEXT),
        (b"Note: this\nis no mail\n", "x.eml", Kind.TEXT),
    ],
)
def test_content_says_the_kind(content: bytes, name: str, kind: Kind) -> None:
    assert kind_of(content, name) is kind


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty"),
        (b"\x00\x00\x00\x18ftypheic", r"picture .*\(HEIC\)"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', r"picture .*\(SVG\)"),
        (b"{\\rtf1 hello}", "Rich Text"),
        (b"\x1f\x8b\x08", "archive"),
        (b"7z\xbc\xaf\x27\x1c", "archive"),
        (package({"a.txt": "x"}), "archive"),
        (b"MZ\x90\x00", "program"),
        (b"\x7fELF", "program"),
        (b"ID3\x03", "sound"),
        (b"\x00\x00\x00\x18ftypmp42", "video"),
        (OLE + "WordDocument".encode("utf-16-le"), "old Word file.*docx"),
        (OLE + "Workbook".encode("utf-16-le"), "old Excel file.*xlsx"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "without a password"),
        (OLE + "__substg1.0_".encode("utf-16-le"), r"\.eml"),
        (OLE, "old Office file"),
        (office("word/document.xml", "ms-word.document.macroEnabled"), "macros.*docx"),
        (office("xl/workbook.xml", "ms-excel.sheet.macroEnabled"), "macros.*xlsx"),
        (office("xl/workbook.bin"), "xlsb"),
        (package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "xlsx"),
        (package({"mimetype": "application/epub+zip"}), "EPUB"),
        (bytes(range(256)) * 4, "cannot be told"),
        ("данные о человеке".encode("koi8-r"), "cannot be told"),
    ],
)
def test_what_is_not_read_is_named(content: bytes, sentence: str) -> None:
    with pytest.raises(UnknownKindError, match=sentence):
        kind_of(content, "x.pdf")


def test_every_refusal_of_a_kind_says_what_is_taken() -> None:
    with pytest.raises(UnknownKindError, match=r"PDF, Word .* are taken"):
        kind_of(b"\x7fELF", "x")


def test_a_damaged_package_is_damaged() -> None:
    with pytest.raises(DamagedError, match="ZIP"):
        kind_of(office("word/document.xml")[:60], "x.docx")


def test_a_package_that_quotes_a_pdf_is_a_package() -> None:
    both = package({"a.pdf": PDF.decode(), "[Content_Types].xml": TYPES, "word/document.xml": ""},
                   stored=True)  # fmt: skip
    assert b"%PDF-" in both[:1024]
    assert kind_of(both, "x.pdf") is Kind.DOCX


def test_a_pdf_with_a_package_behind_it_is_a_pdf() -> None:
    assert kind_of(PDF + office("word/document.xml"), "x.docx") is Kind.PDF


def test_a_package_of_two_office_kinds_is_refused() -> None:
    parts = {"[Content_Types].xml": TYPES, "word/document.xml": "", "xl/workbook.xml": ""}
    with pytest.raises(UnknownKindError):
        kind_of(package(parts), "x.docx")


def test_deep_json_ends_with_an_answer() -> None:
    assert kind_of(b"[" * 100_000 + b"]" * 100_000, "x.json") is Kind.JSON


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04", b"%PDF-", OLE, b"{", b"<", b"From: ", b"\xff\xfe"]
)
def test_any_bytes_end_with_a_kind_or_a_sentence(start: bytes) -> None:
    for tail in (b"", b"\x00" * 50, bytes(range(256)), b"\n" * 5_000):
        with suppress(FormatError):
            assert kind_of(start + tail, "x") in Kind
