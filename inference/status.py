"""What the engine workers say of themselves, for pages and health checks."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.db import DatabaseError

from inference.models import EngineWorker

_KEEP_SECONDS = 3.0
_kept: tuple[float, DetectorStatus] | None = None


@dataclass(frozen=True, slots=True)
class DetectorStatus:
    """Whether texts are being scanned, and a sentence for people if not.

    name: checkpoint and version, such as "compact 1.0", None when no worker has one
    """

    ready: bool
    name: str | None
    sentence: str = ""


_OUTAGE = DetectorStatus(
    ready=False, name=None, sentence="The server cannot reach its database at the moment."
)


def detector_status() -> DetectorStatus:
    """Return how the engine workers are; the answer is up to three seconds old."""
    global _kept
    if _kept is not None and time.monotonic() - _kept[0] < _KEEP_SECONDS:
        return _kept[1]
    status = _read_status()
    _kept = (time.monotonic(), status)
    return status


def note_outage() -> None:
    """Answer without the database for the next seconds: it has just been found out of reach."""
    global _kept
    _kept = (time.monotonic(), _OUTAGE)


def checkpoint_in_use() -> str | None:
    """Return the name of the checkpoint in use, or None. Never raises."""
    try:
        return detector_status().name
    except Exception:  # pages of an outage are rendered without a database
        return None


def _read_status() -> DetectorStatus:
    try:
        workers = [worker for worker in EngineWorker.objects.all() if worker.is_alive]
    except DatabaseError:
        return _OUTAGE
    for worker in workers:
        if worker.checkpoint:
            return DetectorStatus(ready=True, name=worker.checkpoint.partition("@")[0])
    kept = "Your text is kept sealed and is scanned as soon as it returns."
    if workers:
        return DetectorStatus(
            ready=False, name=None, sentence=f"The detector has no checkpoint. {kept}"
        )
    return DetectorStatus(ready=False, name=None, sentence=f"The detector is not running. {kept}")
