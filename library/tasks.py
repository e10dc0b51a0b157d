"""Periodic work of the library."""

from __future__ import annotations

from celery import shared_task

from inference.tasks import FILES_QUEUE
from library import services


@shared_task(name="library.empty_trash", queue=FILES_QUEUE)
def empty_trash() -> None:
    """Delete for good what has lain in a trash for as long as it keeps things."""
    services.delete_overdue()
