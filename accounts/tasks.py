"""Periodic work of the accounts."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_sessions", queue="files")
def clear_sessions() -> None:
    """Delete sessions that have run out."""
    call_command("clearsessions")
