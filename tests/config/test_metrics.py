"""/metrics: for whom, and what it says of queue and engine."""

from __future__ import annotations

import io
import json
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from config import error_counts, metrics
from config.error_counts import KEY, ErrorCounts
from documents.services import create_document
from inference import queue
from inference.events import valkey
from inference.models import EngineWorker, Scan, ScanState
from vault.files import store_file
from vault.models import Envelope

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]
TOKEN = "geheim-é-1"
_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\.)*",?)+)\})? (\S+)')
_LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\.)*)"')
Key = tuple[str, tuple[tuple[str, str], ...]]


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def _worker(name: str = "here:1", age_seconds: float = 0, **figures: object) -> EngineWorker:
    made: EngineWorker = EngineWorker.objects.create(
        name=name,
        seen_at=timezone.now() - timedelta(seconds=age_seconds),
        **{"checkpoint": "compact 1.0@012345678901", **figures},
    )
    return made


def _submit(text: str, age_seconds: float = 0) -> Scan:
    with transaction.atomic():
        envelope, key, _ = Envelope.create()
        scan = queue.submit(
            envelope=envelope, key=key, text=text, consumer="test", operating_point="balanced"
        )
    created_at = timezone.now() - timedelta(seconds=age_seconds)
    Scan.objects.filter(pk=scan.pk).update(created_at=created_at)
    return scan


def _text() -> str:
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    return str(answer.content, "utf-8")


def _figures() -> dict[Key, float]:
    """Read the exposition as Prometheus does: one type a name, one line a sample."""
    text = _text()
    assert text.endswith("\n")
    found: dict[Key, float] = {}
    typed: list[str] = []
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            typed.append(line.split(" ")[2])
        if line.startswith("#"):
            continue
        sample = _SAMPLE.fullmatch(line)
        assert sample, line
        # Samples of a name stand together under its type.
        assert sample[1] == typed[-1]
        key = (sample[1], tuple(_LABEL.findall(sample[2] or "")))
        assert key not in found
        found[key] = float(sample[3])
    assert len(set(typed)) == len(typed)
    return found


def _of(figures: dict[Key, float], name: str) -> dict[str, float]:
    """Return a figure by its first label."""
    return {
        labels[0][1] if labels else "": value
        for (found, labels), value in figures.items()
        if found == name
    }


def test_without_a_token_there_is_no_such_page(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        assert Client().get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", "Bearer geheim", f"Bearer {TOKEN}x", "Basic Z2g6eA=="]
)
def test_a_missing_or_wrong_token_is_refused(given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert b"blackbar_" not in answer.content


def test_waiting_scans_are_counted_by_lane(settings: Settings) -> None:
    settings.LONG_TEXT_CHARACTERS = 20
    for age in (5, 300, 60):
        _submit("short", age)
    _submit("x" * 30, 7000)
    running, done = _submit("taken"), _submit("done")
    leased = {"lease_id": running.pk, "lease_expires_at": timezone.now()}
    Scan.objects.filter(pk=running.pk).update(state=ScanState.RUNNING, **leased)
    ended = {"sealed_spans": b"", "scanned_characters": 4}
    Scan.objects.filter(pk=done.pk).update(state=ScanState.DONE, **ended)
    figures = _figures()
    assert _of(figures, "blackbar_queue_scans") == {"short": 3, "long": 1}
    ages = _of(figures, "blackbar_queue_oldest_seconds")
    assert 300 <= ages["short"] < 360
    assert 7000 <= ages["long"] < 7060


def test_an_empty_queue_says_so() -> None:
    figures = _figures()
    assert _of(figures, "blackbar_queue_scans") == {"short": 0, "long": 0}
    assert _of(figures, "blackbar_queue_oldest_seconds") == {"short": 0, "long": 0}
    assert _of(figures, "blackbar_engine_workers") == {"": 0}


def test_errors_are_counted_by_status_and_code(settings: Settings) -> None:
    valkey().delete(KEY)
    client = Client()
    assert client.get("/no/such/page").status_code == 404
    assert client.get("/api/v1/keys").status_code == 401
    assert client.get("/api/v1/keys").status_code == 401
    found = {
        dict(labels)["status"] + " " + dict(labels).get("code", ""): value
        for (name, labels), value in _figures().items()
        if name == "blackbar_http_errors_total"
    }
    assert found["401 key_needed"] == 2
    assert found["404 "] >= 1


def test_errors_are_kept_while_valkey_is_away(settings: Settings) -> None:
    counts = ErrorCounts()
    counts._sent_at = float("inf")
    counts.note(503, "busy")
    away = redis.Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(error_counts, "valkey", lambda: away)
        counts.send()
    valkey().delete(KEY)
    counts.send()
    assert valkey().hgetall(KEY) == {b"503 busy": b"1"}
    counts.send()
    assert valkey().hgetall(KEY) == {b"503 busy": b"1"}


def test_the_last_error_is_told_though_no_other_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process is asked: what this one keeps to itself would never be seen."""
    monkeypatch.setattr(error_counts, "_EVERY_SECONDS", 0.05)
    valkey().delete(KEY)
    counts = ErrorCounts()
    for _ in range(3):
        counts.note(503, "busy")
    deadline = time.monotonic() + 60
    while valkey().hgetall(KEY) != {b"503 busy": b"3"}:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_files_and_storage_are_told() -> None:
    envelope, key, _ = Envelope.create()
    store_file(envelope=envelope, key=key, name="file", stream=io.BytesIO(b"x" * 1234))
    create_document(content=b"Ann Lee", name="a.txt")
    figures = _figures()
    assert _of(figures, "blackbar_sealed_files")[""] == 2
    assert _of(figures, "blackbar_sealed_bytes")[""] == 1241
    assert _of(figures, "blackbar_file_jobs")[""] == 1
    assert _of(figures, "blackbar_disk_free_bytes")[""] > 0


def test_stages_tell_how_long_things_took() -> None:
    scan = _submit("done", 40)
    ended = {"sealed_spans": b"", "scanned_characters": 4, "finished_at": timezone.now()}
    Scan.objects.filter(pk=scan.pk).update(state=ScanState.DONE, **ended)
    long_ago = _submit("done", 4000)
    ended["finished_at"] = timezone.now() - timedelta(seconds=3000)
    Scan.objects.filter(pk=long_ago.pk).update(state=ScanState.DONE, **ended)
    (seconds,) = {
        value
        for (name, labels), value in _figures().items()
        if name == "blackbar_stage_seconds" and dict(labels)["stage"] == "scan"
    }
    assert 40 <= seconds < 100


def test_the_dashboard_asks_for_figures_that_there_are() -> None:
    asked = set(re.findall(r"blackbar_[a-z_]+", (ROOT / "deploy" / "grafana.json").read_text()))
    assert asked
    assert asked <= {*metrics._GAUGES, *metrics._COUNTERS}


def test_the_dashboard_counts_nothing_twice_where_several_hosts_tell_the_same() -> None:
    board = json.loads((ROOT / "deploy" / "grafana.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    own = [one for one in asked if not one.startswith(("max", "sum(max"))]
    assert own == ["blackbar_disk_free_bytes"]


def test_a_worker_tells_what_it_did() -> None:
    _worker(texts=12, tokens=9_000_000_001, batches=4, largest_batch=7, busy_seconds=2.5)
    figures = _figures()
    expected = {
        "tokens_total": 9_000_000_001,
        "texts_total": 12,
        "batches_total": 4,
        "busy_seconds_total": 2.5,
        "tokens_per_second": 3_600_000_000,
        "batch_texts_mean": 3,
        "batch_texts_largest": 7,
    }
    for name, value in expected.items():
        found = _of(figures, f"blackbar_engine_{name}")
        assert found == {"here:1": pytest.approx(value, rel=1e-9)}
    (labels,) = [labels for name, labels in figures if name == "blackbar_engine_tokens_total"]
    assert dict(labels)["checkpoint"] == "compact 1.0@012345678901"


def test_a_worker_that_did_nothing_yet_has_no_speed() -> None:
    _worker()
    figures = _figures()
    assert _of(figures, "blackbar_engine_tokens_total") == {"here:1": 0}
    assert _of(figures, "blackbar_engine_tokens_per_second") == {}


def test_dead_workers_are_left_out() -> None:
    _worker("dead:1", age_seconds=3600, tokens=5)
    _worker("here:1", tokens=7)
    figures = _figures()
    assert _of(figures, "blackbar_engine_workers") == {"": 1}
    assert _of(figures, "blackbar_engine_tokens_total") == {"here:1": 7}


def test_labels_cannot_break_out_of_their_line() -> None:
    _worker('a"b\\c\nd 1\nblackbar_fake 1', tokens=3)
    assert _of(_figures(), "blackbar_engine_tokens_total") == {
        r"a\"b\\c\nd 1\nblackbar_fake 1": 3,
    }


def test_nothing_private_is_shown() -> None:
    scan = _submit("Jane Doe, jane@posteo.example")
    _worker()
    text = _text()
    assert "Jane" not in text
    assert "posteo" not in text
    assert str(scan.pk) not in text
    assert str(scan.envelope_id) not in text
