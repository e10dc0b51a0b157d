"""One engine worker: what it does first, and what becomes of errors."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest
from pytest_django import Settings

from inference import queue, tasks
from inference import worker as worker_module
from inference.engine.engine import Engine
from inference.events import valkey
from inference.models import EngineWorker, Scan, ScanState
from inference.status import detector_status
from inference.worker import ScanWorker
from tests.chosen_engine import ChosenEngine
from tests.inference.conftest import Results, Submit

pytestmark = pytest.mark.django_db
BUNDLED = Path(worker_module.__file__).parent / "checkpoints" / "compact"


@pytest.fixture
def short_long(settings: Settings) -> int:
    """Texts over 20 characters count as long."""
    settings.LONG_TEXT_CHARACTERS = 20
    return 20


def test_all_pending_scans_are_done(
    submit: Submit, worker: ScanWorker, results: Results, short_long: int
) -> None:
    texts = ["Ann", "Bob", "x" * 30, "", " "]
    for text in texts:
        submit(text)
    assert worker.run_pending() == 5
    assert sorted(text for text, _ in results.done) == sorted(texts)
    assert {scan.state for scan in Scan.objects.all()} == {ScanState.DONE}
    assert {scan.checkpoint for scan in Scan.objects.all()} == {"chosen 1.0@0123456789ab"}


def test_short_texts_are_done_between_the_windows_of_a_long_one(
    submit: Submit,
    worker: ScanWorker,
    engine: ChosenEngine,
    results: Results,
    short_long: int,
) -> None:
    submit("long " * 20)
    windows = 0

    def on_window() -> None:
        nonlocal windows
        windows += 1
        if windows == 2:
            submit("Ann")

    engine.on_window = on_window
    worker.run_pending()
    assert [text for text, _ in results.done] == ["Ann", "long " * 20]
    assert windows == engine.windows


def test_short_texts_go_before_long_ones(
    submit: Submit, worker: ScanWorker, results: Results, short_long: int
) -> None:
    submit("long " * 20)
    submit("Ann")
    worker.run_pending()
    assert [len(text) for text, _ in results.done] == [3, 100]


def test_a_long_scan_tells_how_far_it_is(
    submit: Submit, worker: ScanWorker, engine: ChosenEngine, short_long: int
) -> None:
    submit("long " * 20)
    seen: list[int] = []
    engine.on_window = lambda: seen.append(Scan.objects.get().progress_percent)
    worker.run_pending()
    assert seen[-1] > 0
    assert seen == sorted(seen)


def test_a_worker_that_is_asked_to_stop_gives_a_long_scan_back(
    submit: Submit,
    worker: ScanWorker,
    engine: ChosenEngine,
    results: Results,
    short_long: int,
) -> None:
    submit("long " * 20)
    engine.on_window = worker.stop
    worker.run_pending()
    scan = Scan.objects.get()
    assert (scan.state, scan.attempts, results.done) == (ScanState.PENDING, 0, [])


def test_a_long_scan_whose_lease_was_lost_writes_nothing(
    submit: Submit,
    worker: ScanWorker,
    engine: ChosenEngine,
    results: Results,
    short_long: int,
) -> None:
    submit("long " * 20)

    def give_to_another() -> None:
        queue.give_back(Scan.objects.get())
        engine.on_window = lambda: None
        worker.stop()
        queue.claim_batch(Scan.objects.get().lane, 0)  # type: ignore[arg-type]

    engine.on_window = give_to_another
    worker.run_pending()
    assert Scan.objects.get().state == ScanState.RUNNING
    assert results.done == []


def test_a_text_that_cannot_be_read_fails_alone(
    submit: Submit, worker: ScanWorker, engine: ChosenEngine, results: Results
) -> None:
    engine.poison, engine.batch_tokens = "poison", 1000
    for text in ("a", "poison", "b"):
        submit(text)
    worker.run_pending()
    assert sorted(text for text, _ in results.done) == ["a", "b"]
    failed = Scan.objects.get(state=ScanState.FAILED)
    assert (failed.characters, failed.attempts) == (6, 3)


def test_texts_of_one_operating_point_share_a_batch(
    submit: Submit, worker: ScanWorker, engine: ChosenEngine
) -> None:
    engine.batch_tokens = 1000
    for point in ("balanced", "high_recall", "balanced"):
        submit("text", point)
    worker.run_pending()
    assert sorted(engine.batches) == [1, 2]


def test_a_text_seen_in_part_is_not_published(
    submit: Submit, worker: ScanWorker, engine: ChosenEngine, results: Results
) -> None:
    engine.unseen = 1
    submit("Ann")
    worker.run_pending()
    assert (Scan.objects.get().state, results.done) == (ScanState.FAILED, [])


@pytest.mark.parametrize("long", [False, True])
def test_errors_quote_no_text(
    submit: Submit,
    worker: ScanWorker,
    engine: ChosenEngine,
    caplog: pytest.LogCaptureFixture,
    short_long: int,
    long: bool,
) -> None:
    engine.poison = "Canary-7731"
    submit("Canary-7731" * (9 if long else 1))
    with caplog.at_level(logging.DEBUG):
        worker.run_pending()
    assert "RuntimeError" in caplog.text
    assert "Canary" not in caplog.text
    assert "Canary" not in Scan.objects.get().error


def test_a_result_that_cannot_be_stored_quotes_no_text(
    submit: Submit, worker: ScanWorker, results: Results, caplog: pytest.LogCaptureFixture
) -> None:
    results.error = ValueError("Canary-7731")
    submit("Canary-7731")
    worker.run_pending()
    assert Scan.objects.get().state == ScanState.FAILED
    assert "ValueError" in caplog.text
    assert "Canary" not in caplog.text


def test_without_a_checkpoint_scans_wait_and_are_done_when_it_comes(
    submit: Submit,
    results: Results,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(worker_module, "_RELOAD_SECONDS", 0.0)
    settings.CHECKPOINT, settings.ENGINE_THREADS = str(tmp_path / "checkpoint"), 1
    submit("Write to ann.lee@mail.example today.")
    worker = ScanWorker()
    assert worker.run_pending() == 0
    assert Scan.objects.get().state == ScanState.PENDING
    assert EngineWorker.objects.get().error
    status = detector_status()
    assert not status.ready
    assert "no checkpoint" in status.sentence
    (tmp_path / "checkpoint").symlink_to(BUNDLED)
    assert worker.run_pending() == 1
    assert Scan.objects.get().state == ScanState.DONE
    assert EngineWorker.objects.get().error == ""
    assert [span.label for span in results.done[0][1]] == ["private_email"]


def test_a_checkpoint_that_breaks_the_library_is_told_without_its_message(
    submit: Submit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def load(*args: object, **kwargs: object) -> Engine:
        raise MemoryError("0xdeadbeef")

    monkeypatch.setattr(Engine, "load", load)
    submit("text")
    assert ScanWorker().run_pending() == 0
    assert Scan.objects.get().state == ScanState.PENDING
    assert "MemoryError" in caplog.text
    assert "0xdeadbeef" not in caplog.text + EngineWorker.objects.get().error


@pytest.mark.django_db(transaction=True)
def test_the_pulse_keeps_the_lease_of_a_slow_scan(
    submit: Submit, worker: ScanWorker, engine: ChosenEngine, settings: Settings, short_long: int
) -> None:
    settings.SCAN_LEASE_SECONDS = 1.5
    submit("long " * 20)
    returned: list[int] = []

    def wait_past_the_lease() -> None:
        threading.Event().wait(2)
        returned.append(queue.return_expired_leases())

    engine.windows, engine.on_window = 1, wait_past_the_lease
    pulse = threading.Thread(target=worker._beat)
    pulse.start()
    try:
        worker.run_pending()
    finally:
        worker.stop()
        pulse.join(10)
    assert returned == [0]
    assert Scan.objects.get().state == ScanState.DONE
    assert EngineWorker.objects.get().is_alive


@pytest.mark.django_db(transaction=True)
def test_a_lost_wake_up_is_sent_again_by_the_sweep(submit: Submit) -> None:
    """As after a flush of Valkey: the rows are the queue."""
    submit("text")
    valkey().delete("engine")
    tasks.sweep()
    assert valkey().llen("engine") == 1
    valkey().delete("engine")


@pytest.mark.django_db(transaction=True)
def test_messages_carry_no_text_and_no_ids(submit: Submit) -> None:
    valkey().delete("engine")
    scan = submit("Canary-7731")
    (message,) = valkey().lrange("engine", 0, -1)
    assert b"Canary" not in message
    assert str(scan.pk).encode() not in message
    assert str(scan.envelope_id).encode() not in message
    valkey().delete("engine")


def test_a_failing_wake_up_does_not_fail_the_submission(
    submit: Submit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(**options: object) -> None:
        raise ConnectionError("amqp://user:password@host")

    monkeypatch.setattr(tasks.run_pending_scans, "apply_async", refuse)
    queue.wake_worker()
    assert "ConnectionError" in caplog.text
    assert "password" not in caplog.text
