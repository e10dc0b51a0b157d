"""What this process still has to tell before it ends: it is asked to stop, and gets some seconds.

Set once, by the web server's main thread, and read by the threads of streams, without a lock: a
signal's handler may set it.
"""

from __future__ import annotations

import math
import time

_ends_at = math.inf


def begin(seconds: float) -> None:
    """Say that the process ends, and when; a second time says nothing new."""
    global _ends_at
    _ends_at = min(_ends_at, time.monotonic() + seconds)


def has_begun() -> bool:
    """Say whether the process ends: nothing new is taken."""
    return _ends_at < math.inf


def seconds_left() -> float:
    """Return after how many seconds what is not done is given up; infinity while nobody stops."""
    return _ends_at - time.monotonic()
