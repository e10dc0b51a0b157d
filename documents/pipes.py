"""Talking to a child over its pipes without ever waiting for it longer than is meant."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import IO

from documents.formats import frames
from documents.template import Copy

SECONDS_BETWEEN_LOOKS = 0.2
BYTES_AT_ONCE = 1 << 20
MOST_PARTS = 100_000


class EndedError(Exception):
    """Raised when the child has closed its pipes."""


class StuckError(Exception):
    """Raised when the child was silent or at work for too long, or nobody wants its answer."""


class Patience:
    """How long a child is waited for: less when it is silent, and never past the overall limit."""

    def __init__(
        self, silent_seconds: float, overall_seconds: float, cancelled: Callable[[], bool]
    ) -> None:
        now = time.monotonic()
        self._silent_seconds = silent_seconds
        self._overall_end = now + overall_seconds
        self._silent_end = now + silent_seconds
        self._cancelled = cancelled

    def renew(self) -> None:
        """Note that the child gave a sign of life."""
        self._silent_end = time.monotonic() + self._silent_seconds

    def check(self) -> None:
        """Raise StuckError where patience is over."""
        if time.monotonic() > min(self._silent_end, self._overall_end) or self._cancelled():
            raise StuckError


class Conversation:
    """Frames sent to a child and received from it."""

    def __init__(self, child: subprocess.Popen[bytes] | Copy) -> None:
        self._to = _opened(child.stdin)
        self._from = _opened(child.stdout)
        for stream in (self._to, self._from):
            os.set_blocking(stream.fileno(), False)

    def send(self, pieces: Sequence[bytes], patience: Patience) -> None:
        """Write pieces of bytes to the child."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._to, selectors.EVENT_WRITE)
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    _wait(selector, patience)
                    left = left[self._written(left) :]
                    patience.renew()

    def receive(self, limit: int, patience: Patience) -> frames.Frame:
        """Return the next frame from the child. limit: bytes of pieces that are taken."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            start = self._taken(frames.LENGTH.size, selector, patience)
            length = frames.head_length(start)
            head = frames.head_from(self._taken(length, selector, patience))
            sizes = frames.sizes_of(head)
            if sum(sizes) > limit or len(sizes) > MOST_PARTS:
                raise frames.FrameError("an answer is too large")
            parts = tuple(self._taken(size, selector, patience) for size in sizes)
        patience.renew()
        return frames.Frame(head, parts)

    def close(self) -> None:
        """Close the pipes."""
        for stream in (self._to, self._from):
            try:
                stream.close()
            except BrokenPipeError:
                continue

    def _written(self, piece: memoryview) -> int:
        try:
            return os.write(self._to.fileno(), piece[:BYTES_AT_ONCE])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            raise EndedError from None

    def _taken(self, count: int, selector: selectors.BaseSelector, patience: Patience) -> bytes:
        taken = bytearray()
        while len(taken) < count:
            _wait(selector, patience)
            try:
                piece = os.read(self._from.fileno(), min(BYTES_AT_ONCE, count - len(taken)))
            except BlockingIOError:
                continue
            if not piece:
                raise EndedError
            taken += piece
        return bytes(taken)


def _wait(selector: selectors.BaseSelector, patience: Patience) -> None:
    while True:
        patience.check()
        if selector.select(SECONDS_BETWEEN_LOOKS):
            return


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise EndedError
    return stream
