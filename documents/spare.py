"""One child that waits, so that a file does not wait for a start.

It is taken at most once, and another is started in its place at once: children never see two files.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Hashable

Start = Callable[[], "subprocess.Popen[bytes]"]


class Spare:
    """Holds at most one waiting child; several threads may take from it.

    Nothing waits until `keep` is called.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._start: Start | None = None
        self._bounds: Hashable = None
        self._child: subprocess.Popen[bytes] | None = None

    def keep(self, bounds: Hashable, start: Start) -> None:
        """Have a child with these bounds wait from now on; a second call changes nothing."""
        with self._lock:
            if self._start is None:
                self._bounds, self._start = bounds, start
                self._child = start()

    def take(self, bounds: Hashable) -> subprocess.Popen[bytes] | None:
        """Return the waiting child and start the next, or None if there is none with these bounds.

        The caller owns the child and ends it.
        """
        with self._lock:
            if self._start is None or bounds != self._bounds:
                return None
            taken, self._child = self._child, None
            try:
                self._child = self._start()
            except OSError:
                # No process is to be had now; whoever takes next starts one, or says why not.
                self._start = None
        return taken if taken is not None and taken.poll() is None else None
