"""Back-pressure: what nobody will reach for a long time is not taken in at all."""

from __future__ import annotations

import threading
import time

from django.conf import settings
from django.db import connection

# Seconds for which an answer of the database is believed: a rush asks it once, not each time.
_KEPT_SECONDS = 0.5
# Counts no further than it has to, and only rows of the partial index of waiting scans.
_FULL = """
SELECT EXISTS (SELECT FROM inference_scan WHERE state = 'pending' OFFSET %s)
"""


class QueueFullError(Exception):
    """Raised when as much waits as this server takes; the message is a sentence for people."""

    def __init__(self) -> None:
        super().__init__(
            "So much is waiting to be scanned that this server takes nothing more just now. "
            "Please send it again in a minute."
        )


class _Kept:
    """What the database said last, for all threads of this process."""

    def __init__(self) -> None:
        self.lock, self.is_full, self.until = threading.Lock(), False, 0.0


_kept = _Kept()


def check_room() -> None:
    """Refuse what is new while BLACKBAR_QUEUE_SCANS scans wait. Raises QueueFullError.

    Asked before anything is stored, and never for what was taken in already: a document whose
    reading has ended is scanned however long the queue is.
    """
    if not settings.QUEUE_SCANS:
        return
    with _kept.lock:
        now = time.monotonic()
        if now >= _kept.until:
            with connection.cursor() as cursor:
                cursor.execute(_FULL, [settings.QUEUE_SCANS - 1])
                found = cursor.fetchone()
            _kept.is_full, _kept.until = bool(found and found[0]), now + _KEPT_SECONDS
        is_full = _kept.is_full
    if is_full:
        raise QueueFullError
