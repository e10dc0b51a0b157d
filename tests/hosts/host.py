"""One host: everything that ./run starts, in a place of its own, around shared servers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from config.process import Program
from tests.hosts.network import Place
from tests.hosts.shared import ROOT

READY_SECONDS = 180.0
PASSWORD = "paper ink and seven bars"


@dataclass(slots=True)
class Host:
    """A host of the cluster."""

    place: Place
    var: Path
    settings: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    code: Path = ROOT
    _log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.var.mkdir(exist_ok=True)
        self._log = self.var / "log"

    @property
    def url(self) -> str:
        """Its own address, without the proxy."""
        return f"http://{self.place.address}:{self.place.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are started with."""
        own = {
            "BLACKBAR_VAR": str(self.var),
            "BLACKBAR_BIND": self.place.address,
            "BLACKBAR_PORT": str(self.place.port),
        }
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("BLACKBAR_", "CELERY_"))
        }
        return {**inherited, **self.settings, **own}

    def start(self, *command: str) -> None:
        """Start all its processes, or only those of a command."""
        argv = (*self.place.enter, *(command or (sys.executable, "-m", "config.serve")))
        # It ends with the tests, whatever becomes of them.
        program = Program(self.place.name, argv, self.environment, self.code)
        self.process = program.start(self._log)

    def wait_until_ready(self) -> None:
        """Wait until it says that every part is there."""
        deadline = time.monotonic() + READY_SECONDS
        while self.state("/readyz")[0] != 200:
            assert self.process is not None
            assert self.process.poll() is None, self.log()[-2000:]
            assert time.monotonic() < deadline, self.log()[-2000:]
            time.sleep(0.2)

    def state(self, path: str) -> tuple[int, dict[str, str]]:
        """Ask it how it is; 0 if it does not answer."""
        try:
            with self.client() as client:
                answer = client.get(path)
            return answer.status_code, answer.json()
        except (httpx.TransportError, ValueError):
            return 0, {}

    def client(self) -> httpx.Client:
        """Return a browser without scripts that asks this host as the proxy does."""
        headers = {
            "Host": "localhost",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
        }
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def log(self) -> str:
        """Return what its processes wrote."""
        return self._log.read_text(errors="replace")

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Return its processes whose command line holds a word."""
        if self.process is None or self.process.poll() is not None:
            return []
        found = []
        for one in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if any(word in part for part in one.cmdline()):
                    found.append(one)
        return found

    def send(self, number: signal.Signals, *words: str) -> None:
        """Send a signal to its processes whose command line holds one of some words."""
        for word in words:
            for one in self.processes(word):
                with contextlib.suppress(psutil.Error):
                    one.send_signal(number)

    def lose_power(self) -> None:
        """End everything at once; with a cable, nobody out there is told."""
        assert self.process is not None
        if self.place.cable:
            self.place.pull_cable()
        everything = [*self.processes(), psutil.Process(self.process.pid)]
        for one in everything:
            with contextlib.suppress(psutil.Error):
                one.kill()
        self.process.wait()
        psutil.wait_procs(everything, timeout=10)
        self.process = None

    def stop(self, seconds: float = 240) -> int:
        """End it as an operator does, and return its exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.lose_power()
            raise
        finally:
            self.process = None

    def python(self, code: str, *arguments: str) -> str:
        """Run a few lines of the server's code on this host and return what they print."""
        prepared = "import sys, django; django.setup()\n" + code
        done = subprocess.run(
            [*self.place.enter, sys.executable, "-c", prepared, *arguments],
            cwd=self.code,
            env={**self.environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()
