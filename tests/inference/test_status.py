"""What pages and health checks say of the detector."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from inference import status, tasks
from inference.models import EngineWorker
from inference.status import checkpoint_in_use, detector_status

pytestmark = pytest.mark.django_db


def _worker(
    name: str = "here:1", checkpoint: str = "compact 1.0@012345678901", age: int = 0
) -> None:
    seen_at = timezone.now() - timedelta(seconds=age)
    EngineWorker.objects.create(name=name, checkpoint=checkpoint, seen_at=seen_at)


def test_a_living_worker_with_a_checkpoint_is_ready() -> None:
    _worker()
    assert detector_status().ready
    assert checkpoint_in_use() == "compact 1.0"


def test_without_a_worker_the_detector_is_said_not_to_run() -> None:
    answer = detector_status()
    assert not answer.ready
    assert "not running" in answer.sentence
    assert "kept" in answer.sentence


def test_a_silent_worker_does_not_count() -> None:
    _worker(age=60)
    assert not detector_status().ready


def test_one_good_worker_is_enough() -> None:
    _worker("here:1", checkpoint="")
    _worker("here:2")
    assert detector_status().ready


def test_a_worker_without_a_checkpoint_is_told_apart() -> None:
    _worker(checkpoint="")
    assert "no checkpoint" in detector_status().sentence


def test_workers_that_died_long_ago_are_forgotten() -> None:
    _worker("old:1", age=2 * 3600)
    _worker("new:1")
    tasks.sweep()
    assert [row.name for row in EngineWorker.objects.all()] == ["new:1"]


def test_an_outage_that_was_noted_asks_nothing(
    django_assert_num_queries: object,
) -> None:
    status.note_outage()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert checkpoint_in_use() is None
        assert not detector_status().ready
