"""Who is told of a document's new state: whoever waits for it, and the owner's webhooks."""

from __future__ import annotations

from django.db import transaction

from documents.models import Document
from inference.events import announce_end
from webhooks.models import Event
from webhooks.services import announce


def wake_waiting(document: Document) -> None:
    """Wake whoever waits for the next state of a document, by the id of its envelope."""
    envelope_id = document.envelope_id
    transaction.on_commit(lambda: announce_end(envelope_id))


def tell_webhooks(document: Document, event: Event) -> None:
    """Queue what the owner's webhooks are sent of an event."""
    announce(owner_id=document.owner_id, event=event, thing_id=document.pid)
