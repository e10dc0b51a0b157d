"""The whole server as ./run starts it: web, engine, files and beat under the supervisor.

It has a database of its own in the tests' PostgreSQL, so that nothing is rolled back or faked.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
import psycopg
import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 120.0


@dataclass(slots=True)
class Server:
    """A running server and what is needed to look behind it."""

    url: str
    database_url: str
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    log: Path

    def pids_of(self, name: str) -> list[int]:
        """Return the processes whose command line holds a word, such as "engine"."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            try:
                if any(name in part for part in child.cmdline()):
                    found.append(child.pid)
            except psutil.NoSuchProcess:
                continue
        return found

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of a query on the server's database."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values or None)
            return cursor.fetchall() if cursor.description else []


@dataclass(slots=True)
class Made:
    """A paste as its maker sees it."""

    pid: str
    token: str


@dataclass(slots=True)
class Visitor:
    """Somebody without a browser: a form, cookies, no JavaScript."""

    server: Server
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.server.url, timeout=60)

    def send(self, text: str, **fields: str) -> str:
        """Send the form and return the new paste's id."""
        self.client.get("/")
        form = {
            "csrfmiddlewaretoken": self._form_token(),
            "text": text,
            "expires": "1h",
            "style": "placeholder",
            "operating_point": "balanced",
            **fields,
        }
        response = self.client.post("/", data=form)
        assert response.status_code == 302, response.text
        return response.headers["Location"].split("/")[2]

    def wait(self, pid: str, seconds: float = 60) -> str:
        """Wait until a paste is readable and return its public text."""
        deadline = time.monotonic() + seconds
        while True:
            response = self.client.get(f"/view/{pid}/raw")
            if response.status_code == 200:
                return response.text
            assert time.monotonic() < deadline, "the paste did not get ready in time"
            time.sleep(0.1)

    def make(self, text: str, **fields: str) -> Made:
        """Make a paste, wait for it, and read its private link from the page of its links."""
        pid = self.send(text, **fields)
        self.wait(pid)
        page = self.client.get(f"/view/{pid}/links").text
        token = page.partition(f"/view/{pid}?token=")[2].partition('"')[0]
        assert token, "the page of links shows no private link"
        return Made(pid, token)

    def _form_token(self) -> str:
        page = self.client.get("/").text
        return page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start the server, hand it out to all tests of this folder, and stop it."""
    folder = tmp_path_factory.mktemp("whole")
    database_url = _new_database()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "BLACKBAR_VAR": str(folder),
        "BLACKBAR_PORT": str(port),
        # Another database of the same Valkey: its workers must not take other tests' messages.
        "REDIS_URL": _other_database(os.environ["REDIS_URL"]),
        "CELERY_BROKER_URL": _other_database(
            os.environ.get("CELERY_BROKER_URL") or os.environ["REDIS_URL"]
        ),
        "BLACKBAR_CHECKPOINT": "compact",
        "BLACKBAR_PLAIN_STATIC": "0",
        # The embedded servers of the tests are small.
        "BLACKBAR_WEB_WORKERS": "1",
    }
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", database_url, environment, process, log)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(40)
        finally:
            process.kill()


@pytest.fixture
def visitor(server: Server) -> Iterator[Visitor]:
    """Somebody who is not signed in."""
    visitor = Visitor(server)
    yield visitor
    visitor.client.close()


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx.get(f"{server.url}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline or server.process.poll() is not None:
            pytest.fail("The server did not start: " + server.log.read_text()[-2000:])
        time.sleep(0.2)


def _other_database(url: str) -> str:
    """Return a Valkey address with database 7 in place of whichever it names."""
    parts = urlsplit(url)
    if parts.scheme in {"redis", "rediss"}:
        return urlunsplit(parts._replace(path="/7"))
    # Not put together by urlunsplit: it drops the empty host of a socket's address.
    name = "virtual_host" if parts.scheme == "redis+socket" else "db"
    return f"{url.partition('?')[0]}?{name}=7"


def _new_database() -> str:
    name = f"whole_{secrets.token_hex(4)}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    parts = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(parts._replace(path=f"/{name}"))
