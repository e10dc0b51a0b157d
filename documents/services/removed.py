"""Documents go with their files and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from audit.record import recorded_last
from documents.models import Document
from documents.services.cleaned import delete_envelope
from sharing.services import delete

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
@recorded_last()
def delete_document(document: Document, *, by: User | None = None, why: str = "") -> None:
    """Delete a document with its files and keys; work on it stops.

    by, why: who does it, and a word if no person wished it
    """
    clean = document.clean_envelope
    delete(document, by=by, why=why)
    if clean is not None:
        delete_envelope(clean)


def delete_expired() -> int:
    """Delete documents whose time is over; returns how many went."""
    deleted = 0
    expired = Document.objects.expired().select_related("envelope__entry", "clean_envelope")
    for document in expired.iterator(chunk_size=200):
        delete_document(document, why="expired")
        deleted += 1
    return deleted


def erase_documents_of(user: User) -> None:
    """Delete all of a person's documents with their keys."""
    own = Document.objects.filter(owner=user).select_related("envelope__entry", "clean_envelope")
    for document in own:
        delete_document(document, by=user, why="erased")
