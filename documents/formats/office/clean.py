"""Read an Office file and write it clean, whichever of the four kinds it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from documents.formats.model import (
    Cleaned,
    Extracted,
    FormatError,
    Hidden,
    Kind,
    ReadOptions,
    TooLargeError,
)
from documents.formats.office.docx import MAIN_TYPE as WORD_TYPE
from documents.formats.office.docx import WordWalk
from documents.formats.office.odt import read_odt, write_odt
from documents.formats.office.ooxml import Session, require_same
from documents.formats.office.opc import OfficePackage
from documents.formats.office.package import Archive
from documents.formats.office.pptx import MAIN_TYPE as SLIDES_TYPE
from documents.formats.office.pptx import SlidesWalk
from documents.formats.office.xlsx import MAIN_TYPE as SHEETS_TYPE
from documents.formats.office.xlsx import SheetsWalk
from documents.formats.office.xml import parse

_TYPES: Final = {Kind.DOCX: WORD_TYPE, Kind.PPTX: SLIDES_TYPE, Kind.XLSX: SHEETS_TYPE}
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
_EMPTY_CORE = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<cp:coreProperties xmlns:cp="' + _CORE.encode() + b'"/>'
)
_TITLE: Final = "{http://purl.org/dc/elements/1.1/}title"


def read(content: bytes, options: ReadOptions) -> Extracted:
    """Return what an Office file says, in all of its parts that a clean file keeps."""
    _check_size(content, options)
    if _is_odt(content, options):
        return read_odt(content, options)
    package = OfficePackage(content, options.limits)
    walk = _walk_of(package.kind)
    session = Session(package, walk.rules(), options)
    pictures = session.run(walk.main_rule(), _TYPES[package.kind])
    return Extracted(
        package.kind,
        session.flow.text(),
        tuple(session.flow.blocks),
        pictures=pictures,
        notes=(*session.notes, *session.losses.future()),
        title=_title_of(package),
    )


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
) -> Cleaned:
    """Return the file with nothing in it but the text that was read, less the hidden spans.

    rasterise is for pages; Office files have none.
    """
    _check_size(content, options)
    if extracted.kind is Kind.ODT:
        return write_odt(content, extracted, hidden, options)
    package = OfficePackage(content, options.limits)
    walk = _walk_of(package.kind)
    session = Session(package, walk.rules(), options, extracted=extracted, hidden=hidden)
    session.run(walk.main_rule(), _TYPES[package.kind])
    require_same(session.flow, extracted)
    written = session.package_bytes({"docProps/core.xml": (_CORE, _CORE_TYPE, _EMPTY_CORE)})
    return Cleaned(written, session.losses.past())


def _walk_of(kind: Kind) -> WordWalk | SlidesWalk | SheetsWalk:
    if kind is Kind.DOCX:
        return WordWalk()
    if kind is Kind.PPTX:
        return SlidesWalk()
    return SheetsWalk()


def _is_odt(content: bytes, options: ReadOptions) -> bool:
    archive = Archive(content, options.limits)
    return "mimetype" in archive and "content.xml" in archive


def _check_size(content: bytes, options: ReadOptions) -> None:
    if len(content) > options.limits.bytes_in_file:
        raise TooLargeError("The file is larger than is taken here.")


def _title_of(package: OfficePackage) -> str:
    """Return the title among the properties; a file whose properties are damaged has none."""
    for relation in package.relations_of(""):
        if relation.kind == "core-properties" and package.has(relation.target):
            try:
                found: etree._Element | None = parse(package.read(relation.target)).find(_TITLE)
            except FormatError:
                return ""
            return (found.text or "").strip() if found is not None else ""
    return ""
