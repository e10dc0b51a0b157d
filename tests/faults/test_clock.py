"""Clocks that jump: leases go by the database's clock, and nothing waits for a clock to catch up.

A jump of the database's clock is the same as moving every moment that it wrote the other way, so
that is how these tests make one. On Linux the hosts' clocks jump too, by libfaketime.
"""

from __future__ import annotations

import sysconfig
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from celery import Celery
from celery.beat import ScheduleEntry

from config.beat import OneOfMany
from tests.faults.conftest import QUICK
from tests.faults.machine import Machine, started, wait_until
from tests.faults.test_parts import LONG, STATE, wait_until_running
from tests.whole.conftest import Visitor

HOUR = timedelta(hours=1)
# As the package brings it; its variant for many threads kept the server from starting.
FAKETIME = Path(
    sysconfig.get_path("purelib"), "libfaketime/vendor/libfaketime/src/libfaketime.so.1"
)
MOVE = "UPDATE inference_scan SET lease_expires_at = lease_expires_at + %s WHERE state = 'running'"


@pytest.mark.parametrize("jump", [-HOUR, HOUR], ids=["forward", "back"])
def test_a_jump_of_the_database_s_clock_ends_no_scan_and_holds_none_up(
    whole: Machine, visitor: Visitor, jump: timedelta
) -> None:
    pid = visitor.send(LONG + "Ask ann.lee@mail.example.")
    wait_until_running(whole, pid)
    whole.kill("engine")
    whole.query(MOVE, jump)
    assert visitor.wait(pid, 120).endswith("Ask <PRIVATE_EMAIL>.")
    assert whole.query(STATE, pid)[0][:2] == ("done", 2)


def test_sweeps_go_on_after_the_clock_was_set_back(tmp_path: Path) -> None:
    app = Celery(set_as_current=False)
    app.conf.beat_schedule = {name: {"task": name, "schedule": 5.0} for name in ("first", "second")}
    beat = OneOfMany(app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    beat.setup_schedule()
    sent: list[str] = []
    beat.apply_entry = lambda entry, producer=None: sent.append(entry.name)  # type: ignore[method-assign]
    beat.tick()
    entries: dict[str, ScheduleEntry] = beat.schedule
    for name in ("first", "second"):
        entries[name].last_run_at = datetime.now(UTC) + HOUR
    assert beat.tick() <= 5
    for name in ("first", "second"):
        assert entries[name].last_run_at <= datetime.now(UTC)
        entries[name].last_run_at -= timedelta(seconds=6)
    beat._heap = None
    beat.tick()
    beat.tick()
    assert sorted(sent) == ["first", "second"]


@pytest.fixture
def timed(tmp_path: Path) -> Iterator[tuple[Machine, Path]]:
    """A machine, and the file that says how far the clocks of its Python processes are off."""
    if not FAKETIME.is_file():
        pytest.skip("libfaketime is for Linux")
    offset = tmp_path / "offset"
    offset.write_text("+0\n")
    settings = {
        **QUICK,
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }
    folder = tmp_path / "var"
    folder.mkdir()
    with started(folder, settings) as machine:
        yield machine, offset


def test_hosts_whose_clocks_jump_scan_on(timed: tuple[Machine, Path]) -> None:
    machine, offset = timed
    for jump in ("+3600", "-3600", "+0"):
        visitor = Visitor(machine)
        offset.write_text(f"{jump}\n")
        date = httpx.get(machine.url, timeout=60).headers["Date"]
        print(f"clock moved by {jump} s: the web says {date}")
        pid = visitor.send(LONG + "Ask ann.lee@mail.example.", expires="7d")
        wait_until_running(machine, pid)
        machine.kill("engine")
        began = time.monotonic()
        assert visitor.wait(pid, 120).endswith("Ask <PRIVATE_EMAIL>.")
        print(f"done {time.monotonic() - began:.1f} s after its worker was killed")
        wait_until(machine.is_ready, "the server is not ready", 60)
