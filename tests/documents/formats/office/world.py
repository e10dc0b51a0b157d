"""What the tests of Office files share: a value that is planted, and packages edited by hand."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import docx
import openpyxl
import pptx
import pytest
from PIL import Image, ImageDraw, ImageFont

from documents.formats import office
from documents.formats.model import Check, Cleaned, Extracted, Hidden, ReadOptions
from documents.formats.survivors import HiddenValues

CANARY = "Zephyrina Quillborne"
OTHER = "plain words that stay"
OPTIONS = ReadOptions(languages=("eng",))
_PLANTED = re.compile(r"(?:Zephyrina)?\W*Quillborne|Zephyrina", re.IGNORECASE)
NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram" '
    'xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
SLIDE_TYPE = "application/vnd.openxmlformats-officedocument.presentationml."

Edit = Callable[[bytes], bytes]


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a package by their names."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def package_of(parts: Mapping[str, bytes]) -> bytes:
    """Return a package of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def edited(content: bytes, changes: Mapping[str, bytes | Edit]) -> bytes:
    """Return a package with parts added, replaced, or changed by a function."""
    parts = parts_of(content)
    for name, change in changes.items():
        parts[name] = change(parts[name]) if callable(change) else change
    return package_of(parts)


def put(before: str, xml: str) -> Edit:
    """Return an edit that puts XML before the last occurrence of a text."""

    def edit(part: bytes) -> bytes:
        head, found, tail = part.decode().rpartition(before)
        if not found:
            raise AssertionError(f"{before} is not in the part")
        return (head + xml + found + tail).encode()

    return edit


def swap(old: str, new: str) -> Edit:
    """Return an edit that replaces a text that must be there."""

    def edit(part: bytes) -> bytes:
        text = part.decode()
        if old not in text:
            raise AssertionError(f"{old} is not in the part")
        return text.replace(old, new).encode()

    return edit


def with_part(
    content: bytes, owner: str, name: str, part: bytes | str, *, kind: str, type: str
) -> bytes:
    """Return a package with one more part, to which `owner` points as rIdAdded."""
    folder, _, base = owner.rpartition("/")
    rels = f"{folder}/_rels/{base}.rels".lstrip("/")
    relation = f'<Relationship Id="rIdAdded" Type="{kind}" Target="/{name}"/>'
    parts = parts_of(content)
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    parts.setdefault(rels, empty + b"</Relationships>")
    parts[rels] = _with_relation(parts[rels], relation)
    override = f'<Override PartName="/{name}" ContentType="{type}"/>'
    parts["[Content_Types].xml"] = put("</Types>", override)(parts["[Content_Types].xml"])
    parts[name] = part.encode() if isinstance(part, str) else part
    return package_of(parts)


def with_link(content: bytes, owner: str, address: str, *, kind: str = "hyperlink") -> bytes:
    """Return a package whose part `owner` points outward as rIdAdded."""
    folder, _, base = owner.rpartition("/")
    rels = f"{folder}/_rels/{base}.rels"
    relation = (
        f'<Relationship Id="rIdAdded" Type="{RELATION}{kind}" Target="{address}" '
        'TargetMode="External"/>'
    )
    parts = parts_of(content)
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    parts.setdefault(rels, empty + b"</Relationships>")
    parts[rels] = _with_relation(parts[rels], relation)
    return package_of(parts)


def _with_relation(rels: bytes, relation: str) -> bytes:
    return rels.replace(b"</Relationships>", relation.encode() + b"</Relationships>").replace(
        b"/></Relationships>", b"/></Relationships>"
    )


def saved(document: object) -> bytes:
    """Return what python-docx, python-pptx or openpyxl save."""
    out = io.BytesIO()
    document.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def hidden_in(extracted: Extracted, pattern: re.Pattern[str] = _PLANTED) -> list[Hidden]:
    """Return a span for each planted value, cut at the ends of blocks."""
    return [
        Hidden(block.start + match.start(), block.start + match.end(), "X", "<PRIVATE_PERSON>")
        for block in extracted.blocks
        for match in pattern.finditer(extracted.text[block.start : block.end])
    ]


def redacted(extracted: Extracted, hidden: list[Hidden]) -> str:
    """Return the text with its replacements."""
    text = extracted.text
    for span in reversed(hidden):
        text = text[: span.start] + span.replacement + text[span.end :]
    return text


def cleaned(
    content: bytes, pattern: re.Pattern[str] = _PLANTED
) -> tuple[Extracted, Cleaned, tuple[Check, ...]]:
    """Read a file, hide what is planted, write it, verify it."""
    extracted = office.read(content, OPTIONS)
    hidden = hidden_in(extracted, pattern)
    written = office.write_clean(content, extracted, hidden, options=OPTIONS)
    values = HiddenValues([CANARY, "Quillborne", "Zephyrina"], redacted(extracted, hidden))
    return extracted, written, office.verify(written.content, values, options=OPTIONS)


@dataclass(frozen=True)
class Place:
    """A file with a value planted in one place, before and after: made and cleaned once."""

    content: bytes
    extracted: Extracted
    written: Cleaned
    checks: tuple[Check, ...]


@cache
def planted(make: Callable[[], bytes]) -> Place:
    """Return what becomes of a planted file, the same for all tests."""
    content = make()
    return Place(content, *cleaned(content))


def failed(checks: tuple[Check, ...]) -> list[Check]:
    """Return the checks that found something."""
    return [check for check in checks if not check.is_passed]


def require_gone(content: bytes, *values: str) -> None:
    """Search a package without any of the program's own code: packages within it too."""
    wanted = [value.casefold() for value in values or ("Zephyrina", "Quillborne")]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.infolist():
            part = archive.read(entry)
            if part.startswith(b"PK"):
                require_gone(part, *values)
            readings = [entry.filename, part.decode("utf-8", "ignore"), part.decode("latin-1")]
            readings += [part.decode("utf-16-le", "ignore"), re.sub(r"<[^>]*>", "", readings[1])]
            readings += [unquote(reading) for reading in readings]
            for value in wanted:
                assert all(value not in reading.casefold() for reading in readings), entry.filename


def open_again(content: bytes) -> None:
    """Open a clean file with the library that users of such files have."""
    names = parts_of(content)
    file = io.BytesIO(content)
    if "word/document.xml" in names:
        document = docx.Document(file)
        [paragraph.text for paragraph in document.paragraphs]
        [section.header.is_linked_to_previous for section in document.sections]
    elif "ppt/presentation.xml" in names:
        for slide in pptx.Presentation(file).slides:
            [shape.has_text_frame for shape in slide.shapes]
    elif "xl/workbook.xml" in names:
        for sheet in openpyxl.load_workbook(file).worksheets:
            list(sheet.iter_rows())


def picture(text: str, *, size: tuple[int, int] = (900, 160), format: str = "PNG") -> bytes:
    """Return a picture in which a text is written large."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(56)
    ImageDraw.Draw(image).text((30, 40), text, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, format)
    return out.getvalue()


def texts_by_libreoffice(files: Mapping[str, bytes], folder: Path) -> dict[str, str]:
    """Return what LibreOffice reads in files, by their names; skips where it is not installed.

    A presentation comes as the bytes of a PDF. One start for each kind of text, with one profile.
    """
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    for name, content in files.items():
        (folder / name).write_bytes(content)
    by_target: dict[str, list[str]] = {}
    for name in files:
        by_target.setdefault(_TARGETS[name.rpartition(".")[2]], []).append(name)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    for target, names in by_target.items():
        subprocess.run(
            [soffice, profile, "--headless", "--convert-to", target, "--outdir", str(folder)]
            + [str(folder / name) for name in names],
            check=True,
            capture_output=True,
            timeout=240,
        )
    texts = {}
    for name in files:
        stem, _, ending = name.rpartition(".")
        made = folder / f"{stem}.{_TARGETS[ending][:3]}"
        assert made.exists(), f"LibreOffice does not open {name}"
        texts[name] = made.read_bytes().decode("utf-8", "replace")
    return texts


_TEXT = "txt:Text (encoded):UTF8"
_TARGETS = {"docx": _TEXT, "odt": _TEXT, "xlsx": "csv", "pptx": "pdf"}
