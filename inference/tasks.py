"""Celery tasks: wake-ups without arguments. The database knows what is to be done."""

from __future__ import annotations

import functools
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.utils import timezone

from inference import queue
from inference.models import EngineWorker, Scan

if TYPE_CHECKING:
    from inference.worker import ScanWorker

logger = logging.getLogger("blackbar.tasks")
ENGINE_QUEUE = "engine"
FILES_QUEUE = "files"


@functools.cache
def _worker() -> ScanWorker:
    """Return this process's worker. The engine is imported here and nowhere in web processes."""
    from inference.worker import ScanWorker

    worker = ScanWorker()
    worker.start()
    return worker


@shared_task(name="inference.run_pending_scans", queue=ENGINE_QUEUE)
def run_pending_scans() -> None:
    """Do pending scans until there are none."""
    try:
        _worker().run_pending()
    except Exception as exc:
        # Only the type: a driver's message may quote a row. Leases and the sweep do the rest.
        logger.error("worker interrupted (%s)", type(exc).__name__)


@shared_task(name="inference.sweep", queue=FILES_QUEUE)
def sweep() -> None:
    """Return expired leases, wake the worker for forgotten scans, forget dead workers."""
    queue.return_expired_leases()
    if Scan.objects.claimable().exists():
        queue.wake_worker()
    EngineWorker.objects.filter(seen_at__lt=timezone.now() - timedelta(hours=1)).delete()


@worker_ready.connect
def _start(sender: Any, **kwargs: Any) -> None:
    """Load the engine when a worker of the engine's queue is up, and do what waited for it."""
    if ENGINE_QUEUE in sender.app.amqp.queues.consume_from:
        _worker()
        queue.wake_worker()


@worker_shutting_down.connect
def _stop(**kwargs: Any) -> None:
    """Let a long scan end after its present window when the worker is asked to stop."""
    if _worker.cache_info().currsize:
        _worker().stop()
