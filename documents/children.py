"""How the children that open files are started: with what command, limits and surroundings.

`documents.sandbox` talks with them. Without a template each is a process of its own; processes
that read files all day have them copied from one that has its libraries loaded.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from documents.template import Copy, Template
from inference.priority import FILES_NICENESS, give_way

ROOT = Path(__file__).resolve().parent.parent
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TESSDATA_PREFIX")

# -P and -s: no module from the current folder or from a home; -B: it may write no file.
_PYTHON = (sys.executable, "-P", "-s", "-B", "-m")
_CHILD = (*_PYTHON, "documents.formats.child")
_TEMPLATE = (*_PYTHON, "documents.formats.template")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use.

    memory_bytes:    address space, with the libraries in it (about 350 MB)
    silent_seconds:  how long it may report nothing
    overall_seconds: how long one call may take, however much it reports
    idle_seconds:    how long a renderer's child waits for the next page
    """

    memory_bytes: int = 1 << 30
    silent_seconds: int = 120
    overall_seconds: int = 3_600
    idle_seconds: int = 30


DEFAULT_BOUNDS = Bounds()
_template: Template | None = None


def keep_template() -> None:
    """Have children copied from a process with its libraries loaded, from now on.

    For processes that read files all day: their children start in milliseconds, not in a second,
    and compute where others leave cores free. Only on Linux: elsewhere a copy may not be safe.
    """
    global _template
    if _template is None and sys.platform == "linux":
        _template = Template(lambda control: _started(_TEMPLATE, control))
        _template.warm()


def start(bounds: Bounds) -> subprocess.Popen[bytes] | Copy:
    """Start a child that waits for requests. Raises OSError."""
    if _template is None:
        return _started(child_command(bounds))
    copy = _template.copy(limits_of(bounds))
    give_way(FILES_NICENESS, copy.pid)
    return copy


def _started(
    command: Sequence[str], control: socket.socket | None = None
) -> subprocess.Popen[bytes]:
    """Start a child, or a template, which gets a socket in the place of pipes."""
    given = [] if control is None else [control.fileno()]
    pipe = subprocess.PIPE if control is None else subprocess.DEVNULL
    return subprocess.Popen(
        [*command, *map(str, given)],
        stdin=pipe,
        stdout=pipe,
        stderr=subprocess.DEVNULL,
        env=child_environment(),
        cwd="/",
        pass_fds=given,
        start_new_session=True,
    )


def child_command(bounds: Bounds) -> list[str]:
    """Return what starts a child."""
    return [*_CHILD, *map(str, limits_of(bounds))]


def limits_of(bounds: Bounds) -> tuple[int, int, int, int]:
    """Return the limits of a child, as `documents.formats.child.serve` takes them."""
    seconds = bounds.overall_seconds
    return bounds.memory_bytes, seconds, seconds, bounds.idle_seconds


def child_environment() -> dict[str, str]:
    """Return the whole environment of a child: where things are, and nothing of this server's.

    One thread and one arena keep the address space small; a fixed hash seed lets the process that
    writes meet everything in the order of the one that read.
    """
    held = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "LANG": "C.UTF-8",
        **held,
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONHASHSEED": "0",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }
