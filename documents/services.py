"""What can be done with documents. Views and jobs call these; each write is one transaction."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from anonymizer.corrections import CorrectionError, Edit
from anonymizer.storable import storable
from anonymizer.text import Redaction, Style, redact
from documents import queue as jobs
from documents.formats import wire
from documents.formats.model import Block, Extracted, Kind, Page, Picture
from documents.layout import cut_at_blocks
from documents.models import (
    NAME_SEPARATOR,
    SCAN_CONSUMER,
    CleanState,
    Document,
    DocumentPage,
    State,
    Task,
)
from documents.pictures import with_barcodes
from inference import queue as scans
from inference.engine.spans import Span
from inference.models import Scan
from sharing import corrections, public_cache
from sharing.services import GoneError, delete, lock
from vault.envelope import DataKey
from vault.files import delete_files, read_file, store_file
from vault.models import Envelope

if TYPE_CHECKING:
    from accounts.models import User

SOURCE = "source"
CLEAN = "clean"
# How many pages' rows are written at once.
_ROWS_AT_ONCE = 200
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True, repr=False)
class CreatedDocument:
    """A new document and its reveal token, which exists nowhere else."""

    document: Document
    token: str


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


@transaction.atomic
def create_document(
    *,
    content: bytes,
    name: str,
    owner: User | None = None,
    style: Style = Style.PLACEHOLDER,
    operating_point: str = "balanced",
    expires_at: datetime | None = None,
    password: str = "",
    rasterise: bool = False,
) -> CreatedDocument:
    """Seal a file and queue its reading.

    password: opens an encrypted file; kept sealed beside it
    """
    envelope, key, token = Envelope.create()
    name = plain_name(name)
    document = Document.objects.create(
        envelope=envelope,
        owner=owner,
        style=style,
        operating_point=operating_point,
        expires_at=expires_at,
        size_bytes=len(content),
        rasterise=rasterise,
        sealed_name=envelope.seal(key, name, "name"),
        sealed_password=envelope.seal(key, password, "password") if password else None,
    )
    store_file(envelope=envelope, key=key, name=SOURCE, stream=io.BytesIO(content))
    jobs.submit(document, Task.READ)
    return CreatedDocument(document, token)


def plain_name(name: str) -> str:
    """Return a file's name without folders and control characters, and of a bearable length."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char.isprintable()).strip()
    stem, suffix = PurePath(shown).stem, PurePath(shown).suffix[:10]
    return (stem[: LONGEST_NAME - len(suffix)] + suffix) or "document"


def readable_name(name: str) -> str:
    """Return what people read as a file's title, words apart: "contract_a.smith.pdf" loses _."""
    return " ".join(PurePath(name).stem.replace("_", " ").split()) or "document"


# ---- after reading


def submit_scan(document: Document, key: DataKey, extracted: Extracted) -> None:
    """Keep where the text stands in the file, and queue the scan of all of it.

    Called in the transaction that ends the reading, with the document's row locked.
    """
    envelope = document.envelope
    name = readable_name(envelope.unseal(key, document.sealed_name, "name"))
    document.kind = extracted.kind
    document.state = State.SCANNING
    document.page_count = len(extracted.pages) or max(
        (block.page for block in extracted.blocks), default=0
    )
    document.name_characters = len(name)
    document.sealed_layout = _seal_layout(envelope, key, extracted)
    document.notes = list(extracted.notes)
    document.error_code = document.error = ""
    document.read_at = timezone.now()
    document.save(
        update_fields=[
            "kind",
            "state",
            "page_count",
            "name_characters",
            "sealed_layout",
            "notes",
            "error_code",
            "error",
            "read_at",
        ]
    )
    document.pages.all().delete()
    DocumentPage.objects.bulk_create(
        (
            DocumentPage(
                document=document,
                number=page.number,
                sealed_words=_pack(envelope, key, wire.page_as_json(page), f"page {page.number}"),
            )
            for page in extracted.pages
        ),
        batch_size=_ROWS_AT_ONCE,
    )
    # A document is read anew after a failure: its former scan goes.
    Scan.objects.filter(envelope=envelope).delete()
    scans.submit(
        envelope=envelope,
        key=key,
        text=name + NAME_SEPARATOR + extracted.text,
        consumer=SCAN_CONSUMER,
        operating_point=document.operating_point,
    )


def publish_scanned(scan: Scan, key: DataKey, text: str, spans: Sequence[Span]) -> Sequence[Span]:
    """Write the public side of a scanned document, and ask for its clean file.

    Called in the scan's last transaction. The service keeps its key until the clean file is made.
    """
    document = Document.objects.select_for_update(of=("self",)).get(envelope=scan.envelope)
    blocks = _layout(document, key)[0]
    kept = _cut(document, spans, blocks)
    kept = with_barcodes(kept, blocks, text, start=document.text_start)
    document.state = State.READY
    document.ready_at = timezone.now()
    _write_redaction(document, text, kept, blocks)
    jobs.submit(document, Task.CLEAN)
    return kept


def withdraw_failed(scan: Scan) -> None:
    """Keep a document unpublished whose scan failed; its original opens with the token only."""
    document = Document.objects.select_related("envelope").get(envelope=scan.envelope)
    fail(document, "scan_failed", scan.error or "The text could not be scanned.")


def fail(document: Document, code: str, error: str) -> None:
    """Note why a document could not be read; nothing of it is shown."""
    document.state, document.error_code, document.error = State.FAILED, code, error[:300]
    document.save(update_fields=["state", "error_code", "error"])
    _forget_service_key(document)


@transaction.atomic
def retry(document: Document, key: DataKey, *, password: str = "") -> None:
    """Read a failed document again; the key comes from whoever holds the token or owns it.

    Does nothing unless it has failed. Raises GoneError.
    """
    locked = lock(document)
    if locked.state != State.FAILED:
        return
    locked.state, locked.error_code, locked.error = State.RECEIVED, "", ""
    if password:
        locked.sealed_password = locked.envelope.seal(key, password, "password")
    locked.save(update_fields=["state", "error_code", "error", "sealed_password"])
    locked.envelope.keep_for_service(key)
    jobs.submit(locked, Task.READ)


# ---- reading


def read_original(document: Document, key: DataKey) -> Original:
    """Open a document's text, spans and layout. Raises UnsealError, GoneError."""
    scan = Scan.objects.select_related("envelope").filter(envelope=document.envelope_id).first()
    if scan is None:
        raise GoneError("This document is gone.")
    blocks, pictures = _layout(document, key)
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
        pages=tuple(_page(document, key, row) for row in rows.iterator(chunk_size=_ROWS_AT_ONCE)),
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
    return redact(original.text, original.spans, style or Style(document.style))


# ---- changes


def correct(
    *, document: Document, key: DataKey, revision: int, edits: Sequence[Edit], all_mentions: bool
) -> None:
    """Apply edits as one correction, publish the result, and have the clean file made anew.

    See sharing.corrections.correct for what it raises.
    """
    if document.kind == Kind.PICTURE:
        raise CorrectionError("What a picture hides is changed with its bars.")
    corrections.correct(
        item=document,
        key=key,
        revision=revision,
        edits=edits,
        all_mentions=all_mentions,
        cut=lambda locked: lambda spans: _cut(locked, spans, _layout(locked, key)[0]),
        publish=_republish,
    )


def republish(document: Document, key: DataKey, spans: Sequence[Span]) -> None:
    """Publish a document under other spans, and have its clean file made anew.

    Called in the transaction of a change, with the document's row locked. Raises GoneError.
    """
    scan = Scan.objects.select_related("envelope").filter(envelope=document.envelope_id).first()
    if scan is None or document.state != State.READY:
        raise GoneError("This is not ready yet.")
    text = scan.envelope.unseal(key, scan.sealed_text, "text")
    kept = _cut(document, spans, _layout(document, key)[0])
    sealed = scans.seal_spans(document.envelope, key, kept)
    Scan.objects.filter(pk=scan.pk).update(sealed_spans=sealed)
    document.revision += 1
    _republish(document, key, text, kept)


@transaction.atomic
def ask_for_clean(document: Document, key: DataKey, *, rasterise: bool) -> None:
    """Have the clean file made again, perhaps as pictures of pages. Raises GoneError."""
    locked = lock(document)
    if locked.state != State.READY:
        raise GoneError("This document is not ready yet.")
    locked.rasterise = rasterise
    locked.save(update_fields=["rasterise"])
    _queue_clean(locked, key)


def store_clean(document: Document, revision: int, content: bytes, certificate: Any) -> None:
    """Keep a verified clean file under a key of its own; what stood before it goes.

    Called in the transaction that ends its making, with the document's row locked.
    """
    former = document.clean_envelope
    envelope, key, _ = Envelope.create()
    envelope.forget_token()
    store_file(envelope=envelope, key=key, name=CLEAN, stream=io.BytesIO(content))
    document.clean_envelope = envelope
    document.clean_revision = revision
    document.certificate = certificate
    _set_clean(document, CleanState.READY)
    if former is not None:
        _delete_envelope(former)


def block_clean(document: Document, state: CleanState, error: str, places: Sequence[str]) -> None:
    """Note why there is no clean file, and where hidden values were still found."""
    former = document.clean_envelope
    document.clean_envelope = document.clean_revision = document.certificate = None
    _set_clean(document, state, error, places)
    if former is not None:
        _delete_envelope(former)


def end_cleaning(document: Document) -> None:
    """Destroy the service's key of an anonymous document once nothing is left to be made."""
    _forget_service_key(document)


def erase_documents_of(user: User) -> None:
    """Delete all of a person's documents with their keys."""
    for document in Document.objects.filter(owner=user).select_related("envelope"):
        delete_document(document)


@transaction.atomic
def delete_document(document: Document) -> None:
    """Delete a document with its files and keys; work on it stops."""
    clean = document.clean_envelope
    delete(document)
    if clean is not None:
        _delete_envelope(clean)


def delete_expired() -> int:
    """Delete documents whose time is over; returns how many went."""
    deleted = 0
    expired = Document.objects.expired().select_related("envelope", "clean_envelope")
    for document in expired.iterator(chunk_size=200):
        delete_document(document)
        deleted += 1
    return deleted


# ---- parts


def _cut(document: Document, spans: Sequence[Span], blocks: Sequence[Block]) -> list[Span]:
    return cut_at_blocks(
        spans, blocks, start=document.text_start, name_end=document.name_characters
    )


def _republish(document: Document, key: DataKey, text: str, spans: Sequence[Span]) -> None:
    _write_redaction(document, text, spans, _layout(document, key)[0])
    document.save(update_fields=["revision", "sealed_history"])
    public_cache.drop(document)
    _queue_clean(document, key)


def _queue_clean(document: Document, key: DataKey) -> None:
    if document.envelope.service_wrap is None:
        # The worker has to read the original once more; the key goes again when it is done.
        document.envelope.keep_for_service(key)
    _set_clean(document, CleanState.MAKING)
    jobs.submit(document, Task.CLEAN)


def _set_clean(
    document: Document, state: CleanState, error: str = "", places: Sequence[str] = ()
) -> None:
    document.clean_state, document.clean_error = state, error[:300]
    document.clean_places = list(places)[:200]
    document.save(
        update_fields=[
            "clean_state",
            "clean_error",
            "clean_places",
            "clean_envelope",
            "clean_revision",
            "certificate",
        ]
    )


def _write_redaction(
    document: Document, text: str, spans: Sequence[Span], blocks: Sequence[Block]
) -> None:
    """Hide the spans and store what is public. The spans are cut at the ends of blocks."""
    redaction = redact(text, spans, Style(document.style))
    document.redacted_text = storable(redaction.text)
    document.bars = [[bar.start, bar.end, bar.label, bar.number] for bar in redaction.bars]
    document.hidden_count = len(redaction.bars)
    shift = _Shift(spans, redaction)
    document.redacted_name = document.redacted_text[: shift.to(document.name_characters)]
    start, redacted_start = document.text_start, document.redacted_text_start
    document.redacted_blocks = wire.blocks_as_json(
        [
            Block(
                role=block.role,
                start=shift.to(start + block.start) - redacted_start,
                end=shift.to(start + block.end) - redacted_start,
                level=block.level,
                page=block.page,
                table=block.table,
                row=block.row,
                column=block.column,
                title=block.title,
            )
            for block in blocks
        ]
    )
    document.clean_state = CleanState.MAKING
    document.save(
        update_fields=[
            "redacted_text",
            "redacted_name",
            "redacted_blocks",
            "bars",
            "hidden_count",
            "clean_state",
            "state",
            "ready_at",
        ]
    )


class _Shift:
    """Offsets of the redacted text for ascending offsets of the original, none inside a span."""

    def __init__(self, spans: Sequence[Span], redaction: Redaction) -> None:
        self._spans, self._bars, self._index = spans, redaction.bars, 0

    def to(self, offset: int) -> int:
        while self._index < len(self._spans) and self._spans[self._index].end <= offset:
            self._index += 1
        if self._index == 0:
            return offset
        last = self._index - 1
        return self._bars[last].end + offset - self._spans[last].end


def _seal_layout(envelope: Envelope, key: DataKey, extracted: Extracted) -> bytes:
    layout = {
        "blocks": wire.blocks_as_json(extracted.blocks),
        "pictures": [wire.picture_as_json(picture) for picture in extracted.pictures],
    }
    return _pack(envelope, key, layout, "layout")


def _layout(document: Document, key: DataKey) -> tuple[tuple[Block, ...], tuple[Picture, ...]]:
    if document.sealed_layout is None:
        raise GoneError("This document has not been read yet.")
    stored = _unpack(document.envelope, key, document.sealed_layout, "layout")
    blocks = wire.blocks_from_json(stored["blocks"])
    return blocks, tuple(wire.picture_from_json(one) for one in stored["pictures"])


def _page(document: Document, key: DataKey, row: DocumentPage) -> Page:
    stored = _unpack(document.envelope, key, row.sealed_words, f"page {row.number}")
    return wire.page_from_json(stored)


def _pack(envelope: Envelope, key: DataKey, value: Any, name: str) -> bytes:
    return envelope.seal_bytes(key, zlib.compress(wire.as_bytes(value), 1), name)


def _unpack(envelope: Envelope, key: DataKey, sealed: bytes | memoryview, name: str) -> Any:
    return wire.from_bytes(zlib.decompress(envelope.unseal_bytes(key, sealed, name)))


def _read_file(envelope: Envelope, key: DataKey, name: str) -> Iterator[bytes]:
    row = envelope.files.filter(name=name).first()
    if row is None:
        raise GoneError("This file is gone.")
    return read_file(row, key)


def _delete_envelope(envelope: Envelope) -> None:
    delete_files(envelope)
    envelope.delete()


def _forget_service_key(document: Document) -> None:
    if document.owner_id is None:
        document.envelope.forget_service()
