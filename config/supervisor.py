"""Runs programs side by side: one prefixed log, restarts after a crash, an orderly end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.process import Program, kill_group

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A program that ran this long is healthy again: its next crash starts with the first pause.
HEALTHY_SECONDS = 20.0
LONGEST_LINE = 8192
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcfileError(Exception):
    """A line of the Procfile is not `name: command`."""


def read_procfile(path: Path, env: Mapping[str, str]) -> list[Program]:
    """Return the programs of a Procfile, each to be run by the shell in the Procfile's folder."""
    programs = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, command = line.partition(":")
        if not colon or not name.isidentifier() or not command.strip():
            raise ProcfileError(f"{path.name}: this line is not `name: command`: {line}")
        argv = ("/bin/sh", "-c", command.strip())
        programs.append(Program(name, argv, env, path.resolve().parent))
    return programs


@dataclass(slots=True)
class Child:
    """A program and the process that runs it now, if any."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float | None = None
    pause_seconds: float = FIRST_PAUSE_SECONDS
    rest: bytes = b""
    is_wanted: bool = True

    @property
    def is_running(self) -> bool:
        """Say whether its process lives."""
        return self.process is not None and self.process.poll() is None


@dataclass(slots=True)
class Supervisor:
    """Starts programs, passes on their output and keeps them running until told to stop.

    Everything happens in the thread that calls it; signals only set `stop_requested`.
    """

    out: IO[str] = field(default_factory=lambda: sys.stdout)
    children: list[Child] = field(default_factory=list)
    stop_requested: bool = False
    is_hurried: bool = False
    _selector: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _wake: tuple[int, int] | None = None

    def listen_for_signals(self) -> None:
        """Take over the signals that mean stop; a second one cuts the waiting short."""
        read, write = os.pipe()
        for end in (read, write):
            os.set_blocking(end, False)
        self._wake = (read, write)
        self._selector.register(read, selectors.EVENT_READ)
        signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_signal)
        # Wakes the loop as soon as a child ends.
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, program: Program) -> Child:
        """Start a program and keep it running."""
        child = Child(program)
        self.children.append(child)
        self._launch(child)
        return child

    def run_once(self, program: Program) -> int | None:
        """Run a program to its end and return its exit code; None if told to stop meanwhile."""
        child = Child(program, is_wanted=False)
        self.children.append(child)
        self._launch(child)
        while child.is_running and not self.stop_requested:
            self._turn(0.2)
        if self.stop_requested:
            return None
        self._drain(child)
        self.children.remove(child)
        return child.process.returncode if child.process else None

    def wait_for(self, is_ready: Callable[[], bool], child: Child, seconds: float) -> bool:
        """Keep everything going until ready; False on a stop, the child's end or time's end."""
        deadline = time.monotonic() + seconds
        while not self.stop_requested and child.is_running and time.monotonic() < deadline:
            if is_ready():
                return True
            self._turn(0.03)
        return False

    def run(self) -> None:
        """Keep everything going until a signal asks to stop."""
        while not self.stop_requested:
            self._turn(1.0)

    def stop(self, order: Iterable[Iterable[str]] = ()) -> None:
        """End all programs, group after group by name, those that are not named last.

        Each gets its own time to end by itself; then its whole process group is killed.
        """
        for child in self.children:
            child.is_wanted = False
            child.restart_at = None
        for names in order:
            wanted = set(names)
            self._stop_group([c for c in self.children if c.program.name in wanted])
        self._stop_group(list(reversed(self.children)))
        self.children.clear()

    def say(self, name: str, text: str) -> None:
        """Print one line with its prefix; a reader who went away is no reason to stop."""
        width = max([8, *(len(child.program.name) for child in self.children)])
        with contextlib.suppress(BrokenPipeError, OSError):
            self.out.write(f"{name:<{width}} | {text}\n" if name else f"{text}\n")
            self.out.flush()

    def _on_signal(self, number: int, frame: object) -> None:
        self.is_hurried = self.stop_requested
        self.stop_requested = True

    def _launch(self, child: Child) -> None:
        child.restart_at = None
        child.started_at = time.monotonic()
        child.process = child.program.start()
        pipe = child.process.stdout
        if pipe is not None:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, child)

    def _turn(self, seconds: float) -> None:
        """Wait for output, a signal or a restart that is due, and deal with what came."""
        now = time.monotonic()
        due = [child.restart_at for child in self.children if child.restart_at is not None]
        pause = min([seconds, *(max(moment - now, 0) for moment in due)])
        for key, _ in self._selector.select(pause):
            if isinstance(key.data, Child):
                self._read(key.data)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 512)
        for child in self.children:
            if child.restart_at is not None and child.restart_at <= time.monotonic():
                self._launch(child)
            elif child.is_wanted and child.restart_at is None and not child.is_running:
                self._after_crash(child)

    def _after_crash(self, child: Child) -> None:
        if child.process is None:
            return
        self._drain(child)
        # Helpers of the dead process must not go on beside the next one.
        kill_group(child.process, signal.SIGKILL)
        code = child.process.returncode
        if time.monotonic() - child.started_at > HEALTHY_SECONDS:
            child.pause_seconds = FIRST_PAUSE_SECONDS
        reason = f"signal {-code}" if code < 0 else f"exit code {code}"
        self.say(
            child.program.name, f"ended with {reason}; starting again in {child.pause_seconds:g} s"
        )
        child.restart_at = time.monotonic() + child.pause_seconds
        child.pause_seconds = min(child.pause_seconds * 2, LONGEST_PAUSE_SECONDS)

    def _read(self, child: Child) -> bool:
        """Pass on what a child wrote; False when it will write no more."""
        pipe = child.process.stdout if child.process else None
        if pipe is None or pipe.closed:
            return False
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        if not data:
            self._selector.unregister(pipe)
            pipe.close()
        *lines, child.rest = (child.rest + data).split(b"\n")
        if child.rest and (not data or len(child.rest) > LONGEST_LINE):
            lines.append(child.rest)
            child.rest = b""
        for line in lines:
            self.say(child.program.name, line.decode("utf-8", "replace").rstrip())
        return bool(data)

    def _drain(self, child: Child) -> None:
        while self._read(child):
            pass
        pipe = child.process.stdout if child.process else None
        if pipe is not None and not pipe.closed:  # held open by a grandchild
            self._selector.unregister(pipe)
            pipe.close()

    def _stop_group(self, children: list[Child]) -> None:
        """Ask some children to end, wait for them, and kill what is left of their groups."""
        running = [child for child in children if child.process is not None]
        self.children = [child for child in self.children if child not in children]
        deadlines = {}
        for child in running:
            if child.process is not None and child.is_running:
                child.process.send_signal(child.program.stop_signal)
            deadlines[child.program.name] = time.monotonic() + child.program.stop_seconds
        waiting = [child for child in running if child.is_running]
        while waiting and not self.is_hurried:
            self._turn(0.05)
            now = time.monotonic()
            waiting = [c for c in waiting if c.is_running and now < deadlines[c.program.name]]
        for child in running:
            if child.process is not None:
                kill_group(child.process, signal.SIGKILL)
                child.process.wait()
                self._drain(child)
