"""A worker paused past its lease: another does its work, and what the first writes late is refused.

A virtual machine that was frozen, a process that the system held: it goes on as if nothing had
happened, and must not publish a second time.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.faults.machine import Machine, wait_until
from tests.faults.test_parts import LONG, STATE, wait_until_running
from tests.faults.test_stop import many_pages
from tests.whole.conftest import Visitor

ENDS = "SELECT state FROM fault_end WHERE kind = %s AND id = %s"
JOB = "SELECT attempts FROM documents_filejob WHERE document_id = %s AND lease_id IS NOT NULL"


@contextmanager
def paused(machine: Machine, part: str) -> Iterator[None]:
    """Hold a part's worker while the body runs, and have a second one at work from then on."""
    first = machine.wait_for(part)
    first.send_signal(signal.SIGSTOP)
    second = machine.another(part)
    try:
        yield
        said = machine.log.stat().st_size
        first.send_signal(signal.SIGCONT)
        wait_until(lambda: "lease lost" in machine.said(said), "the late result was not refused")
    finally:
        first.send_signal(signal.SIGCONT)
        end(second)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a worker to end, and wait for it."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    finally:
        process.kill()
        process.wait()


def test_a_paused_engine_worker_publishes_nothing_late(whole: Machine, visitor: Visitor) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, pid)
    with paused(whole, "engine"):
        public = visitor.wait(pid, 120)
    assert public.endswith("Ask <PRIVATE_EMAIL>.")
    assert whole.query(STATE, pid)[0][:2] == ("done", 2)
    envelope = whole.query("SELECT envelope_id::text FROM pastebin_paste WHERE pid = %s", pid)
    assert whole.query(ENDS, "scan", envelope[0][0]) == [("done",)]


def test_a_paused_documents_worker_hands_on_nothing_late(whole: Machine, api: httpx.Client) -> None:
    content = many_pages(8)
    made = api.post("/api/v1/documents", files={"file": ("a.pdf", content)}).json()
    wait_until(lambda: bool(whole.query(JOB, made["id"])), "the file was not taken")
    with paused(whole, "documents"):
        wait_until(lambda: state(api, made["id"]) == "ready", "no clean file came", 240)
    assert whole.query(ENDS, "document", made["id"]) == [("ready",)]
    assert whole.query(ENDS, "clean", made["id"]) == [("ready",)]


def state(api: httpx.Client, pid: str) -> str:
    """Return how far a document's clean file is."""
    told = api.get(f"/api/v1/documents/{pid}").json()
    assert told["state"] != "failed", told["error"]
    return str(told["clean_file"]["state"]) if "clean_file" in told else "not read yet"
