"""What a worker counts of its work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from pytest_django import Settings

from inference.engine.engine import Detection
from inference.engine.model import Progress
from inference.models import EngineWorker
from tests.chosen_engine import ChosenEngine
from tests.inference.conftest import Submit, worker_with

pytestmark = pytest.mark.django_db


@dataclass
class Clock:
    """A clock that stands still unless it is moved."""

    now: float = 100.0

    def monotonic(self) -> float:
        """Stand for time.monotonic."""
        return self.now


@dataclass
class SlowEngine(ChosenEngine):
    """Takes a second for each window of a long text and ten for a batch of short ones."""

    clock: Clock | None = None

    def detect(
        self,
        texts: Sequence[str],
        operating_point: str = "balanced",
        on_progress: Progress | None = None,
    ) -> list[Detection]:
        """Answer as `Engine.detect` does, later."""
        assert self.clock
        if on_progress is None:
            self.clock.now += 10
        return super().detect(texts, operating_point, on_progress)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> SlowEngine:
    settings.LONG_TEXT_CHARACTERS = 20
    clock = Clock()
    made = SlowEngine({"Ann": "private_person"}, clock=clock, batch_tokens=1000)
    monkeypatch.setattr("inference.worker.time", clock)

    def on_window() -> None:
        clock.now += 1

    made.on_window = on_window
    return made


def test_time_spent_on_short_texts_is_not_counted_twice(submit: Submit, engine: SlowEngine) -> None:
    submit("long " * 20)
    worker = worker_with(engine)
    tick = engine.on_window

    def on_window() -> None:
        if engine.batches == [1]:
            submit("Ann")
            submit("Bob")
        tick()

    engine.on_window = on_window
    assert worker.run_pending() == 1
    assert engine.batches == [1, 2]
    assert worker.work.busy_seconds == engine.windows + 10
    assert (worker.work.texts, worker.work.batches, worker.work.largest_batch) == (3, 2, 2)


def test_what_failed_is_not_counted(submit: Submit, engine: SlowEngine) -> None:
    engine.poison = "poison"
    submit("poison")
    worker = worker_with(engine)
    worker.run_pending()
    assert (worker.work.texts, worker.work.batches, worker.work.busy_seconds) == (0, 0, 0)


def test_a_mixed_batch_counts_each_text_once(submit: Submit, engine: SlowEngine) -> None:
    engine.poison = "poison"
    for text in ("a", "poison", "b"):
        submit(text)
    worker = worker_with(engine)
    worker.run_pending()
    assert (worker.work.texts, worker.work.largest_batch) == (2, 1)


def test_the_row_is_written_with_each_report(submit: Submit, engine: SlowEngine) -> None:
    worker = worker_with(engine)
    for _ in range(2):
        submit("Ann")
        worker.run_pending()
        worker._report()
    row = EngineWorker.objects.get()
    assert (row.texts, row.batches, row.largest_batch, row.busy_seconds) == (2, 2, 1, 20)
