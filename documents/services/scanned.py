"""From a read file to a scanned one: what is kept of it, and when it is published."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from documents import queue as jobs
from documents.formats import wire
from documents.formats.model import Extracted
from documents.models import NAME_SEPARATOR, SCAN_CONSUMER, Document, DocumentPage, State, Task
from documents.pictures import follow, with_barcodes
from documents.services.opened import ROWS_AT_ONCE, layout_of, pack, seal_layout
from documents.services.received import readable_name
from documents.services.shared import cut, write_redaction
from documents.services.told import tell_webhooks, wake_waiting
from inference import queue as scans
from inference.engine.spans import Span
from inference.models import Scan
from sharing import public_cache
from sharing.counting import count_again
from sharing.policies import applied, rerun_failed
from vault.envelope import DataKey
from webhooks.models import Event


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
    document.sealed_layout = seal_layout(envelope, key, extracted)
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
                sealed_words=pack(envelope, key, wire.page_as_json(page), f"page {page.number}"),
            )
            for page in extracted.pages
        ),
        batch_size=ROWS_AT_ONCE,
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
    documents = Document.objects.with_entry().select_for_update(of=("self",))
    document = documents.get(envelope=scan.envelope)
    blocks = layout_of(document, key)[0]
    found = with_barcodes(cut(document, spans, blocks), blocks, text, start=document.text_start)
    hidden = applied(document, scan, key, text, found, lambda spans: cut(document, spans, blocks))
    kept: Sequence[Span] = hidden.spans
    if hidden.before is not None:
        kept = follow(document, key, text, hidden.before, kept)
        document.save(update_fields=["revision", "sealed_history"])
    document.state = State.READY
    document.ready_at = timezone.now()
    write_redaction(document, text, kept, blocks)
    if hidden.before is not None:
        count_again(document, key, kept)
        public_cache.drop(document)
    jobs.submit(document, Task.CLEAN)
    wake_waiting(document)
    tell_webhooks(document, Event.DOCUMENT_READY)
    return kept


def withdraw_failed(scan: Scan) -> None:
    """Keep a document unpublished whose scan failed; its original opens with the token only."""
    if rerun_failed(scan):
        return
    document = Document.objects.select_related("envelope").get(envelope=scan.envelope)
    fail(document, "scan_failed", scan.error or "The text could not be scanned.")


def fail(document: Document, code: str, error: str) -> None:
    """Note why a document could not be read; nothing of it is shown."""
    document.state, document.error_code, document.error = State.FAILED, code, error[:300]
    document.save(update_fields=["state", "error_code", "error"])
    document.forget_service_key()
    wake_waiting(document)
    tell_webhooks(document, Event.DOCUMENT_FAILED)
