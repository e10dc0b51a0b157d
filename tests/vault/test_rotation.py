"""Rotation of the service key."""

from __future__ import annotations

import io
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from pytest_django import Settings

from vault import rotation
from vault.envelope import UnsealError
from vault.models import Envelope

OLD, NEW = bytes(32), bytes(range(32))


@pytest.fixture(autouse=True)
def _old_key(settings: Settings) -> None:
    settings.SERVICE_KEYS = {"old": OLD}


def _rotate(settings: Settings) -> str:
    settings.SERVICE_KEYS = {"new": NEW, "old": OLD}
    out = io.StringIO()
    call_command("rotate_service_key", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_everything_opens_with_the_new_key_alone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    kept = [Envelope.create() for _ in range(5)]
    assert "5 keys" in _rotate(settings)
    settings.SERVICE_KEYS = {"new": NEW}
    for row, key, _ in kept:
        row.refresh_from_db()
        assert row.open_for_service() == key


@pytest.mark.django_db
def test_rotation_brings_no_destroyed_wrap_back(settings: Settings) -> None:
    row, key, token = Envelope.create()
    row.forget_service()
    assert "0 keys" in _rotate(settings)
    row.refresh_from_db()
    assert row.service_wrap is None
    assert row.open_with_token(token) == key


@pytest.mark.django_db
def test_a_second_rotation_finds_nothing_to_do(settings: Settings) -> None:
    Envelope.create()
    _rotate(settings)
    assert "0 keys" in _rotate(settings)


@pytest.mark.django_db
def test_a_missing_old_key_is_named_and_nothing_is_lost(settings: Settings) -> None:
    row, key, _ = Envelope.create()
    settings.SERVICE_KEYS = {"new": NEW}
    with pytest.raises(CommandError, match="BLACKBAR_SERVICE_KEYS"):
        call_command("rotate_service_key")
    settings.SERVICE_KEYS = {"old": OLD}
    row.refresh_from_db()
    assert row.open_for_service() == key


@pytest.mark.django_db
def test_other_apps_are_asked_to_seal_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "_resealers", [])
    rotation.register_resealer(lambda: 3)
    assert "3 keys" in _rotate(settings)


@pytest.mark.django_db(transaction=True)
def test_a_wrap_destroyed_beside_the_rotation_stays_destroyed(settings: Settings) -> None:
    """A scan that ends while the rotation runs: the rotation waits for it, then leaves it."""
    gone, _, _ = Envelope.create()
    kept, key, _ = Envelope.create()
    settings.SERVICE_KEYS = {"new": NEW, "old": OLD}
    with transaction.atomic():
        gone.forget_service()
        rotating = threading.Thread(target=_rotate_in_thread)
        rotating.start()
        rotating.join(0.3)
        assert rotating.is_alive()  # it does not say it is done while a row is held
    rotating.join(20)
    assert not rotating.is_alive()
    gone.refresh_from_db()
    assert gone.service_wrap is None
    kept.refresh_from_db()
    assert (kept.service_key_id, kept.open_for_service()) == ("new", key)


@pytest.mark.django_db(transaction=True)
def test_two_rotations_at_once_end_and_lose_nothing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 3)
    kept = [Envelope.create() for _ in range(20)]
    settings.SERVICE_KEYS = {"new": NEW, "old": OLD}
    threads = [threading.Thread(target=_rotate_in_thread) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    settings.SERVICE_KEYS = {"new": NEW}
    for row, key, _ in kept:
        row.refresh_from_db()
        assert row.open_for_service() == key


@pytest.mark.django_db
def test_a_wrap_of_an_unknown_key_does_not_open(settings: Settings) -> None:
    row, _, _ = Envelope.create()
    settings.SERVICE_KEYS = {"new": NEW}
    with pytest.raises(UnsealError):
        row.open_for_service()


def _rotate_in_thread() -> None:
    try:
        rotation.rotate_service_key()
    finally:
        connection.close()
