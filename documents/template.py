"""Children that start at once: copies of a process that has its libraries loaded.

The other side is `documents.formats.template`. Libraries take about a second of a core, three times
for each file. A copy has seen no file before, as every other child.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO

from documents.formats.template import NUMBER

Start = Callable[[socket.socket], "subprocess.Popen[bytes]"]
# Until the libraries are loaded, on a machine with much else to do.
SECONDS_TO_COPY = 60


class Copy:
    """A child that a template made; what it offers, it does as `subprocess.Popen` does."""

    def __init__(self, pid: int, stdin: IO[bytes], stdout: IO[bytes], leash: socket.socket) -> None:
        self.pid, self.stdin, self.stdout = pid, stdin, stdout
        self._leash = leash
        self._status: int | None = None

    def poll(self) -> int | None:
        """Return the status with which the child ended, None if it still runs."""
        if self._status is None and _is_readable(self._leash, 0):
            # Nothing more is said if the template has died: then nobody knows.
            self._status = _heard(self._leash, default=1)
        return self._status

    def wait(self, timeout: float | None = None) -> int:
        """Return the status as soon as the child has ended. Raises subprocess.TimeoutExpired."""
        if self._status is None and not _is_readable(self._leash, timeout):
            raise subprocess.TimeoutExpired("a child", timeout or 0)
        status = self.poll()
        assert status is not None
        return status

    def kill(self) -> None:
        """End the child."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def release(self) -> None:
        """Give the child's number back. It has to be dead by then."""
        self._leash.close()


class Template:
    """The process that is copied: started at the first wish, and again if it died."""

    def __init__(self, start: Start) -> None:
        """start: starts it, with the socket given on"""
        self._start = start
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def warm(self) -> None:
        """Start it, so that nobody has to wait for its libraries. Raises OSError."""
        with self._lock:
            self._living()

    def copy(self, limits: Sequence[int]) -> Copy:
        """Return a child. limits: as `documents.formats.child.serve` takes them. Raises OSError."""
        requests, to_child = os.pipe()
        from_child, answers = os.pipe()
        leash, their_leash = socket.socketpair()
        pipes = os.fdopen(to_child, "wb", 0), os.fdopen(from_child, "rb", 0)
        try:
            message = " ".join(map(str, limits)).encode("ascii")
            with self._lock:
                self._send(message, [requests, answers, their_leash.fileno()])
        except BaseException:
            _close(*pipes, leash)
            raise
        finally:
            os.close(requests)
            os.close(answers)
            their_leash.close()
        if not _is_readable(leash, SECONDS_TO_COPY) or (pid := _heard(leash, default=0)) <= 0:
            _close(*pipes, leash)
            raise BlockingIOError("no process is to be had")
        return Copy(pid, *pipes, leash)

    def _send(self, message: bytes, descriptors: list[int]) -> None:
        try:
            socket.send_fds(self._living(), [message], descriptors)
        except (BrokenPipeError, ConnectionResetError):
            self._end()
            socket.send_fds(self._living(), [message], descriptors)

    def _living(self) -> socket.socket:
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._end()
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            try:
                self._process = self._start(theirs)
            except BaseException:
                ours.close()
                raise
            finally:
                theirs.close()
            self._control = ours
        return self._control

    def close(self) -> None:
        """End the process. Children that it made go on."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._control = self._process = None


def _is_readable(leash: socket.socket, timeout: float | None) -> bool:
    poll = select.poll()
    poll.register(leash, select.POLLIN)
    return bool(poll.poll(None if timeout is None else 1000 * timeout))


def _heard(leash: socket.socket, default: int) -> int:
    """Return the next number on a leash, or the default if there will be none."""
    with suppress(ConnectionResetError):
        said = leash.recv(NUMBER.size)
        if len(said) == NUMBER.size:
            number: int = NUMBER.unpack(said)[0]
            return number
    return default


def _close(*things: IO[bytes] | socket.socket) -> None:
    for thing in things:
        thing.close()
