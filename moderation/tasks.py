"""Periodic work of the moderation."""

from __future__ import annotations

from celery import shared_task

from inference.tasks import FILES_QUEUE
from moderation import services


@shared_task(name="moderation.sweep", queue=FILES_QUEUE)
def sweep() -> None:
    """Delete reports that were decided long ago."""
    services.delete_decided()
