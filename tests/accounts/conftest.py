"""The cast, and rate limits that no earlier test has used up."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from pytest_django import Settings

from tests.accounts.two_step_app import NOW_SECONDS, PASSWORD, sign_in

if TYPE_CHECKING:
    from accounts.models import User


@pytest.fixture(autouse=True)
def _fresh_limits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count requests apart from other tests, and hash passwords quickly."""
    monkeypatch.setattr("accounts.quotas._KEY", f"blackbar:quota:{uuid.uuid4().hex}:")
    # No minute ends within a test.
    begun = time.time() // 60 * 60
    monkeypatch.setattr("accounts.quotas.time", SimpleNamespace(time=lambda: begun))
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let codes of authenticator apps be checked at one moment."""
    clock = SimpleNamespace(time=lambda: NOW_SECONDS)
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", clock)


@pytest.fixture
def make_person(db: None) -> Callable[..., User]:
    """Return a function that makes an account."""
    # Not above: this file may be loaded before Django is set up.
    from accounts.models import User
    from accounts.services import change_email

    def make(name: str, email: str = "") -> User:
        person = User.objects.create_user(name, password=PASSWORD)
        change_email(user=person, email=email)
        return person

    return make


@pytest.fixture
def alice(make_person: Callable[..., User]) -> User:
    """The owner."""
    return make_person("alice", "alice@posteo.example")


@pytest.fixture
def charlie(make_person: Callable[..., User]) -> User:
    """A stranger with an account of his own."""
    return make_person("charlie", "charlie@posteo.example")


@pytest.fixture
def alice_client(alice: User) -> Client:
    """A browser in which alice is signed in, having shown her password a moment ago."""
    return sign_in(Client(), "alice", confirm=True)


@pytest.fixture
def charlie_client(charlie: User) -> Client:
    """A browser in which charlie is signed in, likewise."""
    return sign_in(Client(), "charlie", confirm=True)
