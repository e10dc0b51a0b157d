"""Documents go with their files and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.models import Document
from sharing.services import delete_all

if TYPE_CHECKING:
    from accounts.models import User


def erase_documents_of(user: User) -> None:
    """Delete all of a person's documents with their keys."""
    delete_all(Document.objects.filter(owner=user), by=user, why="erased")
