"""The disk of sealed files is full: what does not fit is refused, what was taken in waits.

The disk is a small one in memory, mounted where sealed files lie; that takes root.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.faults.conftest import QUICK
from tests.faults.machine import Machine, started, wait_until
from tests.faults.test_loop import JOBS, UNFINISHED
from tests.faults.test_parts import LONG
from tests.whole.conftest import Visitor

COUNT = "SELECT count(*) FROM documents_document"


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk of two megabytes."""

    folder: Path

    def fill(self) -> None:
        """Leave no room."""
        with (self.folder / "junk").open("ab", buffering=0) as junk:
            try:
                while True:
                    junk.write(bytes(4096))
            except OSError:
                return

    def free(self) -> None:
        """Make room again."""
        (self.folder / "junk").unlink()


@pytest.fixture(scope="module")
def disk(machine: Machine) -> Iterator[Disk]:
    """Where the machine's sealed files lie from now on."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    folder, before = machine.var / "sealed", machine.var / "before"
    if folder.exists():
        folder.rename(before)
    folder.mkdir(mode=0o700)
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=700", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        folder.rmdir()
        before.rename(folder)
        pytest.skip("nothing may be mounted here")
    yield Disk(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    shutil.rmtree(folder)
    if before.exists():
        before.rename(folder)


def test_a_full_disk_refuses_files_with_a_sentence_and_takes_texts(
    whole: Machine, disk: Disk, api: httpx.Client
) -> None:
    before = whole.query(COUNT)
    disk.fill()
    try:
        refused = hand_in(api)
        page = api.get("/")
        text = api.post("/api/v1/pastes", json={"text": "Ask a@mail.example.", "wait": 20})
    finally:
        disk.free()
    assert refused.status_code == 503
    assert "disk is full" in refused.json()["detail"]
    assert whole.query(COUNT) == before
    assert page.status_code == 200
    assert text.json()["state"] in {"ready", "scanning"}
    taken = hand_in(api)
    assert taken.status_code == 202
    wait_until(lambda: clean_state(api, taken.json()["id"]) == "ready", "no clean file came", 120)


def test_a_clean_file_that_finds_no_room_is_made_when_there_is_some(
    whole: Machine, disk: Disk, api: httpx.Client
) -> None:
    worker = whole.wait_for("documents")
    worker.send_signal(signal.SIGSTOP)
    try:
        made = hand_in(api).json()
        disk.fill()
    finally:
        worker.send_signal(signal.SIGCONT)
    said = whole.log.stat().st_size
    try:
        wait_until(lambda: "OSError" in whole.said(said), "nobody met the full disk", 120)
        found = clean_state(api, made["id"])
    finally:
        disk.free()
    assert found == "making"
    wait_until(lambda: clean_state(api, made["id"]) == "ready", "no clean file came", 120)


def hand_in(api: httpx.Client) -> httpx.Response:
    """Hand a small file in."""
    return api.post("/api/v1/documents", files={"file": ("a.txt", b"Ask ann.lee@mail.example.")})


def clean_state(api: httpx.Client, pid: str) -> str:
    """Return how far a document's clean file is."""
    told = api.get(f"/api/v1/documents/{pid}").json()
    return str(told["clean_file"]["state"]) if "clean_file" in told else "not read yet"


@pytest.mark.skipif(JOBS < 100, reason="run with BLACKBAR_FAULT_JOBS=200")
def test_a_database_without_room_loses_nothing(tmp_path: Path) -> None:
    """Everything lies on the small disk: databases, their logs, sealed files, beat's notes."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk takes root on Linux")
    folder = tmp_path / "var"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300m", "none", str(folder)], check=True)
    try:
        with started(folder, QUICK) as machine:
            visitor, disk = Visitor(machine), Disk(folder)
            first = visitor.make("Ask ann.lee@mail.example.")
            kept = visitor.send(LONG + "Ask ann.lee@mail.example.")
            disk.fill()
            refused = [post_large(machine) for _ in range(10)]
            print(f"answers of a full database: {refused}")
            assert set(refused) & {0, 500, 503}
            disk.free()
            machine.wait_until_ready()
            assert visitor.wait(kept, 180).endswith("Ask <PRIVATE_EMAIL>.")
            assert "ann.lee" not in visitor.wait(first.pid)
            visitor.make("Ask eve.kent@mail.example.")
            wait_until(lambda: machine.patient_query(UNFINISHED) == [(0,)], "jobs never ended", 240)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def post_large(machine: Machine) -> int:
    """Hand in a text that needs room, and return the status of the answer, 0 for none."""
    try:
        body = {"text": secrets.token_hex(100_000)}
        return httpx.post(f"{machine.url}/api/v1/pastes", json=body, timeout=60).status_code
    except httpx.TransportError:
        return 0
