"""Measure what a running server takes: memory of each process, CPU and disk of what is handed in.

    BLACKBAR_API_ANONYMOUS_PER_MINUTE=0 ./run --port 8190
    python -m benchmarks.footprint --url http://127.0.0.1:8190 --var var

The server must be a `./run` on this machine, with nobody else at work on it. Memory is what belongs
to a process alone and its share of what it has in common with others (PSS), summed over its
children; the highest of ten looks a second while the work goes on. CPU is of all processes of a
kind together. Disk is the database's own count after a checkpoint, and the sealed files.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg

from benchmarks.paste import ticket
from config.embedded import Postgres, runtime_folder

KINDS = {
    "gunicorn": "web",
    "engine@": "engine",
    "documents@": "documents",
    "files@": "files",
    " beat": "beat",
    "postgres": "postgres",
    "valkey": "valkey",
}
_WAIT_SECONDS = 600


@dataclass(slots=True)
class Watch:
    """Looks at the processes of a server until told to stop."""

    serve: psutil.Process
    highest: dict[str, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    def look(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return MiB and CPU seconds by kind of process."""
        memory: dict[str, float] = defaultdict(float)
        seconds: dict[str, float] = defaultdict(float)
        for child in self.serve.children():
            with contextlib.suppress(psutil.Error):
                kind = _kind(child)
                for one in (child, *child.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        memory[kind] += one.memory_full_info().pss / 2**20
                        times = one.cpu_times()
                        seconds[kind] += times.user + times.system
                        # Of children that have ended.
                        seconds[kind] += times.children_user + times.children_system
        return dict(memory), dict(seconds)

    def run(self) -> None:
        """Keep the highest of what is seen, until `end`."""
        while not self._stop.wait(0.1):
            for kind, mib in self.look()[0].items():
                self.highest[kind] = max(self.highest.get(kind, 0), mib)

    def end(self) -> None:
        """Look no more."""
        self._stop.set()


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--var", type=Path, default=Path("var"))
    parser.add_argument("--pastes", type=int, default=500)
    parser.add_argument("--documents", type=int, default=20)
    options = parser.parse_args()
    serve = psutil.Process(json.loads((options.var / "lock").read_text())["pid"])
    before = Watch(serve).look()[0]
    print("memory, MiB (PSS), idle:", _line(before))
    with httpx.Client(base_url=options.url, timeout=120) as client:
        for what, number, send in (
            ("pastes of 200 tokens", options.pastes, _paste),
            ("text documents of 40 kB", options.documents, _document),
        ):
            _measure(serve, options.var, client, f"{number} {what}", number, send)


def _measure(
    serve: psutil.Process,
    var: Path,
    client: httpx.Client,
    what: str,
    number: int,
    send: Callable[[httpx.Client, int], str],
) -> None:
    watch = Watch(serve)
    disk, cpu = _disk(var), watch.look()[1]
    thread = threading.Thread(target=watch.run)
    thread.start()
    started = time.monotonic()
    try:
        waiting = [send(client, one) for one in range(number)]
        for path in waiting:
            _wait(client, path)
    finally:
        watch.end()
        thread.join()
    elapsed, after = time.monotonic() - started, watch.look()[1]
    used = {kind: (after[kind] - cpu.get(kind, 0)) / number * 1000 for kind in after}
    print(f"\n{what}: {number / elapsed:.1f}/s")
    print("memory, MiB, highest:", _line(watch.highest))
    print("CPU, ms each:", _line(used), f"together {sum(used.values()):.0f}")
    for name, size in _disk(var).items():
        print(f"{name}: {(size - disk[name]) / number * 1000 / 2**20:.1f} MiB for a thousand")


def _paste(client: httpx.Client, number: int) -> str:
    answer = client.post("/api/v1/pastes", json={"text": ticket(number), "expires": "1d"})
    answer.raise_for_status()
    return f"/view/{answer.json()['id']}/raw"


def _document(client: httpx.Client, number: int) -> str:
    text = "\n\n".join(ticket(number * 100 + one) for one in range(48))
    file = {"file": ("tickets.txt", text.encode())}
    answer = client.post("/api/v1/documents", files=file)
    answer.raise_for_status()
    return f"/api/v1/documents/{answer.json()['id']}/file"


def _wait(client: httpx.Client, path: str) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while client.get(path).status_code != 200:
        if time.monotonic() > deadline:
            raise SystemExit("The server did not get ready with what was handed in.")
        time.sleep(0.2)


def _disk(var: Path) -> dict[str, float]:
    database = Postgres(var.resolve() / "postgres", runtime_folder(var.resolve()))
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
    files = [path for path in (var / "sealed").rglob("*") if path.is_file()]
    return {"database": float(row[0]), "sealed files": float(sum(f.stat().st_size for f in files))}


def _kind(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((kind for word, kind in KINDS.items() if word in command), "other")


def _line(figures: dict[str, float]) -> str:
    return ", ".join(f"{kind} {value:.0f}" for kind, value in sorted(figures.items()))


if __name__ == "__main__":
    main()
