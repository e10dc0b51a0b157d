"""Files that are made to harm, or that are not what they are called, end in a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest

from documents.formats import office
from documents.formats.model import (
    DamagedError,
    FormatError,
    Limits,
    PasswordError,
    ReadOptions,
    TooLargeError,
    UnknownKindError,
)
from tests.documents.formats.office import sheet_places, text_places, word_places
from tests.documents.formats.office.world import OPTIONS, edited, package_of, parts_of, put, swap

WORD = "word/document.xml"
BOMB = (
    b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
)


def raised(content: bytes, options: ReadOptions = OPTIONS) -> FormatError:
    """Return what reading a file raises."""
    with pytest.raises(FormatError) as info:
        office.read(content, options)
    assert str(info.value).endswith(".")
    return info.value


def zip_of(*entries: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def test_entities_are_refused() -> None:
    assert isinstance(raised(edited(word_places.plain(), {WORD: BOMB})), DamagedError)


def test_entities_in_utf_16_are_refused() -> None:
    part = ('<?xml version="1.0" encoding="UTF-16"?>' + BOMB.decode()).encode("utf-16")
    assert isinstance(raised(edited(word_places.plain(), {WORD: part})), DamagedError)


def test_document_type_is_refused_in_an_odt() -> None:
    parts = parts_of(text_places.odt())
    assert isinstance(raised(package_of(parts | {"content.xml": BOMB})), DamagedError)


def test_external_entity_is_not_opened() -> None:
    part = b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/hostname">]><a>&a;</a>'
    assert isinstance(raised(edited(word_places.plain(), {WORD: part})), DamagedError)


def test_too_much_to_unpack_is_refused_before_unpacking() -> None:
    options = ReadOptions(limits=Limits(unpacked_bytes=10_000))
    assert isinstance(raised(word_places.plain(), options), TooLargeError)


def test_packed_zeros_are_refused_by_their_ratio() -> None:
    content = edited(word_places.plain(), {"word/zeros.bin": bytes(60_000_000)})
    assert len(content) < 200_000
    assert isinstance(raised(content), TooLargeError)


def test_too_many_parts_are_refused() -> None:
    many = {f"word/{number}.xml": b"" for number in range(20_001)}
    assert isinstance(raised(package_of(parts_of(word_places.plain()) | many)), TooLargeError)


def test_too_large_a_file_is_refused() -> None:
    options = ReadOptions(limits=Limits(bytes_in_file=1_000))
    assert isinstance(raised(word_places.plain(), options), TooLargeError)


def test_too_much_text_is_refused() -> None:
    options = ReadOptions(limits=Limits(characters=10))
    assert isinstance(raised(word_places.plain(), options), TooLargeError)


@pytest.mark.parametrize(
    "name", ["../up.xml", "/root.xml", "a/../../b.xml", "C:/x.xml", "a\\..\\b"]
)
def test_names_that_lead_out_are_refused(name: str) -> None:
    entries = [*parts_of(word_places.plain()).items(), (name, b"")]
    assert isinstance(raised(zip_of(*entries)), DamagedError)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", [WORD, WORD.upper()])
def test_two_parts_of_one_name_are_refused(name: str) -> None:
    entries = [*parts_of(word_places.plain()).items(), (name, b"<a/>")]
    assert isinstance(raised(zip_of(*entries)), DamagedError)


def test_encrypted_office_file_asks_for_one_without_password() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    content = ole + "EncryptedPackage".encode("utf-16-le")
    assert isinstance(raised(content), PasswordError)


def test_old_office_file_is_named_as_such() -> None:
    error = raised(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert isinstance(error, UnknownKindError)
    assert "97" in str(error)


def test_encrypted_odt_asks_for_one_without_password() -> None:
    mark = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    content = edited(
        text_places.odt(), {"META-INF/manifest.xml": put("</manifest:manifest>", mark)}
    )
    assert isinstance(raised(content), PasswordError)


def test_other_files_are_refused() -> None:
    assert isinstance(raised(b""), DamagedError)
    assert isinstance(raised(b"%PDF-1.7"), DamagedError)
    assert isinstance(raised(zip_of(("a.txt", b"x"))), UnknownKindError)
    assert isinstance(raised(word_places.plain()[:3000]), DamagedError)


def test_other_open_document_files_are_refused() -> None:
    parts = parts_of(text_places.odt())
    sheet = b"application/vnd.oasis.opendocument.spreadsheet"
    assert isinstance(raised(package_of(parts | {"mimetype": sheet})), UnknownKindError)


def test_strict_files_are_refused_with_a_way_out() -> None:
    old = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    new = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
    error = raised(edited(word_places.plain(), {"_rels/.rels": swap(old, new)}))
    assert isinstance(error, UnknownKindError)
    assert "Strict" in str(error)


def test_damaged_xml_says_nothing_of_the_file() -> None:
    error = raised(edited(word_places.plain(), {WORD: b"<w:document><quillborne"}))
    assert "uillborne" not in str(error)
    assert error.__cause__ is None


def test_deep_nesting_is_refused() -> None:
    deep = b"<a>" * 5_000 + b"</a>" * 5_000
    assert isinstance(raised(edited(word_places.plain(), {WORD: deep})), DamagedError)


def test_missing_parts_and_dangling_ids_are_no_errors() -> None:
    xml = '<w:r><w:drawing><a:blip r:embed="rId777"/></w:drawing></w:r>'
    content = word_places.body(word_places.p(xml))
    extracted = office.read(content, OPTIONS)
    office.write_clean(content, extracted, [], options=OPTIONS)


def test_workbook_with_numbers_out_of_range_is_read() -> None:
    cells = (
        '<row r="99999999999"><c r="ZZZZ1" s="99" t="s"><v>12345</v></c><c r="" t="zz"><v>1</v></c>'
        '<c r="A1" s="x"><v>1e999</v></c><c><v>-1</v></c><c t="d"><v>2026-01-01</v></c></row>'
    )
    content = edited(sheet_places.book(), {sheet_places.SHEET: put("</sheetData>", cells)})
    extracted = office.read(content, OPTIONS)
    written = office.write_clean(content, extracted, [], options=OPTIONS).content
    assert office.read(written, OPTIONS).text == extracted.text
