"""Periodic work of the pastebin."""

from __future__ import annotations

from celery import shared_task

from inference.tasks import FILES_QUEUE
from pastebin.models import Paste
from policies import pseudonyms
from sharing import services


@shared_task(name="pastebin.delete_expired", queue=FILES_QUEUE)
def delete_expired() -> None:
    """Delete pastes whose time is over. Reads check expiry themselves; this frees the room."""
    services.delete_expired(Paste)
    pseudonyms.sweep()
