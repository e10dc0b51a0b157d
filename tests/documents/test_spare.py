"""A child that waits is used once, with the bounds it was started with, and outlives nobody."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from documents import sandbox
from documents.formats.model import ReadOptions
from documents.sandbox import Bounds
from documents.spare import Spare

BOUNDS = Bounds(memory_bytes=1 << 30)


class Started:
    """Starts children that do nothing and remembers them."""

    def __init__(self) -> None:
        self.children: list[subprocess.Popen[bytes]] = []

    def __call__(self) -> subprocess.Popen[bytes]:
        waits = [sys.executable, "-c", "input()"]
        pipe = subprocess.PIPE
        self.children.append(subprocess.Popen(waits, stdin=pipe, stdout=pipe))
        return self.children[-1]


@pytest.fixture
def started() -> Iterator[Started]:
    start = Started()
    yield start
    for child in start.children:
        child.kill()
        child.communicate()


def test_nothing_waits_before_it_is_asked_for() -> None:
    assert Spare().take(BOUNDS) is None


def test_each_child_is_taken_once_and_the_next_waits(started: Started) -> None:
    spare = Spare()
    spare.keep(BOUNDS, started)
    spare.keep(BOUNDS, started)
    first, second = spare.take(BOUNDS), spare.take(BOUNDS)
    assert [first, second] == started.children[:2]
    assert len(started.children) == 3


def test_other_bounds_get_no_waiting_child(started: Started) -> None:
    spare = Spare()
    spare.keep(BOUNDS, started)
    assert spare.take(replace(BOUNDS, memory_bytes=1 << 29)) is None
    assert len(started.children) == 1


def test_a_child_that_died_waiting_is_not_handed_out(started: Started) -> None:
    spare = Spare()
    spare.keep(BOUNDS, started)
    started.children[0].kill()
    started.children[0].wait()
    assert spare.take(BOUNDS) is None
    assert spare.take(BOUNDS) is started.children[1]


def test_where_no_process_can_be_started_the_next_request_for_one_tries_again(
    started: Started,
) -> None:
    spare, refuses = Spare(), False

    def start() -> subprocess.Popen[bytes]:
        if refuses:
            raise BlockingIOError
        return started()

    spare.keep(BOUNDS, start)
    refuses = True
    assert spare.take(BOUNDS) is started.children[0]
    assert spare.take(BOUNDS) is None
    refuses = False
    spare.keep(BOUNDS, start)
    assert spare.take(BOUNDS) is started.children[1]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spare]:
    spare = Spare()
    monkeypatch.setattr(sandbox, "_spare", spare)
    sandbox.keep_one_ready(BOUNDS)
    yield spare
    if spare._child is not None:
        spare._child.kill()
        spare._child.communicate()


def test_files_are_read_by_children_that_waited(kept: Spare) -> None:
    waiting = [kept._child]
    for word in (b"first", b"second"):
        extracted = sandbox.read(word, "a.txt", ReadOptions(), bounds=BOUNDS)
        assert extracted.text.strip() == word.decode()
        waiting.append(kept._child)
    assert None not in waiting
    assert len({child.pid for child in waiting if child}) == 3
    # Those that were used are gone.
    assert [child.poll() is None for child in waiting if child] == [False, False, True]


def test_a_waiting_child_ends_with_whoever_started_it() -> None:
    program = (
        "from documents import sandbox; sandbox.keep_one_ready();"
        "print(sandbox._spare._child.pid, flush=True); input()"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=sandbox.ROOT,
    )
    assert parent.stdout is not None
    waiting = int(parent.stdout.readline())
    child = psutil.Process(waiting)
    parent.kill()
    parent.communicate()
    psutil.wait_procs([child], timeout=60)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
