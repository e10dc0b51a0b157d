"""What is sealed, opened with a document's key: its text, its pages, its files."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from anonymizer.text import Redaction, Style, redact
from documents.formats import wire
from documents.formats.model import Block, Extracted, Kind, Page, Picture
from documents.models import Document, DocumentPage
from documents.services.cleaned import CLEAN
from documents.services.received import SOURCE
from inference import queue as scans
from inference.engine.spans import Span
from inference.models import Scan
from sharing import policies
from sharing.services import GoneError
from vault.envelope import DataKey
from vault.files import read_file
from vault.models import Envelope

# How many pages' rows are read or written at once.
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True, repr=False)
class Original:
    """An opened original.

    name:   of the file, as it was given
    text:   readable name, separator and text of the file, with its spans
    blocks: of the file's text, whose offset 0 is document.text_start
    """

    name: str
    text: str
    spans: tuple[Span, ...]
    blocks: tuple[Block, ...]
    pictures: tuple[Picture, ...]


def read_original(document: Document, key: DataKey) -> Original:
    """Open a document's text, spans and layout. Raises UnsealError, GoneError."""
    scan = Scan.objects.select_related("envelope").filter(envelope=document.envelope_id).first()
    if scan is None:
        raise GoneError("This document is gone.")
    blocks, pictures = layout_of(document, key)
    return Original(
        name=document.envelope.unseal(key, document.sealed_name, "name"),
        text=scan.envelope.unseal(key, scan.sealed_text, "text"),
        spans=tuple(scans.unseal_spans(scan, key)),
        blocks=blocks,
        pictures=pictures,
    )


def read_extracted(document: Document, key: DataKey, original: Original) -> Extracted:
    """Return what reading the file gave, put together from where it is kept."""
    rows = document.pages.order_by("number")
    return Extracted(
        kind=Kind(document.kind),
        text=original.text[document.text_start :],
        blocks=original.blocks,
        pages=tuple(_page(document, key, row) for row in rows.iterator(chunk_size=ROWS_AT_ONCE)),
        pictures=original.pictures,
    )


def read_page(document: Document, key: DataKey, number: int) -> Page:
    """Return where the words of a page stand; offsets into the file's text. Raises GoneError."""
    row = document.pages.filter(number=number).first()
    if row is None:
        raise GoneError("There is no such page.")
    return _page(document, key, row)


def read_source(document: Document, key: DataKey) -> Iterator[bytes]:
    """Yield the original file. Raises GoneError, UnsealError."""
    return _read_file(document.envelope, key, SOURCE)


def read_clean(document: Document) -> Iterator[bytes]:
    """Yield the clean file. Raises GoneError unless it is verified and of the present spans."""
    if not document.has_clean_file or document.clean_envelope is None:
        raise GoneError("There is no clean file at the moment.")
    envelope = document.clean_envelope
    return _read_file(envelope, envelope.open_for_service(), CLEAN)


def redaction_of(document: Document, original: Original, style: Style | None = None) -> Redaction:
    """Return an original's text with its spans hidden, as shared or in another style."""
    if style is None:
        return policies.redaction_of(document, original.text, original.spans)
    return redact(original.text, original.spans, style)


def seal_layout(envelope: Envelope, key: DataKey, extracted: Extracted) -> bytes:
    """Return what reading gave of blocks and pictures, sealed."""
    layout = {
        "blocks": wire.blocks_as_json(extracted.blocks),
        "pictures": [wire.picture_as_json(picture) for picture in extracted.pictures],
    }
    return pack(envelope, key, layout, "layout")


def layout_of(document: Document, key: DataKey) -> tuple[tuple[Block, ...], tuple[Picture, ...]]:
    """Open a document's blocks and pictures. Raises GoneError before it was read."""
    if document.sealed_layout is None:
        raise GoneError("This document has not been read yet.")
    stored = _unpack(document.envelope, key, document.sealed_layout, "layout")
    blocks = wire.blocks_from_json(stored["blocks"])
    return blocks, tuple(wire.picture_from_json(one) for one in stored["pictures"])


def _page(document: Document, key: DataKey, row: DocumentPage) -> Page:
    stored = _unpack(document.envelope, key, row.sealed_words, f"page {row.number}")
    return wire.page_from_json(stored)


def pack(envelope: Envelope, key: DataKey, value: Any, name: str) -> bytes:
    """Return a value as sealed JSON, packed."""
    return envelope.seal_bytes(key, zlib.compress(wire.as_bytes(value), 1), name)


def _unpack(envelope: Envelope, key: DataKey, sealed: bytes | memoryview, name: str) -> Any:
    return wire.from_bytes(zlib.decompress(envelope.unseal_bytes(key, sealed, name)))


def _read_file(envelope: Envelope, key: DataKey, name: str) -> Iterator[bytes]:
    row = envelope.files.filter(name=name).first()
    if row is None:
        raise GoneError("This file is gone.")
    return read_file(row, key)
