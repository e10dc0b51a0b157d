"""gunicorn as a server runs it, one worker over the tests' own database and Valkey."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 120.0
_LENGTH = re.compile(rb"(?im)^content-length: *(\d+)\r$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding: *chunked\r$")


@dataclass(frozen=True, slots=True)
class Web:
    """A running gunicorn."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> Wire:
        """Return a new connection."""
        place = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        return Wire(place)

    def terminate(self) -> None:
        """Ask it to stop, as a supervisor does."""
        self.process.send_signal(signal.SIGTERM)


@dataclass(slots=True)
class Wire:
    """A connection on which requests are sent to the letter."""

    socket: socket.socket
    ahead: bytes = b""

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *exc: object) -> None:
        self.socket.close()

    def ask(self, request: bytes, *, in_pieces: bool = False) -> tuple[bytes, bytes]:
        """Send a request, whole or its first byte ahead; return head and body as they come."""
        if in_pieces:
            self.socket.sendall(request[:1])
            time.sleep(0.05)
        self.socket.sendall(request[1:] if in_pieces else request)
        head = self.read_until(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if request.startswith(b"HEAD") or head.startswith(b"HTTP/1.1 304"):
            return head, b""
        if _CHUNKED.search(head):
            return head, self.read_until(b"0\r\n\r\n")
        return head, self._read(int(length[1])) if length else self.read_rest()

    def read_until(self, mark: bytes) -> bytes:
        """Return what comes, up to and with a mark."""
        while mark not in self.ahead:
            self._more()
        end = self.ahead.index(mark) + len(mark)
        found, self.ahead = self.ahead[:end], self.ahead[end:]
        return found

    def read_rest(self) -> bytes:
        """Return what comes until the server ends the connection."""
        while more := self.socket.recv(65536):
            self.ahead += more
        found, self.ahead = self.ahead, b""
        return found

    def is_open(self) -> bool:
        """Say whether another request is answered."""
        try:
            return self.ask(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")[1] != b""
        except ConnectionError:
            return False

    def _read(self, count: int) -> bytes:
        while len(self.ahead) < count:
            self._more()
        found, self.ahead = self.ahead[:count], self.ahead[count:]
        return found

    def _more(self) -> None:
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionResetError("The server has ended the connection.")
        self.ahead += more


@contextmanager
def web(folder: Path, *options: str) -> Iterator[Web]:
    """Start gunicorn with options of its own, wait until it answers, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": _with_name(os.environ["DATABASE_URL"], connection.settings_dict["NAME"]),
        "BLACKBAR_PORT": str(port),
        "BLACKBAR_WEB_WORKERS": "1",
    }
    log = folder / "web.log"
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", *options]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, "config.wsgi"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    one = Web(process, port, log)
    try:
        _wait(one)
        yield one
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()


def _wait(one: Web) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with one.connect() as wire:
                if wire.is_open():
                    return
        except ConnectionError:
            pass
        assert one.process.poll() is None, one.log.read_text()
        assert time.monotonic() < deadline, one.log.read_text()
        time.sleep(0.1)


def _with_name(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
