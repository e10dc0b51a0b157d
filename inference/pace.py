"""How soon somebody who waits should ask again: the longer the queue, the later.

What came a minute after the oldest that still waits has about a minute to go, where a queue neither
gains nor loses. So who waits asks when nearly all of that is over, and a few times more. Asked at a
fixed pace, a thousand waiting pages would take the time that the work itself needs.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable
from datetime import datetime
from math import ceil

from django.db import DatabaseError, connection
from django.utils import timezone

from inference.models import Lane

LONGEST_SECONDS = 60.0
# Of what is still to wait, and of the whole queue: who is late by that is not kept for long.
_SHARE_TO_GO, _SHARE = 0.9, 0.25
# Seconds for which an answer of the database is believed: everybody who waits asks.
_KEPT_SECONDS = 0.5
# A text that is scanned once more has its old place in the queue: its age says nothing.
_OLDEST_SCAN = """
SELECT extract(epoch FROM statement_timestamp() - min(created_at))::float
FROM inference_scan WHERE state = 'pending' AND lane = %s AND sealed_spans IS NULL
"""


class Pace:
    """How soon to ask how far something in a queue is; one for all threads of a process."""

    def __init__(self, read_oldest: Callable[[], float]) -> None:
        """read_oldest: returns the seconds for which the oldest has waited; 0 if nothing waits"""
        self._read_oldest = read_oldest
        self._lock = threading.Lock()
        self._until = self._oldest = 0.0

    def seconds(self, least: float, since: datetime | None = None) -> float:
        """Return how long to wait before asking again; least where the queue is short.

        since: when what is waited for came into the queue, if that is known
        """
        with self._lock:
            now = time.monotonic()
            if now >= self._until:
                self._oldest, self._until = self._read(), now + _KEPT_SECONDS
            oldest = self._oldest
        to_go = oldest - (timezone.now() - since).total_seconds() if since else 0.0
        return min(max(least, _SHARE * oldest, _SHARE_TO_GO * to_go), LONGEST_SECONDS)

    def _read(self) -> float:
        try:
            return self._read_oldest()
        except DatabaseError:
            return LONGEST_SECONDS / _SHARE


def oldest_seconds(query: str, *values: str) -> float:
    """Return what a query says of an age in seconds; 0 for NULL."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchone()
    return float(found[0] or 0.0) if found else 0.0


SCANS = {lane: Pace(functools.partial(oldest_seconds, _OLDEST_SCAN, lane)) for lane in Lane}


def retry_after(seconds: float) -> str:
    """Return a pause as the value of Retry-After: whole seconds, at least one."""
    return str(max(1, ceil(seconds)))
