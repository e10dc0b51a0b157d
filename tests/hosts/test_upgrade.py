"""Host by host from a former version to this one, while people paste, look and open.

Run by hand before a release, since it needs the former version's code out of the history:
`BLACKBAR_UPGRADE_FROM=REVISION ./test tests/hosts/test_upgrade.py -s`.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import tarfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.hosts.conftest import cluster_of
from tests.hosts.host import Host
from tests.hosts.shared import ROOT

FORMER = os.environ.get("BLACKBAR_UPGRADE_FROM", "")
MAIL = "eve.kent@mail.example"
PEOPLE = 4
BETWEEN_SECONDS = 5.0
# As the Python client has it: a refused or broken request is sent again under its key.
TRIES, PAUSE_SECONDS = 20, 0.5


@dataclass(slots=True)
class Made:
    """A paste that somebody was told of."""

    pid: str
    token: str
    text: str


@dataclass(slots=True)
class Crowd:
    """People who paste and look at what they pasted, until they are told to stop."""

    url: str
    stopping: threading.Event = field(default_factory=threading.Event)
    made: list[Made] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def come(self, number: int) -> None:
        """Be one of them."""
        count = 0
        with httpx.Client(base_url=self.url, verify=False, timeout=60) as client:
            while not self.stopping.is_set():
                count += 1
                text = f"Person {number} writes note {count} to {MAIL}."
                if made := self._paste(client, text):
                    self.made.append(made)
                    self.look(client, made)
                    self.look(client, self.made[count * 7 % len(self.made)])

    def _paste(self, client: httpx.Client, text: str) -> Made | None:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        for _ in range(TRIES):
            try:
                body = {"text": text, "expires": "1h", "wait": 20}
                answer = client.post("/api/v1/pastes", json=body, headers=headers)
            except httpx.TransportError as exc:
                self.answers[f"POST {type(exc).__name__}"] += 1
            else:
                self.answers[f"POST {answer.status_code}"] += 1
                if answer.status_code == 201:
                    told = answer.json()
                    # A repetition finds what the first one made, whose token nobody received.
                    token = told["reveal_token"]
                    return Made(told["id"], token, text) if token else None
                if answer.status_code < 500 and answer.status_code not in {202, 409}:
                    self.wrong.append(f"POST {answer.status_code}")
                    return None
            time.sleep(PAUSE_SECONDS)
        self.wrong.append("POST never answered")
        return None

    def look(self, client: httpx.Client, made: Made) -> None:
        """Read a paste's public text and open its original."""
        public = self._get(client, f"/api/v1/pastes/{made.pid}")
        if public is not None and MAIL in public.text:
            self.wrong.append("a private value was shown")
        opened = self._get(client, f"/api/v1/pastes/{made.pid}/spans", {"Reveal-Token": made.token})
        if opened is not None and opened.json()["text"] != made.text:
            self.wrong.append("another original came back")

    def _get(
        self, client: httpx.Client, path: str, headers: dict[str, str] | None = None
    ) -> httpx.Response | None:
        for _ in range(TRIES):
            try:
                answer = client.get(path, headers=headers)
            except httpx.TransportError as exc:
                self.answers[f"GET {type(exc).__name__}"] += 1
            else:
                self.answers[f"GET {answer.status_code}"] += 1
                if answer.status_code == 200:
                    return answer
                if answer.status_code < 500:
                    self.wrong.append(f"GET {answer.status_code}")
                    return None
            time.sleep(PAUSE_SECONDS)
        self.wrong.append("GET never answered")
        return None


@contextlib.contextmanager
def people(url: str) -> Iterator[Crowd]:
    """Let people come, and wait for them at the end."""
    crowd = Crowd(url)
    threads = [threading.Thread(target=crowd.come, args=(number,)) for number in range(PEOPLE)]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.stopping.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def former(tmp_path: Path) -> Path:
    """The code of the former version."""
    if not FORMER:
        pytest.skip("BLACKBAR_UPGRADE_FROM names no revision")
    packed = subprocess.run(["git", "archive", FORMER], cwd=ROOT, capture_output=True, check=True)
    folder = tmp_path / "former"
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder


def test_nobody_is_turned_away_while_hosts_are_upgraded(former: Path, tmp_path: Path) -> None:
    with cluster_of(("old", "new"), tmp_path, former) as cluster:
        with people(cluster.url) as crowd:
            time.sleep(BETWEEN_SECONDS)
            before = list(crowd.made)
            cluster.a.code = ROOT
            _prepare(cluster.a)
            time.sleep(BETWEEN_SECONDS)
            for host in (cluster.a, cluster.b):
                assert host.stop() == 0
                host.code = ROOT
                host.start()
                host.wait_until_ready()
                time.sleep(BETWEEN_SECONDS)
        print(f"\n{len(crowd.made)} pastes, {len(before)} before the first step: {crowd.answers}")
        with httpx.Client(base_url=cluster.url, verify=False, timeout=60) as client:
            for made in crowd.made:
                crowd.look(client, made)
    assert before
    assert crowd.wrong == []


def _prepare(host: Host) -> None:
    command = [*host.place.enter, sys.executable, "-m", "config.prepare"]
    subprocess.run(command, cwd=host.code, env=host.environment, check=True)
