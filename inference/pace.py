"""How soon somebody who waits for a scan should ask again: the longer the queue, the later.

Everybody asks about four times while the queue goes by, however many wait. Asked at a fixed pace,
a thousand waiting pages would take the time that the scans themselves need.
"""

from __future__ import annotations

import threading
import time
from math import ceil

from django.db import DatabaseError, connection

from inference.models import Lane

LONGEST_SECONDS = 15.0
_SHARE = 0.25
# Seconds for which an answer of the database is believed: everybody who waits asks.
_KEPT_SECONDS = 0.5
# A text that is scanned once more has its old place in the queue: its age says nothing.
_OLDEST = """
SELECT extract(epoch FROM statement_timestamp() - min(created_at))::float
FROM inference_scan WHERE state = 'pending' AND lane = %s AND sealed_spans IS NULL
"""


class _Kept:
    """What the database said last, for all threads of this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.waits: dict[str, tuple[float, float]] = {}


_kept = _Kept()


def look_again_seconds(lane: str, least: float) -> float:
    """Return how long to wait before asking again how far a scan of a lane is.

    least: seconds; how soon to ask where nobody waits
    """
    with _kept.lock:
        now = time.monotonic()
        until, oldest = _kept.waits.get(lane, (0.0, 0.0))
        if now >= until:
            oldest = _oldest_seconds(lane)
            _kept.waits[lane] = now + _KEPT_SECONDS, oldest
    return min(max(least, _SHARE * oldest), LONGEST_SECONDS)


def retry_after(lane: str = Lane.SHORT) -> str:
    """Return the same as the value of Retry-After, which knows whole seconds only."""
    return str(ceil(look_again_seconds(lane, 1.0)))


def _oldest_seconds(lane: str) -> float:
    """Return how long the oldest text that is still to be scanned has waited."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_OLDEST, [lane])
            found = cursor.fetchone()
    except DatabaseError:
        return LONGEST_SECONDS / _SHARE
    return float(found[0] or 0.0) if found else 0.0
