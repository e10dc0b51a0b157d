"""The server that the load test starts for itself: a fresh one, without limits on requests."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.lean import Answer, Wire, WireError

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 180
# All that comes from one address is one person's: no limit fits.
UNLIMITED = (
    "BLACKBAR_API_ANONYMOUS_PER_MINUTE",
    "BLACKBAR_API_ANONYMOUS_PER_DAY",
    "BLACKBAR_POSTS_PER_MINUTE",
    "BLACKBAR_POSTS_PER_DAY",
    "BLACKBAR_WRONG_LINKS_PER_MINUTE",
)
_PROGRAMS = (
    ("gunicorn", "web"),
    ("--queues engine", "engine worker"),
    ("--queues files", "files worker"),
    ("--queues documents", "documents worker"),
    ("documents.formats", "reader of files"),
    ("beat", "beat"),
    ("postgres", "PostgreSQL"),
    ("valkey", "Valkey"),
    ("config.serve", "supervisor"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its address, what opens its figures, and its first process."""

    url: str
    token: str
    process: psutil.Process
    figures: list[tuple[float, dict[str, float]]] = field(default_factory=list)

    async def read_figures(self, wire: Wire) -> dict[str, float]:
        """Return the server's figures by name and labels. Raises WireError, OSError."""
        answer: Answer = await wire.get("/metrics", f"Authorization: Bearer {self.token}\r\n")
        if answer.status != 200:
            raise WireError
        pairs = (line.rpartition(" ") for line in answer.body.decode().splitlines())
        return {name: float(value) for name, _, value in pairs if name and name[0] != "#"}

    def memory(self) -> dict[str, float]:
        """Return MiB by program: its own pages, and its share of those that several have."""
        sizes: dict[str, float] = {}
        for process in [self.process, *self.process.children(recursive=True)]:
            try:
                command = " ".join(process.cmdline())
                size = process.memory_full_info().pss / 2**20
            except psutil.Error:
                continue
            name = next((name for part, name in _PROGRAMS if part in command), "")
            if name:
                sizes[name] = sizes.get(name, 0.0) + size
        return sizes

    def cpu_seconds(self) -> float:
        """Return the time that all its processes of now have computed."""
        total = 0.0
        for process in [self.process, *self.process.children(recursive=True)]:
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total += times.user + times.system
        return total


def queue_age(figures: dict[str, float]) -> float:
    """Return how long the scan waits that waits longest, in seconds."""
    return figures.get('blackbar_queue_oldest_seconds{lane="short"}', 0.0)


def files_age(figures: dict[str, float]) -> float:
    """Return how long the file waits that waits longest, in seconds."""
    return figures.get("blackbar_file_jobs_oldest_seconds", 0.0)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in an empty folder, and end it."""
    token = secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory(prefix="blackbar-load-") as var, socket.socket() as probe:
        # The embedded database may run as another user, who has to pass through.
        Path(var).chmod(0o711)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            **os.environ,
            **dict.fromkeys(UNLIMITED, "0"),
            "BLACKBAR_VAR": f"{var}/data",
            "BLACKBAR_PORT": str(port),
            "BLACKBAR_METRICS_TOKEN": token,
        }
        command = [sys.executable, "-m", "config.serve"]
        log = Path(var) / "log"
        with log.open("wb") as out:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
        try:
            _wait_for(process, log)
            yield Server(f"http://127.0.0.1:{port}", token, psutil.Process(process.pid))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the engine has its checkpoint."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if re.search(rb"checkpoint .* loaded", log.read_bytes()):
            return
        time.sleep(0.3)
    sys.exit(f"The server did not start:\n{log.read_text(errors='replace')[-2000:]}")
