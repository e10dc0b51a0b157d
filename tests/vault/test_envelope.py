"""Data keys, their wraps, and what they seal."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from vault import envelope as crypto
from vault.envelope import DataKey, UnsealError
from vault.models import Envelope

anything = st.text(st.characters(), max_size=60)


@given(anything)
def test_what_was_sealed_opens_again(value: str) -> None:
    row, key = Envelope(), DataKey.generate()
    assert row.unseal(key, row.seal(key, value, "text"), "text") == value


def test_sealing_twice_gives_different_bytes() -> None:
    key = DataKey.generate()
    assert key.seal(b"same", "here") != key.seal(b"same", "here")


def test_another_key_opens_nothing() -> None:
    sealed = DataKey.generate().seal(b"value", "here")
    with pytest.raises(UnsealError):
        DataKey.generate().unseal(sealed, "here")


@pytest.mark.parametrize("place", ["another name", "another row"])
def test_a_moved_value_does_not_open(place: str) -> None:
    row, key = Envelope(), DataKey.generate()
    sealed = row.seal(key, "value", "text")
    reader, name = (row, "spans") if place == "another name" else (Envelope(), "text")
    with pytest.raises(UnsealError):
        reader.unseal(key, sealed, name)


def test_every_changed_byte_is_noticed() -> None:
    key = DataKey.generate()
    sealed = key.seal(b"value", "here")
    for index in range(len(sealed)):
        changed = bytearray(sealed)
        changed[index] ^= 1
        with pytest.raises(UnsealError):
            key.unseal(bytes(changed), "here")


@pytest.mark.parametrize("length", [0, 1, 5, 12, 13, 20, 28])
def test_a_cut_value_does_not_open(length: int) -> None:
    key = DataKey.generate()
    with pytest.raises(UnsealError):
        key.unseal(key.seal(b"", "here")[:length], "here")


def test_a_key_does_not_show_itself() -> None:
    key = DataKey.generate()
    assert key.secret.hex() not in f"{key!r} {key} {[key]}"
    assert repr(key.secret) not in repr(key)


@given(anything)
def test_any_text_can_be_asked_as_a_token(token: str) -> None:
    digest = crypto.token_digest(crypto.new_token())
    assert not crypto.token_matches(token, digest)


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare: Callable[[bytes, bytes], bool] = hmac.compare_digest

    def record(first: bytes, second: bytes) -> bool:
        compared.append((first, second))
        return compare(first, second)

    monkeypatch.setattr(hmac, "compare_digest", record)
    assert not Envelope().accepts_token("guess")
    assert len(compared) == 1
    assert len(compared[0][0]) == len(compared[0][1]) == 32


def test_tokens_are_long_and_differ() -> None:
    tokens = {crypto.new_token() for _ in range(200)}
    assert len(tokens) == 200
    assert all(len(token) >= 32 for token in tokens)


def test_the_digest_of_a_token_does_not_open_its_wrap() -> None:
    key, token = DataKey.generate(), crypto.new_token()
    wrap = crypto.wrap_for_token(key, token, "here")
    digest = crypto.token_digest(token)
    for guess in (digest.hex(), digest.decode("latin-1")):
        with pytest.raises(UnsealError):
            crypto.unwrap_with_token(wrap, guess, "here")
    assert crypto.unwrap_with_token(wrap, token, "here") == key


def test_service_values_open_with_an_older_key_that_is_still_configured(
    settings: Settings,
) -> None:
    settings.SERVICE_KEYS = {"old": bytes(32)}
    sealed = crypto.seal_for_service(b"secret", "here")
    settings.SERVICE_KEYS = {"new": bytes(range(32)), "old": bytes(32)}
    assert crypto.unseal_for_service(sealed, "here") == b"secret"
    settings.SERVICE_KEYS = {"new": bytes(range(32))}
    with pytest.raises(UnsealError):
        crypto.unseal_for_service(sealed, "here")


def test_a_service_value_of_another_place_does_not_open() -> None:
    with pytest.raises(UnsealError):
        crypto.unseal_for_service(crypto.seal_for_service(b"secret", "here"), "there")


@given(st.binary(max_size=80))
def test_garbage_is_no_service_value(garbage: bytes) -> None:
    with pytest.raises(UnsealError):
        crypto.unseal_for_service(garbage, "here")


def test_a_value_key_is_no_wrap_key() -> None:
    """A sealed cookie, which browsers hold, must not pass for a wrap, nor the other way round."""
    key = DataKey.generate()
    wrap = crypto.wrap_for_service(key, "here")
    passed_off = wrap.key_id.encode() + b":" + base64.urlsafe_b64encode(wrap.sealed)
    with pytest.raises(UnsealError):
        crypto.unseal_for_service(passed_off, "here")


@pytest.mark.django_db
class TestRows:
    """Wraps as they are stored."""

    def test_the_token_opens_the_key(self) -> None:
        row, key, token = Envelope.create()
        assert Envelope.objects.get(pk=row.pk).open_with_token(token) == key

    def test_another_token_opens_nothing(self) -> None:
        row, _, _ = Envelope.create()
        with pytest.raises(UnsealError):
            row.open_with_token(crypto.new_token())

    def test_the_token_is_stored_nowhere(self) -> None:
        row, key, token = Envelope.create()
        stored = Envelope.objects.filter(pk=row.pk).values().get()
        everything = b"".join(
            bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
            for value in stored.values()
        )
        assert token.encode() not in everything
        assert key.secret not in everything

    def test_a_new_token_stops_the_old_one(self) -> None:
        row, key, old = Envelope.create()
        new = row.renew_token(key)
        row.refresh_from_db()
        assert row.open_with_token(new) == key
        with pytest.raises(UnsealError):
            row.open_with_token(old)

    def test_a_forgotten_token_opens_nothing(self) -> None:
        row, _, token = Envelope.create()
        row.forget_token()
        row.refresh_from_db()
        assert not row.accepts_token(token)
        with pytest.raises(UnsealError):
            row.open_with_token(token)

    def test_a_forgotten_service_wrap_opens_nothing_but_the_token_does(self) -> None:
        row, key, token = Envelope.create()
        row.forget_service()
        row.refresh_from_db()
        with pytest.raises(UnsealError):
            row.open_for_service()
        assert row.open_with_token(token) == key

    def test_a_wrap_moved_to_another_row_does_not_open(self) -> None:
        row, _, token = Envelope.create()
        other, _, _ = Envelope.create()
        other.token_digest, other.token_wrap = row.token_digest, row.token_wrap
        other.service_wrap = row.service_wrap
        with pytest.raises(UnsealError):
            other.open_with_token(token)
        with pytest.raises(UnsealError):
            other.open_for_service()

    def test_half_a_wrap_is_refused_by_the_database(self) -> None:
        row, _, _ = Envelope.create()
        for change in ({"token_digest": None}, {"token_wrap": None}, {"service_wrap": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Envelope.objects.filter(pk=row.pk).update(**change)
