"""Commands that an interrupt ends, even where the tests were started to ignore it."""

from __future__ import annotations

import sys
from collections.abc import Sequence

_START = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def interruptible(command: Sequence[str]) -> list[str]:
    """Return a command that runs another with interrupts as they are at a prompt.

    What a shell runs in its background ignores interrupts, and so does what that starts.
    """
    return [sys.executable, "-c", _START, *command]
