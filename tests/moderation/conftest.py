"""Fixtures: the cast, pastes and documents, staff, and limits that no earlier test has used up."""

from __future__ import annotations

import uuid

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.cast import alice, charlie, fresh_status, visitors
from tests.documents.world import make_document
from tests.pastebin.world import detector, make, scan
from tests.permissions import permissions
from tests.workspaces.cast import team

__all__ = (
    "alice",
    "charlie",
    "detector",
    "fresh_status",
    "make",
    "make_document",
    "permissions",
    "scan",
    "team",
    "visitors",
)


@pytest.fixture(autouse=True)
def _fresh_limits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Count reports apart from other tests, and switch the admin on."""
    settings.ADMIN = True
    monkeypatch.setattr("accounts.quotas._KEY", f"blackbar:quota:{uuid.uuid4().hex}:")


@pytest.fixture
def staff(permissions: None) -> User:
    """A superuser with a second factor."""
    person = User.objects.create_user("sam", is_staff=True, is_superuser=True)
    _with_second_factor(person)
    return person


@pytest.fixture
def staff_client(staff: User) -> Client:
    """A browser in which staff is signed in."""
    browser = Client()
    browser.force_login(staff)
    return browser


@pytest.fixture
def reader_client(permissions: None) -> Client:
    """A browser of staff who may see reports and not handle them."""
    person = User.objects.create_user("lena", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_report"))
    _with_second_factor(person)
    browser = Client()
    browser.force_login(person)
    return browser


def _with_second_factor(person: User) -> None:
    TOTP.activate(person, generate_totp_secret())
