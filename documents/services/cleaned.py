"""The clean file: asked for, kept, or withheld."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from documents import queue as jobs
from documents.models import CleanState, Document, State, Task
from documents.services.told import tell_webhooks, wake_waiting
from sharing import public_cache
from sharing.services import GoneError, lock
from vault.envelope import DataKey
from vault.files import delete_files, store_file
from vault.models import Envelope
from webhooks.models import Event

CLEAN = "clean"


@transaction.atomic
def ask_for_clean(document: Document, key: DataKey, *, rasterise: bool) -> None:
    """Have the clean file made again, perhaps as pictures of pages. Raises GoneError."""
    locked = lock(document)
    if locked.state != State.READY:
        raise GoneError("This document is not ready yet.")
    locked.rasterise = rasterise
    locked.save(update_fields=["rasterise"])
    queue_clean(locked, key)


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
    public_cache.refresh(document)
    tell_webhooks(document, Event.CLEAN_READY)
    if former is not None:
        delete_envelope(former)


def block_clean(document: Document, state: CleanState, error: str, places: Sequence[str]) -> None:
    """Note why there is no clean file, and where hidden values were still found."""
    former = document.clean_envelope
    document.clean_envelope = document.clean_revision = document.certificate = None
    _set_clean(document, state, error, places)
    public_cache.refresh(document)
    tell_webhooks(document, Event.CLEAN_FAILED)
    if former is not None:
        delete_envelope(former)


def end_cleaning(document: Document) -> None:
    """Destroy the service's key of an anonymous document once nothing is left to be made."""
    document.forget_service_key()


def queue_clean(document: Document, key: DataKey) -> None:
    """Have the clean file made of the present spans, with the document's row locked."""
    if document.envelope.service_wrap is None:
        # The worker has to read the original once more; the key goes again when it is done.
        document.envelope.keep_for_service(key)
    _set_clean(document, CleanState.MAKING)
    public_cache.drop(document)
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
    wake_waiting(document)


def delete_envelope(envelope: Envelope) -> None:
    """Delete an envelope with its files and its key."""
    delete_files(envelope.pk)
    envelope.delete()
