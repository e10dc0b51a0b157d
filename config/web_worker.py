"""gunicorn's worker, which answers for finished public pages before it reads a request whole.

A request for such a page is a line and some headers that change nothing. It is looked at without
being taken from its connection: whatever is not exactly that goes the usual way, unread.
"""

from __future__ import annotations

import re
import socket
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, cast

from gunicorn.workers.gthread import TConn, ThreadWorker

if TYPE_CHECKING:
    # The application is loaded by each worker process, after this module.
    from sharing.public_cache import Page, PublicPages

_LONGEST_HEAD = 4096
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
    """Threads, as gunicorn has them, with a short way for finished pages."""

    def handle(self, conn: TConn) -> Any:
        """Answer a request. Runs in a thread of the pool."""
        is_plain = conn.initialized and not conn.is_http2 and not self.cfg.is_ssl
        if is_plain and self.alive and not _read_ahead(conn) and self._answer_page(conn.sock):
            return True
        return super().handle(conn)

    def _answer_page(self, connection: socket.socket) -> bool:
        """Answer a request for a finished page; False, and nothing is read, for any other."""
        try:
            head = connection.recv(_LONGEST_HEAD, socket.MSG_PEEK)
            path = page_path(head)
            pages = cast("PublicPages", self.wsgi)
            page = pages.page(path) if path is not None else None
            if page is None:
                return False
            connection.setblocking(True)
            connection.recv(len(head))
            connection.sendall(_head(page) + page.body)
        except OSError:
            return False  # the usual way finds out what is wrong, and ends the connection
        self.nr += 1
        return True


def _read_ahead(conn: TConn) -> bool:
    """Say whether bytes of the next request were read with the last one: they come first."""
    parser: Any = conn.parser
    return bool(parser.unreader.buf.getvalue())


def page_path(head: bytes) -> str | None:
    """Return the path of a request that is one whole GET and nothing else; None for any other."""
    line = _LINE.match(head)
    if line is None or head.find(b"\r\n\r\n") != len(head) - 4:
        return None
    hosts = 0
    for one in head[line.end() : -4].split(b"\r\n"):
        header = _HEADER.fullmatch(one)
        if header is None:
            return None
        name = header[1].lower()
        if name in _WEIGHTY and (name, header[2].lower()) != (b"connection", b"keep-alive"):
            return None
        hosts += name == b"host"
    return line[1].decode("ascii") if hosts == 1 else None


def _head(page: Page) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Server: gunicorn",
        f"Date: {formatdate(usegmt=True)}",
        "Connection: keep-alive",
        *(f"{name}: {value}" for name, value in page.headers),
        f"Content-Length: {len(page.body)}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
