"""Beat on several hosts: what is due is sent once, by whoever is there."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from celery.schedules import schedule

from config import beat
from config.celery import app
from inference.events import valkey


def _name() -> str:
    return f"sweep-{secrets.token_hex(4)}"


def test_a_turn_is_taken_once_in_its_period() -> None:
    name = _name()
    assert [beat.is_our_turn(name, 60) for _ in range(3)] == [True, False, False]
    assert beat.is_our_turn(_name(), 60)
    kept = valkey().pttl(f"blackbar:beat:{name}")
    assert 50_000 < kept <= 54_000  # type: ignore[operator]


def test_without_valkey_nobody_has_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    away = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1)
    monkeypatch.setattr(beat, "valkey", lambda: away)
    assert not beat.is_our_turn(_name(), 60)


def test_two_beats_send_as_much_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(
        beat.PersistentScheduler, "apply_async", lambda _, entry, **__: sent.append(entry.name)
    )
    name = _name()
    beats: list[Any] = []
    for number in range(2):
        one = beat.OneOfMany(app, schedule_filename=str(tmp_path / str(number)), lazy=True)
        one._store = {"entries": {}}
        beats.append(one)
    every = schedule(timedelta(seconds=60))
    entry = beat.ScheduleEntry(name=name, task="inference.sweep", schedule=every, app=app)
    for one in beats:
        one.apply_async(entry, advance=False)
    assert sent == [name]
