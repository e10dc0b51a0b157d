"""API keys: made, shown once, recognised, rotated, revoked."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.hash_keys import hash_key_of, reseal_hash_keys
from accounts.models import ApiKey, Plan, Scope, User

pytestmark = pytest.mark.django_db
FORM = {"name": "ticket import", "scopes": ["redact", "read"], "days": "30"}


def _make(owner: User, **options: Any) -> keys.NewKey:
    return keys.create_key(owner=owner, name="k", scopes=[Scope.REDACT], **options)


def _secret_in(answer: Any) -> str:
    found = re.search(r"blackbar_[0-9a-f]{32}", answer.content.decode())
    assert found
    return found[0]


def test_a_key_is_shown_once_and_stored_as_a_digest(alice: User, alice_client: Client) -> None:
    answer = alice_client.post(reverse("account_keys"), FORM)
    secret = _secret_in(answer)
    assert "no-store" in answer["Cache-Control"]
    page = alice_client.get(reverse("account_keys")).content.decode()
    assert secret not in page
    assert secret[:17] in page
    row = ApiKey.objects.values().get()
    assert secret[9:] not in str(row)
    assert (row["owner_id"], row["scopes"]) == (alice.pk, ["read", "redact"])
    assert timedelta(29) < row["expires_at"] - timezone.now() <= timedelta(30)


def test_both_ways_of_writing_are_one_key(alice: User) -> None:
    made = _make(alice)
    assert uuid.UUID(made.license_key) == made.secret
    for written in (made.bearer, made.license_key, made.license_key.upper(), made.secret.hex):
        assert keys.find_key(written) == made.key


@pytest.mark.parametrize("written", ["", "blackbar_", "x" * 32, str(uuid.uuid4()), "é" * 36, "\0"])
def test_what_is_no_key_is_nobody(alice: User, written: str) -> None:
    _make(alice)
    assert keys.find_key(written) is None


def test_expired_revoked_and_inactive_are_nobody(alice: User) -> None:
    gone = [
        _make(alice, expires_at=timezone.now() - timedelta(seconds=1)),
        _make(alice),
    ]
    keys.revoke_key(gone[1].key)
    assert [keys.find_key(made.bearer) for made in gone] == [None, None]
    made = _make(alice)
    User.objects.update(is_active=False)
    assert keys.find_key(made.bearer) is None


def test_use_is_noted_once_a_minute(alice: User) -> None:
    made = _make(alice)
    keys.find_key(made.bearer)
    first = ApiKey.objects.get().used_at
    keys.find_key(made.bearer)
    assert first is not None
    assert ApiKey.objects.get().used_at == first


def test_both_secrets_work_during_the_overlap_and_one_after_it(alice: User) -> None:
    old = _make(alice)
    new = keys.rotate_key(old.key)
    assert keys.find_key(old.bearer) == keys.find_key(new.bearer) == old.key
    ApiKey.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    assert keys.find_key(old.bearer) is None
    assert keys.find_key(new.bearer) == old.key


def test_revoking_ends_both_secrets(alice: User) -> None:
    old = _make(alice)
    new = keys.rotate_key(old.key)
    keys.revoke_key(new.key)
    assert keys.find_key(old.bearer) is keys.find_key(new.bearer) is None


def test_rotating_on_the_page_shows_another_secret(alice: User, alice_client: Client) -> None:
    old = _make(alice)
    answer = alice_client.post(reverse("account_key_rotate"), {"key": old.key.pk})
    assert keys.find_key(_secret_in(answer)) == old.key
    assert _secret_in(answer) != old.bearer


def test_there_is_a_most_of_keys(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MAX_KEYS", 1)
    made = _make(alice)
    with pytest.raises(keys.TooManyKeysError):
        _make(alice)
    keys.revoke_key(made.key)
    assert _make(alice)


@pytest.mark.parametrize("name", ["account_key_rotate", "account_key_revoke"])
def test_only_the_owner_changes_a_key(
    alice: User, alice_client: Client, charlie_client: Client, client: Client, name: str
) -> None:
    made = _make(alice)
    before = ApiKey.objects.values().get()
    sent = {"key": made.key.pk}
    assert charlie_client.post(reverse(name), sent).status_code == 404
    assert client.post(reverse(name), sent).status_code == 302
    assert ApiKey.objects.values().get() == before
    assert alice_client.post(reverse(name), sent).status_code in {200, 302}
    assert ApiKey.objects.values().get() != before


@pytest.mark.parametrize("key", ["", "x", "-1", "9" * 30, "1 OR 1"])
def test_no_key_is_no_page(alice_client: Client, key: str) -> None:
    assert alice_client.post(reverse("account_key_revoke"), {"key": key}).status_code == 404


def test_a_stranger_sees_none_of_the_keys(alice: User, charlie_client: Client) -> None:
    made = _make(alice)
    assert made.key.prefix not in charlie_client.get(reverse("account_keys")).content.decode()


@pytest.mark.parametrize("left_out", ["name", "scopes"])
def test_a_key_needs_a_name_and_a_right(alice_client: Client, left_out: str) -> None:
    form = {name: value for name, value in FORM.items() if name != left_out}
    assert alice_client.post(reverse("account_keys"), form).status_code == 200
    assert not ApiKey.objects.exists()


def test_a_hash_key_is_each_person_s_own_and_survives_rotation(
    make_person: Callable[..., User], settings: Any
) -> None:
    alice, bob = make_person("alice"), make_person("bob")
    mine = hash_key_of(alice)
    assert hash_key_of(alice) == mine != hash_key_of(bob)
    settings.SERVICE_KEYS = {"new": b"n" * 32} | settings.SERVICE_KEYS
    assert reseal_hash_keys() == 2
    assert reseal_hash_keys() == 0
    settings.SERVICE_KEYS = {"new": b"n" * 32}
    alice.refresh_from_db()
    assert hash_key_of(alice) == mine


def test_a_plan_is_given_by_command(alice: User) -> None:
    made = _make(alice)
    out = io.StringIO()
    call_command("set_key_plan", f"blackbar_{made.key.prefix}", "pack", stdout=out)
    assert ApiKey.objects.get().plan == Plan.PACK
    with pytest.raises(CommandError, match="no such key"):
        call_command("set_key_plan", "00000000", "pack")
