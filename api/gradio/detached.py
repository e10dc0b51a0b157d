"""Streams that wait for minutes leave the web server's few threads to everybody else.

gunicorn gives each request one of its threads until the response has ended. A stream's connection
is therefore taken out of the server's hands: it gets a thread of its own, which only sleeps, and
the server is left with a dead socket in its place. Another server than gunicorn (a test's) keeps
its thread, and fewer streams are taken.

The server's worker knows nothing of these threads: when it stops it waits for them with `join`.
"""

from __future__ import annotations

import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from api.gradio import stopping

# Of one process. Each holds a connection to Valkey while it waits, of which there are 100.
MOST_DETACHED = 64
MOST_ATTACHED = 8
_SEND_SECONDS = 30
_detached = threading.BoundedSemaphore(MOST_DETACHED)
_attached = threading.BoundedSemaphore(MOST_ATTACHED)


class BusyError(Exception):
    """Raised when as many streams are open as this process takes, or when it stops."""


def stream(request: HttpRequest, events: Iterator[bytes]) -> StreamingHttpResponse:
    """Return a response that sends events as they come, for as long as somebody reads.

    events: yields b"" from time to time while it waits, and is closed when the reader has gone
    Raises BusyError.
    """
    place = request.META.get("gunicorn.socket")
    if type(place) is not socket.socket:
        # None, or a subclass: TLS that ends in this process cannot be handed over.
        place = None
    slots = _attached if place is None else _detached
    if stopping.has_begun() or not slots.acquire(blocking=False):
        raise BusyError
    source = _Source(events, slots)
    response = StreamingHttpResponse(source) if place is None else _Detached(source, place)
    response["Content-Type"] = "text/event-stream; charset=utf-8"
    response["Cache-Control"] = "no-store"
    # For proxies that collect a response before they pass it on.
    response["X-Accel-Buffering"] = "no"
    return response


def join(seconds: float, meanwhile: Callable[[], None]) -> None:
    """Wait until all streams that left the server have ended, so many seconds at most.

    meanwhile: called at least once a second
    """
    until = time.monotonic() + seconds
    while senders := [one for one in threading.enumerate() if isinstance(one, _Sender)]:
        left = until - time.monotonic()
        if left <= 0:
            return
        meanwhile()
        senders[0].join(min(left, 1.0))


class _Source:
    """Events, and the slot that they hold until they end."""

    def __init__(self, events: Iterator[bytes], slots: threading.BoundedSemaphore) -> None:
        self._events, self._slots = events, slots
        self._lock, self._is_over = threading.Lock(), False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._events
        finally:
            self.close()

    def close(self) -> None:
        """End the events. A response calls this too, whatever became of it."""
        with self._lock:
            if self._is_over:
                return
            self._is_over = True
        try:
            end: Any = getattr(self._events, "close", None)
            if end is not None:
                end()
        finally:
            self._slots.release()


class _Detached(StreamingHttpResponse):
    """A response that takes its connection along when the server begins to send it."""

    def __init__(self, source: _Source, place: socket.socket) -> None:
        super().__init__()
        self._source, self._place = source, place
        self._has_left = False

    def __iter__(self) -> Iterator[bytes]:
        mine = _take(self._place)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.items())
        head = f"HTTP/1.1 {self.status_code} OK\r\n{head}Connection: close\r\n\r\n"
        self._has_left = True
        _Sender(mine, head.encode("latin-1"), self._source).start()
        return iter(())

    def close(self) -> None:
        """End what has not left: the server gave up before it sent anything."""
        super().close()
        if not self._has_left:
            self._source.close()


def _take(place: socket.socket) -> socket.socket:
    """Return a connection that the server can no longer reach; it keeps a dead one."""
    mine = place.dup()
    dead, other = socket.socketpair()
    with dead, other:
        os.dup2(dead.fileno(), place.fileno())
    mine.settimeout(_SEND_SECONDS)
    return mine


class _Sender(threading.Thread):
    """Sends a stream on its connection, and ends with it."""

    def __init__(self, connection: socket.socket, head: bytes, source: _Source) -> None:
        super().__init__(daemon=True)
        self._connection, self._head, self._source = connection, head, source

    def run(self) -> None:
        """Send until the events end or the reader has gone."""
        connection = self._connection
        try:
            with connection:
                connection.sendall(self._head)
                for event in self._source:
                    if event:
                        connection.sendall(event)
                    elif _has_gone(connection):
                        return
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the reader has gone
        finally:
            self._source.close()


def _has_gone(connection: socket.socket) -> bool:
    """Say whether the other side has closed: there is something to read, and it is nothing."""
    if not select.select([connection], [], [], 0)[0]:
        return False
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True
