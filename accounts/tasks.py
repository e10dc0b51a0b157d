"""Periodic work of the accounts."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from accounts import quotas


@shared_task(name="accounts.clear_sessions", queue="files")
def clear_sessions() -> None:
    """Delete sessions that have run out, and counts of requests whose time is over."""
    call_command("clearsessions")
    quotas.forget_ended()
