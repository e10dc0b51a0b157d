"""Celery tasks: wake-ups without arguments. The database knows what is to be done."""

from __future__ import annotations

import functools
import gc
import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.db import connection
from django.utils import timezone

from inference import events, queue
from inference.models import EngineWorker, Scan
from inference.priority import SCANS_NICENESS, give_way

if TYPE_CHECKING:
    from inference.worker import ScanWorker

logger = logging.getLogger("blackbar.tasks")
ENGINE_QUEUE = "engine"
FILES_QUEUE = "files"
# A window of a long scan ends within this; then the scan is given back.
_STOP_SECONDS = 10.0
_listeners: list[threading.Thread] = []


@functools.cache
def _worker() -> ScanWorker:
    """Return this process's worker. The engine is imported here and nowhere in web processes."""
    from inference.worker import ScanWorker

    worker = ScanWorker()
    worker.start()
    return worker


@shared_task(name="inference.run_pending_scans", queue=ENGINE_QUEUE)
def run_pending_scans() -> None:
    """Do pending scans until there are none: for when nobody heard the doorbell."""
    _run_pending()


def listen() -> None:
    """Do pending scans whenever the doorbell rings, until the worker is asked to stop.

    A message takes milliseconds through the broker; a waiting request has none to spare.
    """
    worker = _worker()
    # What is loaded now stays: to look through it for garbage would hold a scan up.
    gc.collect()
    gc.freeze()
    for _ in events.rings(worker.stopping):
        # The connection stays open between rings; one that broke meanwhile shows at its first use.
        if not _run_pending():
            connection.close()
            _run_pending()
    connection.close()


def _run_pending() -> bool:
    """Do pending scans; False if that was interrupted."""
    try:
        _worker().run_pending()
    except Exception as exc:
        # Only the type: a driver's message may quote a row. Leases and the sweep do the rest.
        logger.error("worker interrupted (%s)", type(exc).__name__)
        return False
    return True


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
        give_way(SCANS_NICENESS)
        _worker()
        listener = threading.Thread(target=listen, name="doorbell", daemon=True)
        _listeners.append(listener)
        listener.start()
        queue.wake_worker()


@worker_shutting_down.connect
def _stop(**kwargs: Any) -> None:
    """Let a long scan end after its present window when the worker is asked to stop."""
    if _worker.cache_info().currsize:
        _worker().stop()


@worker_shutdown.connect
def _wait_for_listener(**kwargs: Any) -> None:
    """Let the scan at hand be given back or finished before the process ends."""
    for listener in _listeners:
        listener.join(_STOP_SECONDS)
