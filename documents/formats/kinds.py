"""Which kind a file is, told by its content: a name may lie.

A file that could be two kinds at once is taken for the one that its first bytes begin. That is
safe: every writer makes its file anew and carries over only what was read.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePath

from documents.formats.model import DamagedError, Kind, TooLargeError, UnknownKindError

TAKEN = (
    "PDF, Word (.docx), PowerPoint (.pptx), Excel (.xlsx), OpenDocument text (.odt), "
    "e-mail (.eml), HTML, Markdown, CSV, JSON and text files are taken, and pictures: "
    "PNG, JPEG, WebP, GIF, TIFF and BMP."
)
PDF_HEADER_WITHIN = 1_024
_HEAD = 4_096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_OFFICE_PARTS = {
    "word/document.xml": Kind.DOCX,
    "ppt/presentation.xml": Kind.PPTX,
    "xl/workbook.xml": Kind.XLSX,
}
_MACRO_TYPES = {
    b"ms-word.document.macroenabled": ".docx",
    b"ms-word.template.macroenabled": ".docx",
    b"ms-excel.sheet.macroenabled": ".xlsx",
    b"ms-excel.template.macroenabled": ".xlsx",
    b"ms-excel.addin.macroenabled": ".xlsx",
    b"ms-powerpoint.presentation.macroenabled": ".pptx",
    b"ms-powerpoint.slideshow.macroenabled": ".pptx",
    b"ms-powerpoint.template.macroenabled": ".pptx",
}
_OLE_STREAMS = (
    ("EncryptedPackage", "an encrypted Office file: open it and save it without a password"),
    ("WordDocument", "an old Word file: open it and save it as .docx"),
    ("PowerPoint Document", "an old PowerPoint file: open it and save it as .pptx"),
    ("Workbook", "an old Excel file: open it and save it as .xlsx"),
    ("__substg1.0_", "an Outlook message: save it as .eml"),
)
_MIME_TYPES = {
    b"application/vnd.oasis.opendocument.text-template": Kind.ODT,
    b"application/vnd.oasis.opendocument.text": Kind.ODT,
}
_OTHER_MIME_TYPES = {
    b"application/vnd.oasis.opendocument.spreadsheet": (
        "an OpenDocument spreadsheet: save it as .xlsx"
    ),
    b"application/vnd.oasis.opendocument.presentation": (
        "an OpenDocument presentation: save it as .pptx"
    ),
    b"application/vnd.oasis.opendocument": "an OpenDocument file of another kind",
    b"application/epub+zip": "a book (EPUB): save it as PDF",
}
_PICTURES = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP|II[*+]\x00|MM\x00[*+]|BM.{4}\x00{4}",
    re.DOTALL,
)
_OTHER_PICTURES = (
    (rb".{4}ftyp(?:heic|heix|hevc|heim|heis|mif1|msf1)", "HEIC"),
    (rb".{4}ftypavi[fs]", "AVIF"),
    (rb"\x00\x00[\x01\x02]\x00[\x01-\xff]\x00", "icon"),
    (rb"8BPS\x00", "Photoshop"),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
)
_OTHERS = (
    (rb"\{\\rtf", "a Rich Text file: open it and save it as .docx"),
    (
        rb"\x1f\x8b|BZh[1-9]|\xfd7zXZ\x00|7z\xbc\xaf|Rar!\x1a\x07|\x28\xb5\x2f\xfd|.{257}ustar",
        "an archive: unpack it and choose the files in it",
    ),
    (
        rb"\x7fELF|MZ|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\x00asm",
        "a program",
    ),
    (rb"ID3|\xff[\xfb\xf3\xf2]|OggS|fLaC|RIFF.{4}WAVE|FORM.{4}AIF[FC]", "a sound"),
    (rb".{4}ftyp|RIFF.{4}AVI |\x1aE\xdf\xa3|\x00\x00\x01\xba|FLV\x01", "a video"),
    (rb"SQLite format 3\x00|PAR1", "a database"),
    (rb"%!PS", "a PostScript file: save it as PDF"),
)
_MAIL_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_MAIL_NAMES = {
    b"from",
    b"to",
    b"subject",
    b"date",
    b"received",
    b"message-id",
    b"return-path",
    b"sender",
    b"delivered-to",
    b"mime-version",
    b"cc",
    b"reply-to",
    b"dkim-signature",
    b"content-type",
}
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(r"<(?:head|body|div|p|table|span|h[1-6]|ul|ol|br|a)\b[^<>]*>", re.IGNORECASE)
_SVG_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg\b",
    re.IGNORECASE | re.DOTALL,
)


def kind_of(content: bytes, name: str) -> Kind:
    """Return a file's kind.

    name: decides between kinds that look alike (text, Markdown, CSV), and for nothing else
    Raises UnknownKindError with what the file is, where that can be told, and what is taken.
    """
    if not content:
        raise UnknownKindError("This file is empty: it has no bytes.")
    head = content[:_HEAD]
    if head.startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(content)
    if head.startswith(_OLE):
        raise _ole_error(content)
    if begins_picture(head):
        return Kind.PICTURE
    _refuse_binary(head)
    if _is_mail(head):
        return Kind.EML
    if b"%PDF-" in head[:PDF_HEADER_WITHIN] and (b"startxref" in content or b" obj" in content):
        return Kind.PDF
    return _text_kind(content, PurePath(name).suffix.lower())


def begins_picture(content: bytes) -> bool:
    """Say whether bytes begin as those of a picture that is read here."""
    return _PICTURES.match(content[:_HEAD]) is not None


def _refuse_binary(head: bytes) -> None:
    for pattern, what in _OTHER_PICTURES:
        if re.match(pattern, head, re.DOTALL):
            raise _picture_error(what)
    for pattern, what in _OTHERS:
        if re.match(pattern, head, re.DOTALL):
            raise _refusal(what)


def _picture_error(what: str) -> UnknownKindError:
    return _refusal(f"a picture of a kind that is not read ({what}): save it as PNG")


def _refusal(what: str) -> UnknownKindError:
    return UnknownKindError(f"This is {what}. {TAKEN}")


def _zip_kind(content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            types = _start_of(archive, names.get("[content_types].xml"))
            mime_type = _start_of(archive, names.get("mimetype"))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError):
        raise DamagedError(
            "This file is damaged: it is a ZIP package that does not open."
        ) from None
    for mime, kind in _MIME_TYPES.items():
        if mime_type.strip() == mime:
            return kind
    for mime, what in _OTHER_MIME_TYPES.items():
        if mime_type.startswith(mime):
            raise _refusal(what)
    return _office_kind(set(names), types.lower())


def _office_kind(names: set[str], types: bytes) -> Kind:
    for marker, suffix in _MACRO_TYPES.items():
        if marker in types:
            raise _refusal(f"an Office file with macros: open it and save it as {suffix}")
    if "xl/workbook.bin" in names:
        raise _refusal("a binary Excel file (.xlsb): open it and save it as .xlsx")
    found = {kind for part, kind in _OFFICE_PARTS.items() if part in names}
    if len(found) == 1 and types:
        return found.pop()
    if found:
        raise _refusal("an Office file of no known kind")
    raise _refusal("an archive: unpack it and choose the files in it")


def _start_of(archive: zipfile.ZipFile, name: str | None) -> bytes:
    if name is None:
        return b""
    with archive.open(name) as part:
        return part.read(1_000_000)


def _ole_error(content: bytes) -> UnknownKindError:
    for stream, what in _OLE_STREAMS:
        if stream.encode("utf-16-le") in content:
            return _refusal(what)
    return _refusal("an old Office file: open it and save it in a newer format")


def _is_mail(head: bytes) -> bool:
    """Say whether a file begins with header fields of which two are a mail's."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if head.startswith(b"From ") and b"\n" in head:
        head = head.split(b"\n", 1)[1]
    found: set[bytes] = set()
    for line in head.splitlines():
        if line[:1] in {b" ", b"\t"} and found:
            continue
        field = _MAIL_FIELD.match(line)
        if field is None:
            break
        found.add(field[1].lower())
    return len(found & _MAIL_NAMES) >= 2 and bool(found & {b"from", b"received", b"message-id"})


def _text_kind(content: bytes, suffix: str) -> Kind:
    from documents.formats.plain import decoding
    from documents.formats.plain.csv import separator_of

    try:
        text = decoding.decoded(content)[0]
    except decoding.UndecodableError:
        raise UnknownKindError(f"What this file is cannot be told. {TAKEN}") from None
    start = text[:_HEAD]
    if _SVG_START.match(start):
        raise _picture_error("SVG")
    if _HTML_START.match(start) or (suffix in {".html", ".htm"} and _HTML_TAG.search(text)):
        return Kind.HTML
    if _is_json(text, suffix):
        return Kind.JSON
    if suffix in {".md", ".markdown"}:
        return Kind.MARKDOWN
    if suffix in {".csv", ".tsv", ".tab"} and separator_of(text):
        return Kind.CSV
    return Kind.TEXT


def _is_json(text: str, suffix: str) -> bool:
    """Say whether a text is a JSON object or list, or by its name other values."""
    from documents.formats.plain.json import parsed_values

    if not (suffix in {".json", ".jsonl", ".ndjson"} or text.lstrip()[:1] in {"{", "["}):
        return False
    try:
        return bool(parsed_values(text))
    except TooLargeError:
        # The reader says so too.
        return True
    except DamagedError:
        return False
