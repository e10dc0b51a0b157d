"""What breaks while scans are on their way: nothing is lost, nothing is shown early."""

from __future__ import annotations

import os
import signal
import time

import redis

from tests.whole.conftest import Server, Visitor

# Long enough to be in mid-scan for seconds, on any machine.
LONG = "Notes of the meeting with nothing to hide. The weather was fine and the tea was hot. " * 800


def test_a_worker_killed_in_mid_scan_has_the_paste_ready_within_30_seconds(
    server: Server, visitor: Visitor
) -> None:
    long_pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    _wait_until_running(server, long_pid)
    pid = visitor.send("Write to eve.kent@mail.example today.")
    for engine in server.pids_of("engine@"):
        os.kill(engine, signal.SIGKILL)
    started = time.monotonic()
    assert "eve.kent@" not in visitor.wait(pid, 30)
    assert time.monotonic() - started < 30
    public = visitor.wait(long_pid, 120)
    assert "ann.lee@" not in public
    assert public.endswith("Ask <PRIVATE_EMAIL>.")


def test_a_flushed_valkey_loses_no_scan(server: Server, visitor: Visitor) -> None:
    pids = [visitor.send(LONG[:15_000] + f"Mail to p{n}@mail.example.") for n in range(4)]
    redis.Redis.from_url(server.environment["REDIS_URL"]).flushall()
    for number, pid in enumerate(pids):
        assert f"p{number}@" not in visitor.wait(pid, 60)
    rows = server.query("SELECT count(*) FROM inference_scan WHERE state IN ('pending', 'running')")
    assert rows == [(0,)]


def test_unfinished_pastes_show_no_text(server: Server, visitor: Visitor) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    _wait_until_running(server, pid)
    for path in (f"/view/{pid}", f"/view/{pid}/raw", f"/api/paste/{pid}"):
        answer = visitor.client.get(path)
        assert "Notes of the meeting" not in answer.text
        assert "ann.lee" not in answer.text
    visitor.wait(pid, 120)


def _wait_until_running(server: Server, pid: str) -> None:
    deadline = time.monotonic() + 30
    sql = (
        "SELECT s.state FROM inference_scan s JOIN pastebin_paste p USING (envelope_id) "
        "WHERE p.pid = %s AND s.scanned_characters > 0"
    )
    while server.query(sql, pid) != [("running",)]:
        assert time.monotonic() < deadline, "the scan did not begin"
        time.sleep(0.02)
