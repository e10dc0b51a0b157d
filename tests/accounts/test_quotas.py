"""Limits: all or none, exact under a race, and still known after Valkey has forgotten them."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.conf import settings as django_settings
from django.db import connection

from accounts import quotas
from accounts.models import QuotaUse
from accounts.quotas import DAY, MINUTE, Limit, QuotaExceededError, spend

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> str:
    return f"test {uuid.uuid4().hex}"


def _forget_valkey(*limits: Limit) -> None:
    for limit in limits:
        quotas._valkey().delete(quotas._KEY + limit.row)


def test_a_limit_ends_where_it_says(subject: str) -> None:
    limit = Limit("day", subject, 3, DAY)
    assert [spend([limit])[0].left for _ in range(3)] == [2, 1, 0]
    with pytest.raises(QuotaExceededError) as caught:
        spend([limit])
    assert caught.value.limit == limit
    assert 0 < (limit.seconds_left or 0) <= DAY


def test_all_limits_count_or_none(subject: str) -> None:
    wide, narrow = Limit("day", subject, 10, DAY), Limit("minute", subject, 1, MINUTE)
    spend([wide, narrow])
    with pytest.raises(QuotaExceededError):
        spend([wide, narrow])
    assert quotas.used_of([wide])[0].used == 1


def test_many_requests_are_one_spend(subject: str) -> None:
    limit = Limit("total", subject, 5, None)
    spend([limit], 4)
    with pytest.raises(QuotaExceededError):
        spend([limit], 2)
    assert spend([limit], 1)[0].left == 0


def test_what_is_given_back_can_be_spent_again(subject: str) -> None:
    limit = Limit("total", subject, 1, None)
    quotas.give_back(spend([limit]))
    assert spend([limit])[0].left == 0


def test_counts_survive_a_valkey_that_starts_anew(subject: str) -> None:
    limit = Limit("total", subject, 2, None)
    spend([limit])
    _forget_valkey(limit)
    assert quotas.used_of([limit])[0].used == 1
    _forget_valkey(limit)
    spend([limit])
    _forget_valkey(limit)
    with pytest.raises(QuotaExceededError):
        spend([limit])


def test_what_was_given_back_is_given_back_after_a_restart_too(subject: str) -> None:
    limit = Limit("total", subject, 1, None)
    quotas.give_back(spend([limit]))
    _forget_valkey(limit)
    assert quotas.used_of([limit])[0].used == 0


def test_giving_back_after_a_restart_takes_one_and_not_all(subject: str) -> None:
    limit = Limit("total", subject, 5, None)
    spend([limit], 3)
    uses = spend([limit])
    _forget_valkey(limit)
    quotas.give_back(uses)
    assert quotas.used_of([limit])[0].used == 3


def test_what_is_given_back_late_is_not_taken_from_the_next_window(
    subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Limit("day", subject, 5, DAY)
    uses = spend([limit])
    now = quotas.time.time()
    monkeypatch.setattr(quotas.time, "time", lambda: now + DAY)
    spend([limit])
    quotas.give_back(uses)
    assert quotas.used_of([limit])[0].used == 1


def test_the_owner_lets_a_count_begin_anew(subject: str) -> None:
    limit = Limit("total", subject, 1, None)
    spend([limit])
    quotas.forget(limit.row)
    assert spend([limit])[0].left == 0


def test_a_minute_is_not_written_down(subject: str) -> None:
    spend([Limit("minute", subject, 5, MINUTE)])
    assert not QuotaUse.objects.exists()


def test_without_limits_nothing_is_asked(settings: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"  # type: ignore[attr-defined]
    assert spend([]) == []


@pytest.mark.django_db(transaction=True, available_apps=list(django_settings.INSTALLED_APPS))
def test_of_many_who_race_for_the_last_one_wins(subject: str) -> None:
    limit = Limit("total", subject, 10, None)
    spend([limit], 9)
    _forget_valkey(limit)
    start, won = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        try:
            won.append(spend([limit]))
        except QuotaExceededError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(won) == 1
    assert QuotaUse.objects.get().used == 10
