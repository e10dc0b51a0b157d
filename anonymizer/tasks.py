"""Periodic work of the anonymizer."""

from __future__ import annotations

from celery import shared_task

from anonymizer import redaction
from inference.tasks import FILES_QUEUE


@shared_task(name="anonymizer.sweep", queue=FILES_QUEUE)
def sweep() -> None:
    """Remove what was handed in to be redacted and nobody fetched."""
    redaction.sweep()
