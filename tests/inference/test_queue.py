"""The queue of scans: who gets a scan, for how long, and who may end it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from inference import queue
from inference.engine.spans import Span
from inference.models import MAX_ATTEMPTS, Lane, Scan, ScanState
from inference.queue import Claim, LeaseLostError
from tests.inference.conftest import Results, Submit

pytestmark = pytest.mark.django_db
SPAN = Span(0, 3, "private_person")


def _claim(characters: int = 10_000, lane: Lane = Lane.SHORT) -> list[Claim]:
    return queue.claim_batch(lane, characters)


def _texts(claims: list[Claim]) -> list[str]:
    return [claim.text for claim in claims]


def _expire(scan: Scan) -> None:
    Scan.objects.filter(pk=scan.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def _in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


class TestSubmit:
    """Texts come in."""

    def test_the_text_lies_sealed(self, submit: Submit) -> None:
        scan = submit("Canary-7731")
        scan.refresh_from_db()
        assert b"Canary" not in bytes(scan.sealed_text)
        assert (scan.state, scan.characters) == (ScanState.PENDING, 11)

    def test_characters_are_code_points(self, submit: Submit) -> None:
        assert submit("e\u0301👩‍👧 \ud800\0").characters == 8

    def test_long_texts_have_their_own_lane(self, submit: Submit, settings: Settings) -> None:
        settings.LONG_TEXT_CHARACTERS = 10
        assert submit("x" * 10).lane == Lane.SHORT
        assert submit("x" * 11).lane == Lane.LONG

    def test_a_rolled_back_submission_leaves_no_scan(self, submit: Submit) -> None:
        with transaction.atomic():
            submit("text")
            transaction.set_rollback(True)
        assert not Scan.objects.exists()


class TestClaim:
    """Workers take scans."""

    def test_the_oldest_come_first_within_the_budget(self, submit: Submit) -> None:
        for letter in "abcd":
            submit(letter * 4)
        assert _texts(_claim(9)) == ["aaaa", "bbbb"]
        assert _texts(_claim(100)) == ["cccc", "dddd"]
        assert _claim(100) == []

    def test_one_larger_than_the_budget_is_taken_alone(self, submit: Submit) -> None:
        submit("x" * 50)
        submit("y")
        assert _texts(_claim(10)) == ["x" * 50]

    def test_lanes_are_apart(self, submit: Submit, settings: Settings) -> None:
        settings.LONG_TEXT_CHARACTERS = 10
        submit("x" * 11)
        submit("y")
        assert _texts(_claim(lane=Lane.SHORT)) == ["y"]
        assert _texts(_claim(lane=Lane.LONG)) == ["x" * 11]

    def test_a_claim_holds_a_lease(self, submit: Submit, settings: Settings) -> None:
        settings.SCAN_LEASE_SECONDS = 10
        submit("text")
        (claim,) = _claim()
        scan = Scan.objects.get()
        assert (scan.state, scan.attempts) == (ScanState.RUNNING, 1)
        assert scan.lease_id == claim.scan.lease_id is not None
        assert scan.lease_expires_at is not None
        assert timedelta(seconds=8) < scan.lease_expires_at - timezone.now()

    def test_one_that_was_tried_before_goes_alone(self, submit: Submit) -> None:
        scans = [submit(letter) for letter in "abc"]
        Scan.objects.filter(pk=scans[1].pk).update(attempts=1)
        assert _texts(_claim()) == ["a"]
        assert _texts(_claim()) == ["b"]
        assert _texts(_claim()) == ["c"]

    def test_a_text_that_does_not_open_fails_and_others_go_on(
        self, submit: Submit, results: Results
    ) -> None:
        broken = submit("a")
        Scan.objects.filter(pk=broken.pk).update(sealed_text=b"\x01not sealed")
        submit("b")
        assert _texts(_claim()) == ["b"]
        broken.refresh_from_db()
        assert broken.state == ScanState.FAILED
        assert len(results.failed) == 1

    def test_a_service_key_that_is_not_here_is_no_failure(
        self, submit: Submit, settings: Settings
    ) -> None:
        """A worker that was not restarted yet must not fail what the web sealed anew."""
        old = settings.SERVICE_KEYS
        settings.SERVICE_KEYS = {"new": bytes(range(32)), **old}
        scan = submit("text")
        settings.SERVICE_KEYS = old
        assert _claim() == []
        scan.refresh_from_db()
        assert (scan.state, scan.attempts) == (ScanState.PENDING, 0)

    def test_scans_with_an_unknown_key_hold_nobody_up(
        self, submit: Submit, settings: Settings
    ) -> None:
        old = settings.SERVICE_KEYS
        settings.SERVICE_KEYS = {"new": bytes(range(32)), **old}
        for _ in range(3):
            submit("x" * 8)
        settings.SERVICE_KEYS = old
        submit("y")
        assert _texts(_claim(10)) == ["y"]


class TestEnd:
    """Scans end once."""

    def test_a_result_is_sealed_and_handed_over(self, submit: Submit, results: Results) -> None:
        submit("Ann")
        (claim,) = _claim()
        queue.finish(claim, [SPAN], 3, "compact@0")
        scan = Scan.objects.get()
        assert (scan.state, scan.scanned_characters, scan.checkpoint) == (
            ScanState.DONE,
            3,
            "compact@0",
        )
        assert scan.lease_id is None
        assert scan.finished_at is not None
        assert queue.unseal_spans(scan, claim.key) == [SPAN]
        assert b"private_person" not in bytes(scan.sealed_spans or b"")
        assert results.done == [("Ann", [SPAN])]

    @pytest.mark.parametrize("seen", [0, 2, 4])
    def test_coverage_that_is_not_whole_is_a_failure(
        self, submit: Submit, results: Results, seen: int
    ) -> None:
        submit("Ann")
        for _ in range(MAX_ATTEMPTS):
            (claim,) = _claim()
            queue.finish(claim, [], seen, "compact@0")
        assert Scan.objects.get().state == ScanState.FAILED
        assert results.done == []
        assert len(results.failed) == 1

    def test_the_database_refuses_a_result_that_is_not_whole(self, submit: Submit) -> None:
        scan = submit("Ann")
        for change in ({"scanned_characters": 2, "sealed_spans": b""}, {"scanned_characters": 3}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Scan.objects.filter(pk=scan.pk).update(state=ScanState.DONE, **change)

    def test_a_consumer_that_raises_leaves_the_scan_as_it_was(
        self, submit: Submit, results: Results
    ) -> None:
        submit("Ann")
        (claim,) = _claim()
        results.error = RuntimeError()
        with pytest.raises(RuntimeError):
            queue.finish(claim, [], 3, "compact@0")
        scan = Scan.objects.get()
        assert (scan.state, scan.sealed_spans) == (ScanState.RUNNING, None)

    def test_a_failure_is_tried_three_times(self, submit: Submit, results: Results) -> None:
        submit("Ann")
        for attempt in range(1, MAX_ATTEMPTS + 1):
            (claim,) = _claim()
            assert Scan.objects.get().attempts == attempt
            assert results.failed == []
            queue.fail(claim.scan, "It did not work.")
        assert (Scan.objects.get().state, len(results.failed)) == (ScanState.FAILED, 1)
        assert Scan.objects.get().error == "It did not work."
        assert _claim() == []

    def test_a_failed_scan_can_be_queued_again(self, submit: Submit) -> None:
        submit("Ann")
        (claim,) = _claim()
        queue.fail(claim.scan, "It did not work.", is_final=True)
        assert queue.retry_failed(claim.scan)
        assert _texts(_claim()) == ["Ann"]
        assert Scan.objects.get().attempts == 1

    def test_only_a_failed_scan_can_be_queued_again(self, submit: Submit) -> None:
        submit("Ann")
        (claim,) = _claim()
        assert not queue.retry_failed(claim.scan)
        queue.finish(claim, [], 3, "compact@0")
        assert not queue.retry_failed(claim.scan)
        assert Scan.objects.get().state == ScanState.DONE

    def test_giving_back_counts_no_try(self, submit: Submit) -> None:
        submit("Ann")
        (claim,) = _claim()
        queue.give_back(claim.scan)
        scan = Scan.objects.get()
        assert (scan.state, scan.attempts, scan.lease_id) == (ScanState.PENDING, 0, None)
        assert _texts(_claim()) == ["Ann"]


class TestLeases:
    """Workers fall silent."""

    def test_the_scan_of_a_silent_worker_is_given_to_another(self, submit: Submit) -> None:
        submit("Ann")
        (claim,) = _claim()
        assert queue.return_expired_leases() == 0
        _expire(claim.scan)
        assert queue.return_expired_leases() == 1
        assert _texts(_claim()) == ["Ann"]

    def test_a_text_that_kills_its_worker_three_times_fails(
        self, submit: Submit, results: Results
    ) -> None:
        submit("Ann")
        for _ in range(MAX_ATTEMPTS):
            (claim,) = _claim()
            _expire(claim.scan)
            queue.return_expired_leases()
        assert Scan.objects.get().state == ScanState.FAILED
        assert len(results.failed) == 1

    def test_a_renewed_lease_is_not_returned(self, submit: Submit) -> None:
        submit("Ann")
        (claim,) = _claim()
        _expire(claim.scan)
        assert claim.scan.lease_id is not None
        assert queue.renew_leases([claim.scan.lease_id]) == 1
        assert queue.return_expired_leases() == 0

    @pytest.mark.parametrize("end", ["finish", "fail", "progress"])
    def test_who_lost_the_lease_can_write_nothing(
        self, submit: Submit, results: Results, end: str
    ) -> None:
        submit("Ann")
        (slow,) = _claim()
        _expire(slow.scan)
        queue.return_expired_leases()
        (quick,) = _claim()
        write: Callable[[], None] = {
            "finish": lambda: queue.finish(slow, [SPAN], 3, "compact@0"),
            "fail": lambda: queue.fail(slow.scan, "It did not work.", is_final=True),
            "progress": lambda: queue.report_progress(slow.scan, 1),
        }[end]
        with pytest.raises(LeaseLostError):
            write()
        assert results.done == []
        queue.give_back(slow.scan)
        assert Scan.objects.get().state == ScanState.RUNNING
        queue.finish(quick, [], 3, "compact@0")
        assert results.done == [("Ann", [])]

    def test_a_finished_scan_is_not_finished_again(self, submit: Submit, results: Results) -> None:
        submit("Ann")
        (claim,) = _claim()
        queue.finish(claim, [SPAN], 3, "compact@0")
        with pytest.raises(LeaseLostError):
            queue.finish(claim, [], 3, "compact@0")
        assert len(results.done) == 1


@pytest.mark.django_db(transaction=True)
class TestTwoConnections:
    """Workers at the same time, each with a connection of its own."""

    def test_two_workers_never_get_the_same_scan(self, submit: Submit) -> None:
        for number in range(40):
            submit(f"{number:04}")
        got: list[list[str]] = [[], [], []]
        start = threading.Barrier(3)

        def work(mine: list[str]) -> None:
            start.wait()
            while claims := _claim(12):
                mine += _texts(claims)

        threads = [_in_thread(lambda mine=mine: work(mine)) for mine in got]  # type: ignore[misc]
        for thread in threads:
            thread.join(20)
        # Who finds all locked goes home; the rows stay for the next wake-up.
        while claims := _claim():
            got[0] += _texts(claims)
        assert sorted(itertools.chain(*got)) == [f"{number:04}" for number in range(40)]

    def test_a_locked_row_is_passed_over(self, submit: Submit) -> None:
        first = submit("a")
        submit("b")
        locked, release = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Scan.objects.select_for_update().get(pk=first.pk)
                locked.set()
                release.wait(10)

        thread = _in_thread(hold)
        assert locked.wait(10)
        assert _texts(_claim()) == ["b"]
        release.set()
        thread.join(10)
        assert _texts(_claim()) == ["a"]

    def test_two_workers_of_one_scan_make_one_result(
        self, submit: Submit, results: Results
    ) -> None:
        submit("Ann")
        (claim,) = _claim()
        start, lost = threading.Barrier(2), []

        def finish() -> None:
            start.wait()
            try:
                queue.finish(claim, [], 3, "compact@0")
            except LeaseLostError:
                lost.append(True)

        threads = [_in_thread(finish) for _ in range(2)]
        for thread in threads:
            thread.join(10)
        assert (len(results.done), len(lost)) == (1, 1)

    def test_a_lease_renewed_at_the_last_moment_is_kept(self, submit: Submit) -> None:
        """The sweep has seen the lease as expired, and waits for the row that is being renewed."""
        submit("Ann")
        (claim,) = _claim()
        _expire(claim.scan)
        returned: list[int] = []
        with transaction.atomic():
            assert claim.scan.lease_id is not None
            queue.renew_leases([claim.scan.lease_id])
            sweep = _in_thread(lambda: returned.append(queue.return_expired_leases()))
            sweep.join(0.5)
            assert sweep.is_alive()
        sweep.join(10)
        assert returned == [0]
        assert Scan.objects.get().state == ScanState.RUNNING


def test_the_place_in_the_queue_counts_who_is_before(submit: Submit) -> None:
    scans = [submit(letter) for letter in "abc"]
    assert [scan.place_in_queue() for scan in scans] == [1, 2, 3]
    queue.claim_batch(Lane.SHORT, 1)
    assert scans[2].place_in_queue() == 2


def test_progress_is_never_over_a_hundred(submit: Submit) -> None:
    submit("x" * 10)
    (claim,) = _claim()
    queue.report_progress(claim.scan, 25)
    scan = Scan.objects.get()
    assert scan.progress_percent == 100


class TestClocks:
    """Leases go by the database's clock."""

    @pytest.mark.parametrize("hours", [-1, 1])
    def test_a_host_whose_clock_is_wrong_keeps_what_it_claimed(
        self, submit: Submit, monkeypatch: pytest.MonkeyPatch, hours: int
    ) -> None:
        submit("text")
        wrong = timezone.now() + timedelta(hours=hours)
        with monkeypatch.context() as patch:
            patch.setattr(timezone, "now", lambda: wrong)
            (claim,) = _claim()
            assert claim.scan.lease_id is not None
            queue.renew_leases([claim.scan.lease_id])
        assert queue.return_expired_leases() == 0
        queue.finish(claim, [], 4, "x@1")
        assert Scan.objects.get().state == ScanState.DONE

    def test_a_lease_from_before_the_clock_was_set_back_is_returned(self, submit: Submit) -> None:
        scan = submit("text")
        _claim()
        later = timezone.now() + timedelta(hours=1)
        Scan.objects.filter(pk=scan.pk).update(lease_expires_at=later)
        assert queue.return_expired_leases() == 1
        assert Scan.objects.get().state == ScanState.PENDING
