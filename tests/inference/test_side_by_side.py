"""Short texts side by side: each done once, whatever becomes of its neighbours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import transaction

from inference.models import Scan, ScanState
from inference.worker import ScanWorker
from pastebin.services import create_paste
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import committed

TEXT = "Customer number {} wrote."


class GatedEngine(ChosenEngine):
    """Detects in at least two threads at once, or not at all."""

    def __init__(self) -> None:
        super().__init__(poison="poison")
        self.both = threading.Barrier(2, timeout=60)
        self.seen: list[str] = []
        self.on_text: Callable[[str], None] = lambda text: None

    def detect(self, texts: Sequence[str], *args: Any, **kwargs: Any) -> Any:
        """Wait for a second thread with the first two texts."""
        (text,) = texts
        self.seen.append(text)
        if len(self.seen) <= 2:
            self.both.wait()
        self.on_text(text)
        return super().detect(texts, *args, **kwargs)


@pytest.fixture
def worker() -> ScanWorker:
    """A worker with two lanes."""
    made = ScanWorker()
    made.engine = GatedEngine()  # type: ignore[assignment]
    made._lanes, made._lane_count = ThreadPoolExecutor(2), 2
    return made


@committed
def test_two_texts_are_detected_at_once(worker: ScanWorker) -> None:
    pastes = [create_paste(text=TEXT.format(n)).paste for n in range(5)]
    assert worker.run_pending() == 5
    assert all(paste.scan.__class__.objects.get(pk=paste.scan.pk).is_done for paste in pastes)


@committed
def test_what_comes_meanwhile_joins_in_and_is_done_once(worker: ScanWorker) -> None:
    for n in range(3):
        create_paste(text=TEXT.format(n))
    engine: Any = worker.engine
    late = threading.Event()

    def on_text(text: str) -> None:
        if not late.is_set() and "number 2" in text:
            late.set()
            in_thread(lambda: create_paste(text=TEXT.format(99)))

    engine.on_text = on_text
    assert worker.run_pending() == 4
    assert sorted(engine.seen) == sorted(TEXT.format(n) for n in (0, 1, 2, 99))
    assert set(Scan.objects.values_list("state", flat=True)) == {ScanState.DONE}


@committed
def test_a_text_that_fails_takes_no_other_with_it(worker: ScanWorker) -> None:
    create_paste(text="poison")
    for n in range(4):
        create_paste(text=TEXT.format(n))
    worker.run_pending()
    states = Scan.objects.values_list("state", flat=True)
    assert sorted(states) == [ScanState.DONE] * 4 + [ScanState.FAILED]


@committed
def test_a_text_that_was_tried_before_does_not_join_in(worker: ScanWorker) -> None:
    for n in range(3):
        create_paste(text=TEXT.format(n))
    engine: Any = worker.engine
    late = threading.Event()

    def on_text(text: str) -> None:
        if not late.is_set():
            late.set()
            in_thread(tried_before)

    def tried_before() -> None:
        with transaction.atomic():  # nobody sees it untried
            made = create_paste(text=TEXT.format(99)).paste
            Scan.objects.filter(pk=made.scan.pk).update(attempts=1)

    engine.on_text = on_text
    assert worker.run_pending() == 5  # one of them was handed back, and claimed alone
    assert engine.seen[-1] == TEXT.format(99)
    assert len(engine.seen) == 4
    assert Scan.objects.get(attempts=2).is_done


@committed
def test_who_is_asked_to_stop_hands_back_what_was_not_begun(
    worker: ScanWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        create_paste(text=TEXT.format(n))
    engine: Any = worker.engine
    handed_back, give_back = threading.Event(), worker._give_back

    def note(group: Sequence[Any]) -> None:
        give_back(group)
        handed_back.set()

    def on_text(text: str) -> None:
        worker.stop()
        if len(engine.seen) > 2:
            handed_back.wait(60)

    monkeypatch.setattr(worker, "_give_back", note)
    engine.on_text = on_text
    worker.run_pending()
    left = Scan.objects.exclude(state=ScanState.DONE)
    assert 1 <= len(left) <= 4
    assert {(scan.state, scan.attempts) for scan in left} == {(ScanState.PENDING, 0)}


def in_thread(action: Callable[[], object]) -> None:
    """Do something in a thread of its own, with its own connection to the database."""
    from django.db import connection

    def run() -> None:
        try:
            action()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
