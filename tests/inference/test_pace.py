"""Who waits asks again the later, the longer the queue is."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone

from documents import progress
from documents.models import Document, FileJob, State
from inference import pace
from inference.models import Lane, Scan
from inference.pace import LONGEST_SECONDS, SCANS, Pace, retry_after
from tests.inference.conftest import Submit

pytestmark = pytest.mark.django_db
LEAST = 0.3


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "_KEPT_SECONDS", 0.0)
    for one in (*SCANS.values(), progress._FILES):
        monkeypatch.setattr(one, "_until", 0.0)


def waits(scan: Scan, seconds: float) -> None:
    """Let a scan have been handed in some time ago."""
    scan.created_at = timezone.now() - timedelta(seconds=seconds)
    scan.save()


def pause() -> float:
    return SCANS[Lane.SHORT].seconds(LEAST)


def test_where_nobody_waits_one_asks_soon(submit: Submit) -> None:
    assert pause() == LEAST
    submit("Ann Lee")
    assert pause() == LEAST


def test_one_asks_the_later_the_longer_the_queue_is(submit: Submit) -> None:
    waits(submit("Ann Lee"), 20)
    submit("Ann Lee")
    assert 5 <= pause() < 6
    # Long texts stand in a lane of their own.
    assert SCANS[Lane.LONG].seconds(LEAST) == LEAST


def test_who_has_just_come_asks_when_those_before_are_nearly_done(submit: Submit) -> None:
    waits(submit("Ann Lee"), 40)
    now = timezone.now()
    assert 36 <= SCANS[Lane.SHORT].seconds(LEAST, now) < 37
    assert 18 <= SCANS[Lane.SHORT].seconds(LEAST, now - timedelta(seconds=20)) < 19
    # Whose turn it is soon, or should have been, is looked for a few times more.
    for seconds in (39, 40, 4_000):
        since = now - timedelta(seconds=seconds)
        assert 10 <= SCANS[Lane.SHORT].seconds(LEAST, since) < 11


def test_while_a_steady_queue_goes_by_one_asks_three_times(submit: Submit) -> None:
    waits(submit("Ann Lee"), 60)
    came, waited, times = timezone.now(), 0.0, 0
    while waited < 60:
        waited += SCANS[Lane.SHORT].seconds(LEAST, came - timedelta(seconds=waited))
        times += 1
    assert times <= 3


def test_seconds_of_a_header_are_whole_and_at_least_one() -> None:
    assert [retry_after(seconds) for seconds in (0.0, 0.2, 1.0, 1.01, 59.5)] == [
        "1", "1", "1", "2", "60",
    ]  # fmt: skip


def test_nobody_waits_for_ever(submit: Submit) -> None:
    waits(submit("Ann Lee"), 86_400)
    assert pause() == LONGEST_SECONDS


def test_a_host_whose_clock_is_ahead_makes_nobody_ask_without_end(submit: Submit) -> None:
    waits(submit("Ann Lee"), -60)
    assert pause() == LEAST


def test_a_text_that_is_scanned_once_more_says_nothing_of_the_queue(submit: Submit) -> None:
    scan = submit("Ann Lee")
    scan.sealed_spans = b"from before"
    waits(scan, 3_600)
    assert pause() == LEAST


def test_a_thousand_that_wait_ask_the_database_once(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(pace, "_KEPT_SECONDS", 60.0)
    with django_assert_num_queries(1):
        for _ in range(1000):
            pause()


def test_a_rush_of_threads_asks_once_too() -> None:
    asked: list[int] = []

    def read() -> float:
        asked.append(1)
        time.sleep(0.05)
        return 8.0

    shared = Pace(read)
    shared._until = 0.0
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(20) as pool:
        patch.setattr(pace, "_KEPT_SECONDS", 60.0)
        assert set(pool.map(shared.seconds, [LEAST] * 100)) == {2.0}
    assert len(asked) == 1


def test_without_a_database_one_asks_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError

    monkeypatch.setattr(pace.connection, "cursor", refuse)
    assert pause() == LONGEST_SECONDS


def test_pages_and_programs_are_told(client: Client) -> None:
    form = {"text": "Ann Lee", "expires": "1d", "style": "mask", "operating_point": "balanced"}
    client.post("/", form)
    waits(Scan.objects.get(), 40)
    where = client.post("/", form)["Location"]
    delay = re.search(r"load delay:(\d+)ms", client.get(where).content.decode())
    assert delay is not None
    assert 33_000 <= int(delay[1]) < 37_000
    pid = where.split("/")[2]
    assert 34 <= int(client.get(f"/api/v1/pastes/{pid}")["Retry-After"]) <= 37
    refused = client.get(f"/api/v1/pastes/{pid}/text")
    assert (refused.status_code, refused["Retry-After"]) == (409, "11")


def test_files_have_a_pace_of_their_own(client: Client) -> None:
    form = {"file": SimpleUploadedFile("a.txt", b"Ann Lee called."), "style": "mask"}
    sent = client.post("/api/v1/documents", form).json()
    address = f"/api/v1/documents/{sent['id']}"
    assert client.get(address)["Retry-After"] == "1"
    FileJob.objects.update(created_at=timezone.now() - timedelta(seconds=40))
    assert 34 <= int(client.get(address)["Retry-After"]) <= 37
    Document.objects.update(created_at=timezone.now() - timedelta(seconds=40))
    assert client.get(address)["Retry-After"] == "11"
    # While somebody has it, it does not wait.
    FileJob.objects.update(lease_expires_at=timezone.now() + timedelta(seconds=9))
    assert client.get(address)["Retry-After"] == "1"
    FileJob.objects.all().delete()
    Document.objects.update(state=State.FAILED, error="It is damaged.", error_code="damaged")
    assert "Retry-After" not in client.get(address)
