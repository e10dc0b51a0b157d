"""A person's documents and pictures in the export of everything they own."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export import Exported, as_json, as_text, safe_name
from accounts.models import User
from documents.models import Document
from documents.services import read_clean, read_source
from documents.views.rows import public_file_name
from inference import queue as scans
from inference.models import Scan
from sharing.owned import export_items, facts_of, spans_as_json
from vault.envelope import DataKey


def export_documents(user: User) -> Iterator[Exported]:
    """Yield each file as it was handed in, what was read in it, its spans, and the clean file."""
    yield from export_items(Document, user, "documents", _shown, _sealed)


def _shown(document: Document, folder: str) -> Iterator[Exported]:
    facts = facts_of(document) | {
        "kind": document.kind,
        "state": document.state,
        "pages": document.page_count,
        "bytes": document.size_bytes,
        "error": document.error,
    }
    yield as_json(f"{folder}/about.json", facts)
    if document.redacted_text is not None:
        yield as_text(f"{folder}/redacted.txt", document.redacted_text)
    if document.has_clean_file:
        name = public_file_name(document, f".{document.kind}")
        yield Exported(f"{folder}/clean/{safe_name(name, 'clean')}", read_clean(document))
        yield as_json(f"{folder}/clean/certificate.json", document.certificate)


def _sealed(document: Document, folder: str, key: DataKey) -> Iterator[Exported]:
    name = document.envelope.unseal(key, document.sealed_name, "name")
    yield Exported(f"{folder}/source/{safe_name(name, 'file')}", read_source(document, key))
    scan = Scan.objects.filter(envelope=document.envelope_id).first()
    if scan is not None:
        yield as_text(
            f"{folder}/original.txt", document.envelope.unseal(key, scan.sealed_text, "text")
        )
        yield spans_as_json(f"{folder}/spans.json", scans.unseal_spans(scan, key))
