"""gunicorn's worker, which answers for finished public pages before it reads a request whole.

A request for such a page is a line and some headers that change nothing. It is looked at without
being taken from its connection: whatever is not exactly that goes the usual way, unread.
"""

from __future__ import annotations

import re
import socket
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from gunicorn.workers.gthread import (  # type: ignore[attr-defined]  # _DEFER has no stub
    _DEFER,
    DEFAULT_WORKER_DATA_TIMEOUT,
    TConn,
    ThreadWorker,
)

if TYPE_CHECKING:
    # The application is loaded by each worker process, after this module.
    from sharing.public_cache import Page, PublicPages

_LONGEST_HEAD = 4096
# What is left of the time to stop when streams give up, to tell their readers and to clean up.
_LAST_SECONDS = 2.0
_LINE = re.compile(rb"GET (/[\w/-]{6,64}) HTTP/1\.1\r\n")
_HEADER = re.compile(rb"([\w-]+):[ \t]*([^\r\n\x00]*)")
# With these a request may mean something else than its first line says.
_WEIGHTY = frozenset(
    {
        b"connection",
        b"content-length",
        b"expect",
        b"http2-settings",
        b"if-none-match",
        b"range",
        b"transfer-encoding",
        b"upgrade",
    }
)


class PageWorker(ThreadWorker):
    """Threads, as gunicorn has them, with a short way for finished pages and an end for streams."""

    _began_to_stop: float | None = None

    def set_accept_enabled(self, enabled: bool | None) -> None:
        """Take connections or not; called first of all when the worker stops."""
        if not self.alive:
            self._begin_to_stop()
        super().set_accept_enabled(enabled)

    def run(self) -> None:
        """Serve, and at the end wait for the streams that have left the server's hands."""
        from api.gradio import detached

        super().run()
        began = self._begin_to_stop()
        detached.join(began + self.cfg.graceful_timeout - time.monotonic(), self.notify)

    def _begin_to_stop(self) -> float:
        """Tell streams to come to an end; return when that began, on the monotonic clock."""
        from api.gradio import stopping

        if self._began_to_stop is None:
            self._began_to_stop = time.monotonic()
            stopping.begin(max(0.0, self.cfg.graceful_timeout - _LAST_SECONDS))
        return self._began_to_stop

    def handle(self, conn: TConn) -> Any:
        """Answer a request. Runs in a thread of the pool."""
        if self.alive and not self.cfg.is_ssl:
            if not conn.initialized:
                if not conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
                    return _DEFER  # as gunicorn does, which would wait once more
                conn.init()
            if not conn.is_http2 and not _read_ahead(conn):
                stays = self._answer_page(conn.sock)
                if stays is not None:
                    return stays
        return super().handle(conn)

    def _answer_page(self, connection: socket.socket) -> bool | None:
        """Answer a request for a finished page and say whether the connection stays.

        None, and nothing is read, for any other request.
        """
        try:
            head = connection.recv(_LONGEST_HEAD, socket.MSG_PEEK)
            asked = page_asked_for(head)
            pages = cast("PublicPages", self.wsgi)
            page = pages.page(asked.path, asked.host) if asked is not None else None
            if asked is None or page is None:
                return None
            connection.setblocking(True)
            connection.recv(len(head))
            connection.sendall(_head(page, asked.stays) + page.body)
        except OSError:
            return None  # the usual way finds out what is wrong, and ends the connection
        self.nr += 1
        return asked.stays


def _read_ahead(conn: TConn) -> bool:
    """Say whether bytes of the next request were read with the last one: they come first."""
    parser: Any = conn.parser
    return bool(parser.unreader.buf.getvalue())


class Asked(NamedTuple):
    """What a request for a page says.

    stays: whether the connection is kept for another one
    """

    path: str
    host: str
    stays: bool = True


def page_asked_for(head: bytes) -> Asked | None:
    """Return what a request asks for that is one whole GET and nothing else; None for others."""
    line = _LINE.match(head)
    if line is None or head.find(b"\r\n\r\n") != len(head) - 4:
        return None
    hosts, stays = [], True
    for one in head[line.end() : -4].split(b"\r\n"):
        header = _HEADER.fullmatch(one)
        if header is None:
            return None
        name = header[1].lower()
        value = header[2].rstrip(b" \t")
        if name == b"connection" and value.lower() in {b"keep-alive", b"close"}:
            stays = stays and value.lower() == b"keep-alive"
        elif name in _WEIGHTY:
            return None
        if name == b"host":
            hosts.append(value.decode("latin-1"))
    return Asked(line[1].decode("ascii"), hosts[0], stays) if len(hosts) == 1 else None


def _head(page: Page, stays: bool) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Server: gunicorn",
        f"Date: {formatdate(usegmt=True)}",
        f"Connection: {'keep-alive' if stays else 'close'}",
        *(f"{name}: {value}" for name, value in page.headers),
        f"Content-Length: {len(page.body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
