"""How often which error was answered, over all web processes: counted here, added up in Valkey.

An answer never waits for it: a process sends its counts from a thread of its own, at most every few
seconds, and keeps them while Valkey is away.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

import redis
from django.http import HttpRequest, HttpResponse

from inference.events import valkey

KEY = "blackbar:http-errors"
_EVERY_SECONDS = 5.0


class ErrorCounts:
    """The counts of one process that were not sent yet."""

    def __init__(self) -> None:
        self._lock, self._counts, self._sent_at = threading.Lock(), Counter[str](), 0.0
        self._is_planned = False

    def note(self, status: int, code: str) -> None:
        """Count one error; code is a problem's, "" for a page."""
        with self._lock:
            self._counts[f"{status} {code}"] += 1
            if self._is_planned:
                return
            self._is_planned = True
            passed = time.monotonic() - self._sent_at
        # Also where no other error follows: what is kept here, other processes cannot tell.
        timer = threading.Timer(min(max(_EVERY_SECONDS - passed, 0), _EVERY_SECONDS), self.send)
        timer.daemon = True
        timer.start()

    def send(self) -> None:
        """Add the counts to those of all processes; what cannot be sent is kept."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._is_planned, self._sent_at = False, time.monotonic()
        if not counts:
            return
        try:
            with valkey().pipeline(transaction=True) as pipe:
                for name, number in counts.items():
                    pipe.hincrby(KEY, name, number)
                pipe.execute()
        except redis.RedisError:
            with self._lock:
                self._counts.update(counts)


error_counts = ErrorCounts()


def counted() -> Iterator[tuple[int, str, int]]:
    """Yield status, code and number of all errors since Valkey began to count them."""
    error_counts.send()
    try:
        found: dict[bytes, bytes] = valkey().hgetall(KEY)  # type: ignore[assignment]
    except redis.RedisError:
        return
    for name, number in sorted(found.items()):
        status, _, code = str(name, "ascii").partition(" ")
        yield int(status), code, int(number)


class ErrorCountMiddleware:
    """Counts answers that say that something went wrong."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count an error by its status and its problem's code."""
        response = self._get_response(request)
        if response.status_code >= 400:
            error_counts.note(response.status_code, getattr(response, "problem_code", ""))
        return response
