"""Files are opened in a process of their own, which owns nothing worth taking.

Each call mirrors one of `documents.formats` and runs in a child: a clean environment, a session of
its own, no inherited descriptors, a limit on memory (address space; macOS does not honour it), on
time, and no file written. A child that reports progress may go on until the overall limit; one
that falls silent is killed. The child is not trusted: its answer is data that is checked before it
is used, never a pickle. What no portable means forbids it is the network and reading files that
this user may read; run workers as a user, or in a container, that has neither.

Private bytes go through pipes and never touch the disk.
"""

from __future__ import annotations

import logging
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from types import TracebackType
from typing import TYPE_CHECKING, Any

from documents import children
from documents.children import DEFAULT_BOUNDS, Bounds
from documents.formats import frames, wire
from documents.formats.model import (
    CannotCleanError,
    Check,
    Cleaned,
    DamagedError,
    Extracted,
    FormatError,
    Hidden,
    Kind,
    PasswordError,
    Progress,
    ReadOptions,
    SolidBar,
    TooLargeError,
    UnknownKindError,
)
from documents.pipes import Conversation, EndedError, Patience, StuckError
from documents.template import Copy

if TYPE_CHECKING:
    from documents.formats.survivors import HiddenValues

logger = logging.getLogger(__name__)

LARGEST_PICTURE = 64_000_000
LARGEST_CHECKS = 64_000_000
# A thousand pages of 500 words, with the edges of their characters, take about 50 MB.
LARGEST_PAGES = 256_000_000
SECONDS_TO_END = 5
LONGEST_MESSAGE = 500

TOO_MUCH_MEMORY = "This file could not be read: it took too much memory."
TOO_LONG = "This file could not be read: it took too long."
DAMAGED = "This file could not be read: it is damaged."
CANCELLED = "This was cancelled."

_BUG = re.compile(r"\w{1,60} at \w{1,60}\.pyx?:\d{1,6}", re.ASCII)
_ERRORS: dict[str, type[FormatError]] = {
    error.code: error
    for error in (
        FormatError,
        UnknownKindError,
        DamagedError,
        TooLargeError,
        PasswordError,
        CannotCleanError,
    )
}


class CancelledError(FormatError):
    """Raised when whoever asked no longer wants the answer."""

    code = "cancelled"


class DiedError(DamagedError):
    """Raised when the child died without a word, of this file or of something else."""


def never() -> bool:
    """Say that nobody cancels."""
    return False


def read(
    content: bytes,
    name: str,
    options: ReadOptions,
    *,
    bounds: Bounds = DEFAULT_BOUNDS,
    cancelled: Callable[[], bool] = never,
) -> Extracted:
    """Return a file's text and where it stands; as `formats.read`, in a child."""
    head = {"call": "read", "name": name[-255:], "options": _options_as_json(options)}
    limit = options.limits.characters * 4 + LARGEST_PAGES
    with Process(bounds) as process:
        answer = process.ask(head, [content], options, limit=limit, cancelled=cancelled)
    with _distrust():
        extracted = wire.extracted_from(answer.parts)
    if len(extracted.text) > options.limits.characters:
        raise DamagedError(DAMAGED)
    return extracted


def write_clean(
    content: bytes,
    extracted: Extracted,
    hidden: Sequence[Hidden],
    *,
    options: ReadOptions,
    rasterise: bool = False,
    bars: Sequence[SolidBar] | None = None,
    bounds: Bounds = DEFAULT_BOUNDS,
    cancelled: Callable[[], bool] = never,
) -> Cleaned:
    """Return the file without what is hidden; as `formats.write_clean`, in a child."""
    head = {
        "call": "write_clean",
        "rasterise": rasterise,
        "bars": wire.bars_as_json(bars),
        "options": _options_as_json(options),
    }
    parts = [content, wire.as_bytes(wire.hidden_as_json(hidden)), *wire.parts_of(extracted)]
    limit = options.limits.unpacked_bytes
    with Process(bounds) as process:
        answer = process.ask(head, parts, options, limit=limit, cancelled=cancelled)
    with _distrust():
        return wire.cleaned_from(answer.parts, answer.head)


def verify(
    clean: bytes,
    kind: Kind,
    values: HiddenValues,
    *,
    options: ReadOptions,
    bars: Sequence[SolidBar] = (),
    bounds: Bounds = DEFAULT_BOUNDS,
    cancelled: Callable[[], bool] = never,
) -> tuple[Check, ...]:
    """Return how a clean file was opened again; as `formats.verify`, in a child."""
    head = {
        "call": "verify",
        "kind": str(kind),
        "bars": wire.bars_as_json(bars),
        "options": _options_as_json(options),
    }
    parts = [clean, wire.as_bytes(list(values.folded_values))]
    with Process(bounds) as process:
        answer = process.ask(head, parts, options, limit=LARGEST_CHECKS, cancelled=cancelled)
    with _distrust():
        return wire.checks_from_json(wire.from_bytes(b"".join(answer.parts)))


def render_page(
    content: bytes,
    number: int,
    *,
    width_px: int,
    options: ReadOptions,
    bounds: Bounds = DEFAULT_BOUNDS,
    cancelled: Callable[[], bool] = never,
) -> bytes:
    """Return a page of a PDF as a picture; for several pages of one file use `Renderer`."""
    with Renderer(content, options, bounds=bounds, cancelled=cancelled) as renderer:
        return renderer.page(number, width_px=width_px)


class Renderer:
    """A child that keeps one PDF and draws its pages; several threads may ask it.

    A child that nobody asks for `idle_seconds` ends; the next page starts another.
    """

    def __init__(
        self,
        content: bytes,
        options: ReadOptions,
        *,
        bounds: Bounds = DEFAULT_BOUNDS,
        cancelled: Callable[[], bool] = never,
    ) -> None:
        self._content = content
        self._options = options
        self._bounds = bounds
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._process: Process | None = None

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *args: object) -> None:
        self.close()

    def page(self, number: int, *, width_px: int) -> bytes:
        """Return a page as the bytes of a picture. number: from 1."""
        with self._lock:
            if self._process is not None and not self._process.is_running:
                self._end()
            try:
                answer = self._ask(number, width_px)
            except BaseException:
                self._end()
                raise
        if len(answer.parts) != 1 or not is_picture(answer.parts[0]):
            raise DamagedError(DAMAGED)
        return answer.parts[0]

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, number: int, width_px: int) -> frames.Frame:
        parts = []
        if self._process is None:
            self._process = Process(self._bounds)
            parts = [self._content]
        options = _options_as_json(self._options)
        head = {"call": "render_page", "number": number, "width_px": width_px, "options": options}
        return self._process.ask(
            head, parts, self._options, limit=LARGEST_PICTURE, cancelled=self._cancelled
        )

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


class Process:
    """One child."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._child = children.start(bounds)
        self._pipes = Conversation(self._child)

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_running(self) -> bool:
        """Say whether the child still lives."""
        return self._child.poll() is None

    def ask(
        self,
        head: dict[str, Any],
        parts: Sequence[bytes],
        options: ReadOptions,
        *,
        limit: int,
        cancelled: Callable[[], bool],
    ) -> frames.Frame:
        """Send a request and return its answer; progress on the way is reported.

        limit: bytes of an answer that are taken
        Raises the FormatError that the child names, or the one that its end stands for.
        """
        patience = Patience(self._bounds.silent_seconds, self._bounds.overall_seconds, cancelled)
        try:
            self._pipes.send(frames.packed(head, parts), patience)
            while True:
                answer = self._pipes.receive(limit, patience)
                if "progress" not in answer.head:
                    break
                options.report(_progress_from(answer.head["progress"]))
        except StuckError:
            if cancelled():
                raise CancelledError(CANCELLED) from None
            raise DamagedError(TOO_LONG) from None
        except EndedError:
            raise self._why_it_ended() from None
        except frames.FrameError:
            raise DamagedError(DAMAGED) from None
        if "error" in answer.head:
            raise _error_from(answer.head)
        return answer

    def close(self) -> None:
        """End the child and everything that it started."""
        try:
            os.killpg(self._child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._child.kill()
        self._child.wait()
        self._pipes.close()
        if isinstance(self._child, Copy):
            self._child.release()

    def _why_it_ended(self) -> DamagedError:
        try:
            status = self._child.wait(SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            # It closed its pipes and goes on: whatever it is now, it is no reader of files.
            return DamagedError(DAMAGED)
        if status == -signal.SIGKILL:
            # Nobody here has killed it yet: the system did, for want of memory.
            return DiedError(TOO_MUCH_MEMORY)
        if status in {-signal.SIGXCPU, -signal.SIGALRM}:
            return DamagedError(TOO_LONG)
        return DiedError(DAMAGED)


def is_picture(content: bytes) -> bool:
    """Say whether bytes begin as a PNG, a JPEG or a WebP does."""
    return content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (
        content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    )


@contextmanager
def _distrust() -> Iterator[None]:
    """Turn an answer that is none into the sentence for a damaged file."""
    try:
        yield
    except wire.WireError:
        raise DamagedError(DAMAGED) from None


def _options_as_json(options: ReadOptions) -> dict[str, Any]:
    return {
        "limits": asdict(options.limits),
        "password": options.password,
        "languages": list(options.languages),
    }


def _progress_from(value: object) -> Progress:
    match value:
        case [str(stage), int(done), int(total)] if len(stage) < 50 and min(done, total) >= 0:
            return Progress(stage, done, total)
    raise DamagedError(DAMAGED)


def _error_from(head: dict[str, Any]) -> FormatError:
    code, message = head.get("error"), head.get("message")
    if code == "memory":
        return DamagedError(TOO_MUCH_MEMORY)
    if isinstance(code, str) and code in _ERRORS and isinstance(message, str):
        return _ERRORS[code](message[:LONGEST_MESSAGE])
    _log_bug(head.get("bug"))
    return DamagedError(DAMAGED)


def _log_bug(bug: object) -> None:
    """Log where a child failed; it may be lying, but cannot put a text into the log."""
    if isinstance(bug, str) and _BUG.fullmatch(bug):
        logger.warning("opening a file failed: %s", bug)
