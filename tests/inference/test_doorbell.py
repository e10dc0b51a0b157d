"""The doorbell: who listens is woken at once, and nothing is lost when nobody does."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import Settings

from inference import events, queue, tasks
from inference.events import valkey
from inference.models import Scan, ScanState
from inference.worker import ScanWorker
from tests.inference.conftest import Submit

pytestmark = pytest.mark.django_db(transaction=True)


def _in_thread(run: Callable[[], None]) -> threading.Thread:
    def close_after() -> None:
        try:
            run()
        finally:
            connection.close()

    thread = threading.Thread(target=close_after)
    thread.start()
    return thread


def test_who_listens_does_what_comes_and_no_message_is_sent(
    submit: Submit, worker: ScanWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    valkey().delete("engine")
    monkeypatch.setattr(tasks, "_worker", lambda: worker)
    listens, done = threading.Event(), threading.Event()
    run_pending = worker.run_pending

    def run_and_tell() -> int:
        ended = run_pending()
        listens.set()
        if ended:
            done.set()
        return ended

    monkeypatch.setattr(worker, "run_pending", run_and_tell)
    thread = _in_thread(tasks.listen)
    try:
        assert listens.wait(10)
        submit("Ann")
        assert done.wait(10)
    finally:
        worker.stop()
        thread.join(10)
    assert Scan.objects.get().state == ScanState.DONE
    assert valkey().llen("engine") == 0


def test_an_interrupted_run_is_tried_again_at_once(
    worker: ScanWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    def run_pending() -> int:
        runs.append(1)
        worker.stop()
        if len(runs) == 1:
            raise ConnectionError
        return 0

    monkeypatch.setattr(tasks, "_worker", lambda: worker)
    monkeypatch.setattr(worker, "run_pending", run_pending)
    thread = _in_thread(tasks.listen)
    thread.join(10)
    assert not thread.is_alive()
    assert len(runs) == 2


def test_rings_during_work_are_one() -> None:
    stopping, first, go_on, seen = (threading.Event() for _ in range(4))
    rung = []

    def listen() -> None:
        for _ in events.rings(stopping):
            rung.append(1)
            if len(rung) == 1:
                first.set()
                go_on.wait(10)
            else:
                seen.set()
                stopping.set()

    thread = _in_thread(listen)
    assert first.wait(10)
    assert all(events.ring() for _ in range(20))
    go_on.set()
    assert seen.wait(10)
    thread.join(10)
    assert len(rung) == 2


def test_a_ring_for_another_database_wakes_nobody(settings: Settings) -> None:
    stopping, listens = threading.Event(), threading.Event()
    rung = []

    def listen() -> None:
        for _ in events.rings(stopping):
            rung.append(1)
            listens.set()

    thread = _in_thread(listen)
    assert listens.wait(10)
    events.valkey().publish("blackbar:doorbell:5", 1)
    stopping.set()
    thread.join(10)
    assert rung == [1]


def test_without_valkey_nobody_is_told_and_nothing_is_raised(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    events.valkey.cache_clear()
    monkeypatch.setattr(tasks.run_pending_scans, "apply_async", lambda **options: None)
    try:
        assert not events.ring()
        queue.wake_worker()
    finally:
        events.valkey.cache_clear()


def test_two_ways_of_waking_do_not_work_at_once(
    submit: Submit, worker: ScanWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, most, lock = 0, 0, threading.Lock()
    run_all = worker._run_all

    def counted() -> int:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        try:
            return run_all()
        finally:
            with lock:
                at_work -= 1

    monkeypatch.setattr(worker, "_run_all", counted)
    for _ in range(5):
        submit("Ann")
    threads = [_in_thread(lambda: worker.run_pending() and None) for _ in range(4)]
    for thread in threads:
        thread.join(20)
    assert most == 1
    assert not Scan.objects.exclude(state=ScanState.DONE).exists()
