"""Writing the record: within the caller's transaction, one line at a time, no deadlocks."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from accounts.erasure import erase_account
from accounts.models import User
from audit.models import Action, Chain, Line
from audit.origin import request_from
from audit.record import address_of, record, recorded_last
from audit.verify import verify
from pastebin.models import Paste
from sharing.services import delete, lock, set_expiry
from tests.pastebin.world import Make, committed
from vault import rotation
from vault.envelope import UnsealError
from workspaces.services import personal_of

WID = "W-one"


def _in_threads(*jobs: Callable[[], None]) -> list[BaseException]:
    """Run jobs at once, each on its own connection; returns what they raised."""
    raised: list[BaseException] = []

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        except BaseException as exc:  # told by the test
            raised.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return raised


@pytest.mark.django_db
def test_a_line_goes_with_its_transaction(alice: User) -> None:
    def failing() -> None:
        with transaction.atomic():
            record(Action.ITEM_OPENED, workspace=WID, actor=alice)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert not Line.objects.exists()
    record(Action.ITEM_OPENED, workspace=WID, actor=alice)
    assert Line.objects.get().number == 1
    assert verify(WID).is_whole


@committed
def test_many_write_at_once(alice: User) -> None:
    """Also the first line of all, for which the chain is made."""
    everybody = threading.Barrier(8)

    def write() -> None:
        everybody.wait(timeout=30)
        for _ in range(5):
            record(Action.ITEM_OPENED, workspace=WID, actor=alice)

    assert _in_threads(*[write] * 8) == []
    verdict = verify(WID)
    assert verdict.is_whole
    assert verdict.length == 40


@committed
def test_changes_of_two_items_at_once_do_not_lock_each_other_out(make: Make, alice: User) -> None:
    """Both hold an item, then write into the same record; bulk changes keep their lines back."""
    pids = sorted(make(owner=alice).pid for _ in range(2))
    both = threading.Barrier(2)

    def one_each(pid: str) -> None:
        with transaction.atomic():
            paste = lock(Paste.objects.get(pk=pid))
            both.wait(timeout=30)
            set_expiry(paste, None, by=alice)

    assert _in_threads(*[lambda pid=pid: one_each(pid) for pid in pids]) == []

    def bulk() -> None:
        with transaction.atomic(), recorded_last():
            set_expiry(Paste.objects.get(pk=pids[0]), None, by=alice)
            both.wait(timeout=30)
            set_expiry(Paste.objects.get(pk=pids[1]), None, by=alice)

    def single() -> None:
        with transaction.atomic():
            paste = lock(Paste.objects.get(pk=pids[1]))
            both.wait(timeout=30)  # the other holds the first item, and wants this one
            set_expiry(paste, None, by=alice)

    assert _in_threads(bulk, single) == []
    verdict = verify(personal_of(alice).wid)
    assert verdict.is_whole
    assert Line.objects.filter(action=Action.EXPIRY_CHANGED).count() == 5


@pytest.mark.django_db
def test_lines_kept_back_are_written_at_the_end_or_not_at_all(alice: User) -> None:
    with recorded_last():
        record(Action.ITEM_OPENED, workspace="b", actor=alice)
        with recorded_last():
            record(Action.ITEM_OPENED, workspace="a", actor=alice)
        assert not Line.objects.exists()
    assert list(Line.objects.order_by("pk").values_list("workspace", flat=True)) == ["a", "b"]

    def failing() -> None:
        with recorded_last():
            record(Action.ITEM_OPENED, workspace="a", actor=alice)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert Line.objects.count() == 2
    record(Action.ITEM_OPENED, workspace="a", actor=alice)
    assert Line.objects.count() == 3


@pytest.mark.django_db
def test_the_record_outlives_an_account_and_its_address_does_not(
    make: Make, alice: User, charlie: User
) -> None:
    wid, paste = personal_of(alice).wid, make(owner=alice)
    with request_from("203.0.113.7"):
        erase_account(alice)
    lines = list(Line.objects.filter(workspace=wid).order_by("number"))
    assert ("item.deleted", {"why": "erased"}) in [(line.action, line.detail) for line in lines]
    assert {line.thing for line in lines} >= {paste.pid}
    assert verify(wid).is_whole
    assert not User.objects.filter(pk=lines[-1].actor).exists()
    chain = Chain.objects.get(pk=wid)
    for other in (None, charlie):
        personal_of(charlie)
        record(Action.ITEM_OPENED, workspace="x", actor=charlie)
        charlie.refresh_from_db()
        with pytest.raises(UnsealError):
            address_of(lines[-1], chain, other)


@pytest.mark.django_db
def test_the_service_key_can_be_rotated(settings: Settings) -> None:
    settings.SERVICE_KEYS = {"old": bytes(32)}
    with request_from("203.0.113.7"):
        record(Action.LINK_OPENED, workspace=WID, actor=None)
    settings.SERVICE_KEYS = {"new": bytes(range(32)), "old": bytes(32)}
    assert rotation.rotate_service_key() == 1
    settings.SERVICE_KEYS = {"new": bytes(range(32))}
    record(Action.LINK_OPENED, workspace=WID, actor=None)
    assert address_of(Line.objects.get(number=1), Chain.objects.get(), None) == "203.0.113.7"
    assert verify(WID).is_whole


@pytest.mark.django_db
def test_deleting_by_hand_and_by_nobody(make: Make, alice: User) -> None:
    first, second = make(owner=alice), make(owner=alice)
    delete(first.row, by=alice)
    delete(second.row, why="expired")
    gone = Line.objects.filter(action=Action.ITEM_DELETED).order_by("pk")
    assert [(line.actor, line.detail) for line in gone] == [
        (alice.pk, {}),
        (None, {"why": "expired"}),
    ]
