"""Programs as processes: each leads a group of its own and ends when its starter ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """One process to run.

    user:         user and group id to run as; None for one's own
    stop_signal:  asks it to end by itself
    stop_seconds: time it gets for that before its group is killed
    death_signal: what the kernel sends when the starter dies without a word (Linux only)
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: Path
    user: tuple[int, int] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    death_signal: signal.Signals = signal.SIGKILL

    def start(self, log: Path | None = None) -> subprocess.Popen[bytes]:
        """Start it in a session of its own; output and errors go into one pipe, or to a log file.

        Must be called from the main thread: the kernel ties the death signal to the thread.
        """
        parent = os.getpid()

        def before_exec() -> None:
            if _LIBC is not None:
                _LIBC.prctl(_PR_SET_PDEATHSIG, int(self.death_signal))
                if os.getppid() != parent:
                    os._exit(1)

        with contextlib.ExitStack() as stack:
            output = stack.enter_context(log.open("ab")) if log else subprocess.PIPE
            return self._popen(output, before_exec)

    def _popen(
        self, output: IO[bytes] | int, before_exec: Callable[[], None]
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.argv,
            env=dict(self.env),
            cwd=self.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=self.user[0] if self.user else None,
            group=self.user[1] if self.user else None,
            extra_groups=[] if self.user else None,
            preexec_fn=before_exec,
        )


def kill_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to all processes of a group; a group that is gone already is fine."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
    except PermissionError:  # macOS says this of a group that holds only zombies
        return
