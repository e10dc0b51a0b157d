"""The owner's rules: by setting, plan, key and account; and what a lost Valkey does not undo."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import IntegrityError, connection
from django.test import Client
from pytest_django import Settings

from accounts import keys, limits
from accounts.limits import limits_of_key, limits_of_network, limits_of_session
from accounts.models import ApiKey, Plan, RequestLimits, Scope, User
from accounts.quotas import Limit, QuotaExceededError, spend
from api.callers import Caller
from api.plans import limits_of
from config.embedded import Valkey, runtime_folder, wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_plans() -> None:
    limits.forget_plans()


def _key(owner: User, plan: Plan = Plan.OWN) -> ApiKey:
    made = keys.create_key(owner=owner, name="k", scopes=[Scope.REDACT], plan=plan)
    found = keys.find_key(made.bearer)
    assert found is not None
    return found


def _said(found: list[Limit]) -> dict[str, int]:
    return {limit.name: limit.requests for limit in found}


def test_without_rules_and_settings_there_are_no_limits(alice: User) -> None:
    assert limits_of_key(_key(alice)) == limits_of_session(alice) == []


def test_settings_hold_for_every_key_and_session(alice: User, settings: Settings) -> None:
    settings.API_KEY_PER_MINUTE, settings.API_KEY_PER_DAY, settings.API_KEY_CREDITS = 5, 50, 500
    everything = {"minute": 5, "day": 50, "credits": 500}
    assert _said(limits_of_key(_key(alice))) == _said(limits_of_session(alice)) == everything


def test_an_address_without_a_key_has_its_own(settings: Settings) -> None:
    settings.API_ANONYMOUS_PER_MINUTE, settings.API_ANONYMOUS_PER_DAY = 3, 30
    assert _said(limits_of_network("n")) == {"minute": 3, "day": 30}


def test_the_narrower_rule_decides_and_nought_is_no_limit(alice: User, settings: Settings) -> None:
    settings.API_KEY_PER_MINUTE, settings.API_KEY_PER_DAY = 5, 50
    RequestLimits.objects.create(plan=Plan.PACK, per_minute=7, credits=70)
    packed, other = _key(alice, Plan.PACK), _key(alice)
    assert _said(limits_of_key(packed)) == {"minute": 7, "day": 50, "credits": 70}
    assert _said(limits_of_key(other)) == {"minute": 5, "day": 50}
    RequestLimits.objects.create(key=packed, per_day=0, credits=1)
    again = keys.ApiKey.objects.get(pk=packed.pk)
    assert _said(limits_of_key(again)) == {"minute": 7, "credits": 1}


def test_an_account_s_limit_holds_beside_its_keys(alice: User, settings: Settings) -> None:
    settings.API_KEY_PER_MINUTE, settings.API_KEY_PER_DAY = 5, 50
    RequestLimits.objects.create(owner=alice, per_day=9)
    assert _said(limits_of_key(_key(alice))) == {"minute": 5, "day": 50, "account-day": 9}
    fresh = User.objects.get(pk=alice.pk)
    assert _said(limits_of_session(fresh)) == {"minute": 5, "account-day": 9}


def test_a_key_s_own_credits_replace_those_of_its_plan(alice: User) -> None:
    packed = _key(alice, Plan.PACK)
    assert _said(limits_of(Caller(alice, packed, "n"))) == {"pack": 50}
    RequestLimits.objects.create(key=packed, credits=200)
    again = ApiKey.objects.get(pk=packed.pk)
    caller = Caller(alice, again, "n")
    assert limits_of(caller) == []
    assert _said(caller.limits()) == {"credits": 200}


@pytest.mark.parametrize("fields", [{}, {"plan": "own", "owner": True}])
def test_a_rule_is_for_one(alice: User, fields: dict[str, Any]) -> None:
    named = fields | ({"owner": alice} if "owner" in fields else {})
    with pytest.raises(IntegrityError):
        RequestLimits.objects.create(per_day=1, **named)


def test_a_request_asks_the_database_for_no_rules_of_its_own(
    alice: User, django_assert_num_queries: Any
) -> None:
    made = keys.create_key(owner=alice, name="k", scopes=[Scope.REDACT])
    RequestLimits.objects.create(owner=alice, per_minute=1000)
    keys.find_key(made.bearer)
    limits_of_key(made.key)
    with django_assert_num_queries(1):
        found = keys.find_key(made.bearer)
        assert found is not None
        assert _said(limits_of_key(found)) == {"account-minute": 1000}


@pytest.mark.django_db(transaction=True, available_apps=list(django_settings.INSTALLED_APPS))
def test_of_two_keys_that_race_for_the_last_credit_one_wins(alice: User) -> None:
    RequestLimits.objects.create(owner=alice, credits=3)
    both = [_key(alice), _key(alice)]
    for _ in range(2):
        spend(limits_of_key(both[0]))
    start, won, lost = threading.Barrier(2), [], []

    def run(key: ApiKey) -> None:
        start.wait()
        try:
            won.append(spend(limits_of_key(key)))
        except QuotaExceededError as exc:
            lost.append(exc.limit.name)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(key,)) for key in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(won), lost) == (1, ["account-credits"])


@pytest.fixture
def restarted(tmp_path: Path, settings: Settings) -> Iterator[Callable[[], None]]:
    """A Valkey that keeps nothing on disk, and a function that kills it and starts it anew."""
    server = Valkey(tmp_path / "valkey", runtime_folder(tmp_path), durable=False)
    running: list[Any] = []

    def start() -> None:
        for process in running:
            process.kill()
            process.wait()
        server.prepare()
        running[:] = [server.program().start(tmp_path / "valkey.log")]
        assert wait_until(server.is_ready, lambda: running[0].poll() is None, 60)

    start()
    settings.REDIS_URL = server.url
    yield start
    running[0].kill()
    running[0].wait()


def test_a_valkey_that_is_killed_gives_no_used_credits_back(
    alice: User, client: Client, restarted: Callable[[], None]
) -> None:
    made = keys.create_key(owner=alice, name="k", scopes=[Scope.REDACT])
    RequestLimits.objects.create(key=made.key, credits=3)

    def ask() -> Any:
        return client.post(
            "/api/v1/restore",
            {"text": "x", "map": {}},
            content_type="application/json",
            headers={"Authorization": f"Bearer {made.bearer}"},
        )

    assert [ask().status_code, ask().status_code] == [200, 200]
    restarted()
    # The connection that broke may cost one request its answer, but no credit.
    last = next(answer for answer in (ask(), ask()) if answer.status_code != 503)
    assert last["RateLimit"] == '"credits";r=0'
    restarted()
    refused = next(answer for answer in (ask(), ask()) if answer.status_code != 503)
    assert (refused.status_code, refused.json()["code"]) == (429, "credits_used")
    assert "Retry-After" not in refused.headers
