"""An HTTP/1.1 client that costs little, since it shares the machine with the server it measures.

One process, one event loop, one connection for each `Wire`; no TLS, no redirects, no cookies.
"""

from __future__ import annotations

import asyncio
import socket
import time
from urllib.parse import urlsplit

LONGEST_WAIT_SECONDS = 120.0


class WireError(Exception):
    """Raised when a connection ends in the middle of an answer, or none comes."""


class Answer:
    """Status, head and body of an answer; the head is read only where somebody asks."""

    __slots__ = ("body", "head", "status")

    def __init__(self, head: bytes, body: bytes) -> None:
        self.status, self.head, self.body = int(head[9:12]), head, body

    def header(self, name: str) -> str:
        """Return a header, or an empty string."""
        found = self.headers(name)
        return found[0] if found else ""

    def headers(self, name: str) -> list[str]:
        """Return all headers of a name."""
        wanted = name.lower().encode() + b":"
        return [
            line.partition(b":")[2].strip().decode("latin-1")
            for line in self.head.split(b"\r\n")[1:]
            if line.lower().startswith(wanted)
        ]


class Wire(asyncio.Protocol):
    """A kept-alive connection, for one request at a time."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self._host = f"\r\nHost: {self.host}:{self.port}\r\n".encode()
        self._transport: asyncio.Transport | None = None
        self._data, self._need, self._head_end = bytearray(), -1, -1
        self._waiter: asyncio.Future[Answer] | None = None

    async def get(self, path: str, headers: str = "") -> Answer:
        """Return the answer to a GET; headers: whole lines, each with its line end."""
        return await self.ask(b"GET " + path.encode() + self._lines(headers) + b"\r\n")

    async def post(self, path: str, body: bytes, headers: str = "") -> Answer:
        """Return the answer to a POST; `headers` names the body's type."""
        lines = self._lines(headers) + b"Content-Length: %d\r\n\r\n" % len(body)
        return await self.ask(b"POST " + path.encode() + lines + body)

    async def ask(self, request: bytes) -> Answer:
        """Send a whole request and return its answer. Raises WireError, OSError."""
        if self._transport is None or self._transport.is_closing():
            await self._connect()
        try:
            return await self._ask(request)
        except ConnectionResetError:  # the server had ended an idle connection
            await self._connect()
            return await self._ask(request)

    def close(self) -> None:
        """End the connection."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Collect bytes until the answer is whole."""
        self._data += data
        if self._head_end < 0 and not self._read_head():
            return
        if self._need >= 0:
            if len(self._data) >= self._need:
                self._finish(bytes(self._data[self._head_end : self._need]))
        elif self._need == -2 and self._data.endswith(b"0\r\n\r\n"):
            self._finish(_unchunked(bytes(self._data[self._head_end :])))

    def connection_lost(self, exc: Exception | None) -> None:
        """End the request under way: well, if its answer ends with the connection."""
        self._transport = None
        waiter = self._waiter
        if waiter is None or waiter.done():
            return
        if self._head_end >= 0 and self._need == -1:
            self._finish(bytes(self._data[self._head_end :]))
        elif not self._data:
            waiter.set_exception(ConnectionResetError())
        else:
            waiter.set_exception(WireError("The connection ended in an answer."))

    async def _ask(self, request: bytes) -> Answer:
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._data, self._need, self._head_end = bytearray(), -1, -1
        self._waiter = loop.create_future()
        timer = loop.call_later(LONGEST_WAIT_SECONDS, self._give_up)
        self._transport.write(request)
        try:
            return await self._waiter
        finally:
            timer.cancel()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_connection(lambda: self, self.host, self.port)
        assert isinstance(transport, asyncio.Transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._transport = transport

    def _give_up(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(WireError("No answer came."))
        self.close()

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._data[:end]).lower()
        self._head_end = end + 4
        if (at := head.find(b"\r\ncontent-length:")) >= 0:
            self._need = self._head_end + int(head[at + 17 :].split(b"\r\n", 1)[0])
        elif b"\r\ntransfer-encoding: chunked" in head:
            self._need = -2
        elif head[9:12] in {b"204", b"304"}:
            self._need = self._head_end
        return True

    def _finish(self, body: bytes) -> None:
        head = bytes(self._data[: self._head_end - 4])
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(Answer(head, body))
        if b"\r\nconnection: close" in head.lower():
            self.close()
            self._transport = None

    def _lines(self, headers: str) -> bytes:
        return b" HTTP/1.1" + self._host + headers.encode()


def _unchunked(data: bytes) -> bytes:
    body, at = b"", 0
    while (end := data.find(b"\r\n", at)) >= 0:
        size = int(data[at:end].split(b";")[0], 16)
        body += data[end + 2 : end + 2 + size]
        at = end + 4 + size
        if not size:
            break
    return body


def cpu_share(since: tuple[float, float]) -> float:
    """Return which share of one core this process took since `cpu_mark`."""
    wall, cpu = since
    return (time.process_time() - cpu) / max(time.perf_counter() - wall, 1e-9)


def cpu_mark() -> tuple[float, float]:
    """Return the present moment, for `cpu_share`."""
    return time.perf_counter(), time.process_time()
