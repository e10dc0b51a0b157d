"""Priority of processes that compute: whoever waits for a page goes first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# Each counts three times as much as what comes after it; a queue never stands still.
SCANS_NICENESS = 5
FILES_NICENESS = 10


def give_way(niceness: int, pid: int = 0) -> None:
    """Let a process, and those that it starts, compute where more urgent ones leave cores free.

    Web processes come first, then scans, then files, whose people have been told that it takes a
    while. Where it may not be asked for, nothing changes.
    pid: of the process; 0 is this one
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, niceness)
    # Linux weighs sessions first and processes within them only then, unless cgroups say how.
    with contextlib.suppress(OSError):
        autogroup = Path(f"/proc/{pid or 'self'}/autogroup")
        autogroup.write_text(str(niceness), encoding="ascii")
