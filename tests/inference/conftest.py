"""Scans to work on, with a consumer that keeps what it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from django.db import transaction

from inference import queue, status
from inference.engine.engine import Engine
from inference.engine.spans import Span
from inference.models import Scan
from inference.worker import ScanWorker
from tests.chosen_engine import ChosenEngine
from vault.envelope import DataKey
from vault.models import Envelope

Submit = Callable[..., Scan]


@dataclass
class Results:
    """What the consumer of a test was given."""

    done: list[tuple[str, list[Span]]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    error: Exception | None = None

    def on_done(self, scan: Scan, key: DataKey, text: str, spans: Sequence[Span]) -> Sequence[Span]:
        """Keep a result, or raise what the test wants raised."""
        if self.error is not None:
            raise self.error
        self.done.append((text, list(spans)))
        return spans

    def on_failed(self, scan: Scan) -> None:
        """Keep a failure."""
        self.failed.append(scan.error)


@pytest.fixture(autouse=True)
def _fresh_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "_kept", None)


@pytest.fixture(autouse=True)
def results(monkeypatch: pytest.MonkeyPatch) -> Results:
    """The consumer named "test"."""
    kept = Results()
    consumer = queue.Consumer(kept.on_done, kept.on_failed)
    monkeypatch.setitem(queue._consumers, "test", consumer)
    return kept


@pytest.fixture
def submit() -> Submit:
    """A function that stores a text with its pending scan."""

    def submit_text(text: str, operating_point: str = "balanced") -> Scan:
        with transaction.atomic():
            envelope, key, _ = Envelope.create()
            return queue.submit(
                envelope=envelope,
                key=key,
                text=text,
                consumer="test",
                operating_point=operating_point,
            )

    return submit_text


@pytest.fixture
def engine() -> ChosenEngine:
    """An engine that finds Ann."""
    return ChosenEngine({"Ann": "private_person"})


@pytest.fixture
def worker(engine: ChosenEngine) -> ScanWorker:
    """A worker without a pulse that has the chosen engine."""
    return worker_with(engine)


def worker_with(engine: ChosenEngine | Engine) -> ScanWorker:
    """Return a worker without a pulse."""
    made = ScanWorker()
    made.engine = engine  # type: ignore[assignment]
    return made
