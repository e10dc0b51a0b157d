"""Every address of the accounts, faced by the owner, a stranger and nobody."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import urls
from accounts.models import User
from tests.accounts.two_step_app import sign_in, turn_on_two_step

KEY = {"uidb36": "1", "key": "x-y"}
# name: what GET answers to nobody, and to somebody signed in
PAGES: dict[str, tuple[int, int]] = {
    "account_settings": (302, 200),
    "account_email": (302, 200),
    "account_end_sessions": (405, 405),
    "account_sessions": (302, 200),
    "account_end_session": (405, 405),
    "account_export": (302, 200),
    "account_delete": (302, 200),
    "account_keys": (302, 200),
    "account_key_rotate": (405, 405),
    "account_key_revoke": (405, 405),
    "account_signup": (200, 302),
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (200, 200),
    "account_reauthenticate": (302, 200),
    "account_change_password": (302, 200),
    "account_reset_password": (200, 200),
    "account_reset_password_done": (200, 200),
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": (200, 200),
    "mfa_index": (302, 302),
    "account_set_password": (302, 302),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 200),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 200),
}
NEEDS_SOMEBODY = [name for name, (nobody, _) in PAGES.items() if nobody == 302]
CHANGES = (
    "account_email", "account_end_sessions", "account_delete", "account_change_password",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes", "account_keys",
    "account_key_rotate", "account_key_revoke", "account_end_session", "account_export",
)  # fmt: skip


def address(name: str) -> str:
    return reverse(name, kwargs=KEY if name == "account_reset_password_from_key" else None)


def test_every_address_is_in_the_table() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.django_db
def test_nobody_gets_the_page_or_the_way_to_sign_in(client: Client, name: str) -> None:
    answer = client.get(address(name))
    assert answer.status_code == PAGES[name][0]
    if name in NEEDS_SOMEBODY and name not in {
        "account_logout",
        "account_set_password",
        "mfa_index",
    }:
        assert answer["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_stranger_sees_nothing_of_the_owner(
    alice_client: Client, charlie_client: Client, name: str
) -> None:
    turn_on_two_step(alice_client)
    answer = charlie_client.get(address(name))
    assert answer.status_code == PAGES[name][1]
    assert b"alice" not in answer.content


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.django_db
def test_nobody_changes_nothing(alice: User, client: Client, name: str) -> None:
    answer = client.post(address(name), {"password": "x", "email": "eve@posteo.example"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
    alice.refresh_from_db()
    assert (alice.email, alice.session_generation) == ("alice@posteo.example", 0)


@pytest.mark.parametrize("name", CHANGES)
def test_form_of_another_site_changes_nothing(alice: User, name: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.post(address(name), {"email": "eve@posteo.example"}).status_code == 403


@pytest.mark.parametrize("name", CHANGES)
def test_pages_are_kept_by_no_cache(alice_client: Client, name: str) -> None:
    assert "no-store" in alice_client.get(address(name))["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "confirm-email/", "confirm-email/abc/", "password/set/", "login/code/",
        "login/code/confirm/", "social/connections/", "two-step/codes/download/", "2fa/",
    ],
)  # fmt: skip
def test_unused_addresses_of_the_library_are_not_there(alice_client: Client, path: str) -> None:
    assert alice_client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.django_db
def test_deactivated_person_is_told_so_only_with_the_right_password(alice: User) -> None:
    alice.is_active = False
    alice.save(update_fields=["is_active"])
    right = Client().post(
        reverse("account_login"), {"login": "alice", "password": "paper ink and seven bars"}
    )
    wrong = Client().post(reverse("account_login"), {"login": "alice", "password": "no"})
    assert right["Location"] == reverse("account_inactive")
    assert wrong.status_code == 200
    assert sign_in(Client(), "alice").get(reverse("account_settings")).status_code == 302
