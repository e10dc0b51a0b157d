"""The process that opens files: it has no secrets, little memory, and answers over a pipe.

Started by `documents.children` as `python -m documents.formats.child MEMORY CPU WALL IDLE`, or
copied from a process that has its libraries loaded (`documents.formats.template`). It reads
requests from its standard input until that ends, and answers on its standard output. It limits
itself before the first byte of a file arrives. It ends with the process that started it, and at the
latest, by a signal that it does not handle, when its time is over.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from documents import formats
from documents.formats import frames, wire
from documents.formats.model import FormatError, Kind, Limits, Progress, ReadOptions

SECONDS_BETWEEN_REPORTS = 0.1
SECONDS_TO_DIE = 5
OPEN_FILES = 64


def main() -> None:
    """Serve with the limits of the command line."""
    serve(*map(int, sys.argv[1:5]))


def serve(memory_bytes: int, cpu_seconds: int, wall_seconds: int, idle_seconds: int) -> None:
    """Answer requests until there are no more.

    wall_seconds: for one request
    idle_seconds: how long the next one is waited for
    """
    limit_process(memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    requests, answers = _take_pipes()
    threading.Thread(target=_end_with, args=(requests.fileno(),), daemon=True).start()
    child = Child(answers)
    while True:
        signal.alarm(idle_seconds)
        request = frames.read(requests)
        if request is None:
            return
        signal.alarm(wall_seconds)
        child.answer(request)


def limit_process(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process: memory, time, no files written, no core dump.

    macOS does not honour the limit on memory.
    """
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
    }
    for what, limit in limits.items():
        # At the lower limit of time comes a signal that says so, at the upper one SIGKILL.
        upper = limit + SECONDS_TO_DIE if what == resource.RLIMIT_CPU else limit
        hard = resource.getrlimit(what)[1]
        if hard != resource.RLIM_INFINITY:
            limit, upper = min(limit, hard), min(upper, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (limit, upper))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return the two pipes, moved to where no library prints to them."""
    requests, answers = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return os.fdopen(requests, "rb"), os.fdopen(answers, "wb")


def _end_with(pipe: int) -> None:
    """End this process when the other end of a pipe is closed, whatever it is doing.

    Who started it may be killed while this one is at work for many minutes.
    """
    poll = select.poll()
    poll.register(pipe, 0)  # only that it was closed
    poll.poll()
    os._exit(1)


class Child:
    """What answers requests. It keeps a PDF open, so that further pages follow quickly."""

    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._reported = 0.0
        # A reader may report from several threads.
        self._writing = threading.Lock()
        self._draw: Callable[[int, int], bytes] | None = None

    def answer(self, request: frames.Frame) -> None:
        """Do what is asked and write the answer, or the sentence why not."""
        call: Callable[[frames.Frame], frames.Frame] = getattr(self, f"_{request.head['call']}")
        try:
            reply = call(request)
        except FormatError as exc:
            reply = frames.Frame({"error": exc.code, "message": str(exc)})
        except MemoryError:
            reply = frames.Frame({"error": "memory"})
        except Exception as exc:
            reply = frames.Frame({"error": "bug", "bug": _bug(exc)})
        frames.write(self._answers, reply.head, reply.parts)

    def _read(self, request: frames.Frame) -> frames.Frame:
        extracted = formats.read(request.parts[0], request.head["name"], self._options(request))
        return frames.Frame({}, tuple(wire.parts_of(extracted)))

    def _write_clean(self, request: frames.Frame) -> frames.Frame:
        content, hidden, *extracted = request.parts
        cleaned = formats.write_clean(
            content,
            wire.extracted_from(extracted),
            wire.hidden_from_json(wire.from_bytes(hidden)),
            options=self._options(request),
            rasterise=request.head["rasterise"],
            bars=wire.bars_from_json(request.head["bars"]),
        )
        return frames.Frame({"removed": list(cleaned.removed)}, (cleaned.content,))

    def _verify(self, request: frames.Frame) -> frames.Frame:
        from documents.formats.survivors import HiddenValues

        content, values = request.parts
        checks = formats.verify(
            content,
            Kind(request.head["kind"]),
            HiddenValues.from_folded(wire.from_bytes(values)),
            options=self._options(request),
            bars=wire.bars_from_json(request.head["bars"]) or (),
        )
        return frames.Frame({}, (wire.as_bytes(wire.checks_as_json(checks)),))

    def _render_page(self, request: frames.Frame) -> frames.Frame:
        if self._draw is None or request.parts:
            self._draw = formats.pages_of(request.parts[0], self._options(request))
        picture = self._draw(request.head["number"], request.head["width_px"])
        return frames.Frame({}, (picture,))

    def _options(self, request: frames.Frame) -> ReadOptions:
        given = request.head["options"]
        return ReadOptions(
            limits=Limits(**given["limits"]),
            password=given["password"],
            languages=tuple(given["languages"]),
            report=self._report,
        )

    def _report(self, progress: Progress) -> None:
        with self._writing:
            now = time.monotonic()
            if now - self._reported < SECONDS_BETWEEN_REPORTS:
                return
            self._reported = now
            place = [progress.stage, progress.done, progress.total]
            frames.write(self._answers, {"progress": place})


def _bug(exc: BaseException) -> str:
    """Return an error's type and place. Its message may quote the file, so it is not passed on."""
    *_, last = traceback.extract_tb(exc.__traceback__)
    return f"{type(exc).__name__} at {Path(last.filename).name}:{last.lineno}"


if __name__ == "__main__":
    main()
