"""A whole server with databases of its own, whose parts can be killed, paused and flushed.

Everything is started as ./run starts it, so what brings a part back is the product's own
supervisor.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
import redis

from config.embedded import Postgres, Valkey, runtime_folder
from tests.interrupts import interruptible
from tests.whole.conftest import Server

ROOT = Path(__file__).parents[2]
START_SECONDS = 180.0
# A word of the command line of each part's first process.
PARTS = {
    "web": "gunicorn",
    "engine": "engine@",
    "files": "files@",
    "documents": "documents@",
    "beat": "beat-schedule",
    "valkey": "valkey-server",
    "postgres": "bin/postgres",
}
# Ends are noted by the database itself, with the moment: who ended twice or too early stands here.
NOTE_ENDS = """
CREATE TABLE fault_end (kind text, id text, state text, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION note_scan() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.state IN ('done', 'failed') AND OLD.state <> NEW.state THEN
        INSERT INTO fault_end VALUES ('scan', NEW.envelope_id::text, NEW.state);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION note_document() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.state IN ('ready', 'failed') AND OLD.state <> NEW.state THEN
        INSERT INTO fault_end VALUES ('document', NEW.pid, NEW.state);
    END IF;
    IF NEW.clean_state IN ('ready', 'failed', 'blocked') AND OLD.clean_state <> NEW.clean_state THEN
        INSERT INTO fault_end VALUES ('clean', NEW.pid, NEW.clean_state);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER note_scan AFTER UPDATE ON inference_scan FOR EACH ROW EXECUTE FUNCTION note_scan();
CREATE TRIGGER note_document AFTER UPDATE ON documents_document
    FOR EACH ROW EXECUTE FUNCTION note_document();
"""


@dataclass(slots=True)
class Machine(Server):
    """A server with its own PostgreSQL and Valkey, under the supervisor."""

    var: Path

    def leader(self, part: str) -> psutil.Process | None:
        """Return the first process of a part, or None while it is not there."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if any(PARTS[part] in word for word in child.cmdline()):
                        return child
        return None

    def wait_for(self, part: str) -> psutil.Process:
        """Return the first process of a part as soon as it is there."""
        found: list[psutil.Process] = []

        def is_there() -> bool:
            found[:] = [leader] if (leader := self.leader(part)) else []
            return bool(found)

        wait_until(is_there, f"{part} did not come back", 120)
        return found[0]

    def kill(self, part: str, chance: random.Random | None = None) -> bool:
        """Send SIGKILL to a part's first process, or by chance to one that it started.

        False if there is nothing to kill at the moment.
        """
        leader = self.leader(part)
        if leader is None:
            return False
        victims = [leader]
        with contextlib.suppress(psutil.NoSuchProcess):
            if chance is not None and chance.random() < 0.4:
                victims = leader.children() or victims
        with contextlib.suppress(psutil.NoSuchProcess):
            (chance.choice(victims) if chance is not None else leader).kill()
            return True
        return False

    def process_ids(self) -> list[int]:
        """Return all processes of the server but the supervisor itself."""
        return [child.pid for child in psutil.Process(self.process.pid).children(recursive=True)]

    def flush(self) -> bool:
        """Empty Valkey; False if it is away."""
        with contextlib.suppress(redis.RedisError), redis.Redis.from_url(self.valkey_url) as client:
            return bool(client.flushall())
        return False

    @property
    def valkey_url(self) -> str:
        """Address of its Valkey."""
        return Valkey(self.var / "valkey", runtime_folder(self.var)).url

    def is_ready(self) -> bool:
        """Say whether every part answers."""
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        return False

    def wait_until_it_answers(self, seconds: float) -> None:
        """Wait until a web process is there, or so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{self.url}/healthz", timeout=5)
                return
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        """Wait until every part answers."""
        wait_until(self.is_ready, "the server did not come back", START_SECONDS, self.tail)

    def said(self, since: int) -> str:
        """Return what the log holds beyond so many bytes."""
        return self.log.read_bytes()[since:].decode("utf-8", "replace")

    def tail(self) -> str:
        """Return the end of the log."""
        return self.log.read_text(errors="replace")[-3000:]

    def patient_query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a query, as soon as the database answers."""
        deadline = time.monotonic() + 120
        while True:
            try:
                return self.query(sql, *values)
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, "the database did not come back"
                time.sleep(0.2)

    def settings_environment(self) -> dict[str, str]:
        """Return the environment of one more process of this server."""
        valkey = Valkey(self.var / "valkey", runtime_folder(self.var))
        return {
            **self.environment,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": valkey.url,
            "CELERY_BROKER_URL": valkey.broker_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }

    def python(self, code: str, *arguments: str) -> str:
        """Run a few lines as a process of this server and return what they print."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django\ndjango.setup()\n{code}", *arguments],
            cwd=ROOT,
            env=self.settings_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def another(self, part: str) -> subprocess.Popen[bytes]:
        """Start one more worker of a part, as another host would."""
        command = next(
            line.partition(":")[2]
            for line in (ROOT / "Procfile").read_text().splitlines()
            if line.startswith(f"{part}:")
        )
        command = command.replace(f"{part}@%h", f"{part}2@%h")
        environment = self.settings_environment()
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        with self.log.open("ab") as out:
            return subprocess.Popen(
                ["/bin/sh", "-c", command.strip()],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask the supervisor to end, and return its exit code."""
        self.process.send_signal(number)
        try:
            return self.process.wait(90)
        finally:
            self.process.kill()
            self.process.wait()

    def start(self) -> None:
        """Start the server over the same data."""
        self.process = _started(self.environment, self.log)
        self.wait_until_ready()


@contextlib.contextmanager
def started(folder: Path, settings: Mapping[str, str]) -> Iterator[Machine]:
    """Start a machine in an empty folder, and stop it after use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL"}
    }
    environment = {
        **kept,
        "BLACKBAR_VAR": str(folder),
        "BLACKBAR_PORT": str(port),
        "BLACKBAR_CHECKPOINT": "compact",
        "BLACKBAR_PLAIN_STATIC": "1",
        "BLACKBAR_API_ANONYMOUS_PER_MINUTE": "0",
        "BLACKBAR_WEBHOOK_HTTP": "1",
        "BLACKBAR_WEBHOOK_NETWORKS": "127.0.0.0/8",
        **settings,
    }
    log = folder.with_name(folder.name + ".log")
    database_url = Postgres(folder / "postgres", runtime_folder(folder)).url
    process = _started(environment, log)
    url = f"http://127.0.0.1:{port}"
    machine = Machine(url, database_url, environment, process, log, folder)
    try:
        machine.wait_until_ready()
        machine.query(NOTE_ENDS)
        yield machine
    finally:
        machine.stop()


def wait_until(
    condition: Callable[[], bool],
    otherwise: str,
    seconds: float = 120,
    details: Callable[[], str] = str,
) -> float:
    """Wait for a condition and return the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + seconds, f"{otherwise}\n{details()}"
        time.sleep(0.05)
    return time.monotonic() - began


def _started(environment: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            interruptible([sys.executable, "-m", "config.serve"]),
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
