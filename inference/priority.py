"""Priority of processes that compute: whoever waits for a page goes first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

# A web process counts three times as much; a queue never stands still.
NICENESS = 5


def give_way() -> None:
    """Let this process, and those that it starts, compute where web processes leave cores free.

    Where it may not be asked for, nothing changes.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    # Linux weighs sessions first and processes within them only then, unless cgroups say how.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(NICENESS), encoding="ascii")
