"""Waiting for the end of a scan."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from inference import events
from inference.events import announce_end, wait_for_end

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_valkey(settings: Settings) -> Iterator[None]:
    """Valkey is out of reach."""
    settings.REDIS_URL = NOWHERE
    events.valkey.cache_clear()
    yield
    events.valkey.cache_clear()


def test_an_end_that_was_announced_before_is_not_missed() -> None:
    scan_id = uuid.uuid4()
    announce_end(scan_id)
    assert wait_for_end(scan_id, 5)


def test_who_waits_is_woken() -> None:
    scan_id, woken = uuid.uuid4(), threading.Event()

    def wait() -> None:
        if wait_for_end(scan_id, 7):
            woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    announce_end(scan_id)
    thread.join(8)
    assert woken.is_set()


def test_another_scan_s_end_wakes_nobody() -> None:
    announce_end(uuid.uuid4())
    assert not wait_for_end(uuid.uuid4(), 0.1)


@pytest.mark.parametrize("seconds", [0, -1])
def test_nobody_waits_for_no_time(seconds: float) -> None:
    """Zero means for ever to the server."""
    began = time.monotonic()
    assert not wait_for_end(uuid.uuid4(), seconds)
    assert time.monotonic() - began < 5


@pytest.mark.usefixtures("no_valkey")
def test_without_valkey_nobody_waits_and_nothing_is_raised() -> None:
    scan_id = uuid.uuid4()
    announce_end(scan_id)
    assert not wait_for_end(scan_id, 30)


def test_an_event_is_forgotten_by_itself() -> None:
    scan_id = uuid.uuid4()
    announce_end(scan_id)
    remaining = events.valkey().ttl(events._key(scan_id))
    assert isinstance(remaining, int)
    assert 0 < remaining <= 60


def test_threads_are_left_to_pages_however_many_wait(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEB_THREADS = 2
    events._waiting.cache_clear()
    scan_id, first = uuid.uuid4(), threading.Event()
    waiter = threading.Thread(target=lambda: wait_for_end(scan_id, 60) and first.set())
    waiter.start()
    try:
        deadline = time.monotonic() + 60
        while events._waiting()._value and time.monotonic() < deadline:
            time.sleep(0.01)
        started = time.monotonic()
        assert not wait_for_end(uuid.uuid4(), 50)
        assert time.monotonic() - started < 30
    finally:
        announce_end(scan_id)
        waiter.join()
        events._waiting.cache_clear()
    assert first.is_set()
