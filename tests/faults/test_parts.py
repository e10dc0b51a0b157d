"""One part dies, or all do, while a scan is on its way: nothing is lost, nothing is shown early."""

from __future__ import annotations

import httpx
import psutil

from tests.faults.jobs import FILLER
from tests.faults.machine import Machine, wait_until
from tests.whole.conftest import Visitor

# Long enough to be in mid-scan for seconds, on any machine.
LONG = FILLER * 800
STATE = """
SELECT s.state, s.attempts, s.scanned_characters FROM inference_scan s
JOIN pastebin_paste p USING (envelope_id) WHERE p.pid = %s
"""


def wait_until_running(machine: Machine, pid: str) -> None:
    """Wait until a part of a paste's text has been scanned."""

    def is_running() -> bool:
        state, _, scanned = machine.query(STATE, pid)[0]
        assert state != "done", "the scan was over before the fault came"
        return state == "running" and bool(scanned)

    wait_until(is_running, "the scan did not begin")


def test_a_worker_killed_in_mid_scan_has_the_paste_ready_soon(
    whole: Machine, visitor: Visitor
) -> None:
    long_pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, long_pid)
    pid = visitor.send("Write to eve.kent@mail.example today.")
    whole.kill("engine")
    assert "eve.kent@" not in visitor.wait(pid, 60)
    public = visitor.wait(long_pid, 120)
    assert "ann.lee@" not in public
    assert public.endswith("Ask <PRIVATE_EMAIL>.")
    assert whole.query(STATE, long_pid)[0][:2] == ("done", 2)


def test_a_flushed_valkey_loses_no_scan(whole: Machine, visitor: Visitor) -> None:
    pids = [visitor.send(LONG[:15_000] + f"Mail to p{n}@mail.example.") for n in range(4)]
    assert whole.flush()
    for number, pid in enumerate(pids):
        assert f"p{number}@" not in visitor.wait(pid, 90)


def test_unfinished_pastes_show_no_text(whole: Machine, visitor: Visitor) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, pid)
    for path in (f"/view/{pid}", f"/view/{pid}/raw", f"/api/paste/{pid}"):
        answer = visitor.client.get(path)
        assert "The weather was fine" not in answer.text
        assert "ann.lee" not in answer.text
    visitor.wait(pid, 120)


def test_a_supervisor_that_is_killed_takes_all_along_and_loses_nothing(
    whole: Machine, visitor: Visitor
) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, pid)
    ready = visitor.make("Write to eve.kent@mail.example today.")
    parts = whole.process_ids()
    whole.process.kill()
    whole.process.wait()
    wait_until(lambda: not any(map(is_alive, parts)), "parts outlived their supervisor")
    whole.start()
    assert visitor.wait(pid, 120).endswith("Ask <PRIVATE_EMAIL>.")
    address = f"{whole.url}/api/v1/pastes/{ready.pid}/spans"
    answer = httpx.get(address, headers={"Reveal-Token": ready.token}, timeout=60)
    assert answer.json()["text"] == "Write to eve.kent@mail.example today."


def is_alive(pid: int) -> bool:
    """Say whether a process is there and no zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
