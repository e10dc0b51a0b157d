"""Celery tasks of documents: wake-ups without arguments. The database knows what is to be done."""

from __future__ import annotations

import logging
import threading
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from documents.models import Document, FileJob
from documents.queue import wake_worker
from inference.tasks import FILES_QUEUE
from sharing.services import delete_expired

logger = logging.getLogger("blackbar.documents")
_is_worker = threading.Event()
DOCUMENTS_QUEUE = "documents"


@shared_task(name="documents.run_pending_files", queue=DOCUMENTS_QUEUE)
def run_pending_files() -> None:
    """Do waiting work on files until there is none."""
    from documents import children, work

    try:
        children.keep_template()
        work.run_pending()
    except Exception as exc:
        # Only the type: a driver's message may quote a row. Leases and the sweep do the rest.
        logger.error("worker interrupted (%s)", type(exc).__name__)


@shared_task(name="documents.sweep", queue=FILES_QUEUE)
def sweep() -> None:
    """Delete expired documents, and wake the worker for forgotten work."""
    delete_expired(Document)
    if FileJob.objects.claimable().exists():
        wake_worker()


@worker_ready.connect
def _start(sender: Any, **kwargs: Any) -> None:
    """Do what waited for this worker."""
    if DOCUMENTS_QUEUE in sender.app.amqp.queues.consume_from:
        _is_worker.set()
        wake_worker()


@worker_shutting_down.connect
def _stop(**kwargs: Any) -> None:
    """Take no more files when the worker is asked to stop, and hand back those at hand."""
    if _is_worker.is_set():
        from documents import work

        work.stop()
