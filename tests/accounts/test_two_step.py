"""Two-step verification: on, in use, off."""

from __future__ import annotations

import base64
import re
import secrets
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.two_step_app import code_of, is_signed_in, sign_in, turn_on_two_step
from vault.envelope import UnsealError, current_service_key_id
from vault.rotation import rotate_service_key

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def second_step(client: Client, code: str) -> Answer:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def everything_stored() -> str:
    """Return all rows of all tables as text, sessions decoded."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    return "\n".join(rows + [str(session.get_decoded()) for session in Session.objects.all()])


def test_password_alone_no_longer_signs_in(alice_client: Client) -> None:
    secret, _ = turn_on_two_step(alice_client)
    browser = sign_in(Client(), "alice")
    assert not is_signed_in(browser)
    assert second_step(browser, code_of(secret))["Location"] == "/"
    assert is_signed_in(browser)


def test_code_works_once(alice_client: Client) -> None:
    secret, _ = turn_on_two_step(alice_client)
    code = code_of(secret)
    second_step(sign_in(Client(), "alice"), code)
    replay = sign_in(Client(), "alice")
    assert second_step(replay, code).status_code == 200
    assert not is_signed_in(replay)


@pytest.mark.parametrize("steps", [-4, 4])
def test_code_of_another_time_is_refused(alice_client: Client, steps: int) -> None:
    secret, _ = turn_on_two_step(alice_client)
    browser = sign_in(Client(), "alice")
    assert (
        "wrong or has run out"
        in second_step(browser, code_of(secret, steps=steps)).content.decode()
    )
    assert not is_signed_in(browser)


def test_guessing_codes_is_stopped(alice_client: Client) -> None:
    secret, _ = turn_on_two_step(alice_client)
    browser = sign_in(Client(), "alice")
    for _ in range(6):
        last = second_step(browser, code_of(secret, steps=40))
    assert "Too many tries" in last.content.decode()
    assert second_step(browser, code_of(secret)).status_code == 200
    assert not is_signed_in(browser)


def test_second_step_without_the_first_leads_nowhere(alice_client: Client) -> None:
    secret, _ = turn_on_two_step(alice_client)
    browser = Client()
    assert second_step(browser, code_of(secret))["Location"].startswith(reverse("account_login"))
    assert not is_signed_in(browser)


def test_session_gets_a_new_key_after_the_second_step(alice_client: Client) -> None:
    secret, _ = turn_on_two_step(alice_client)
    browser = sign_in(Client(), "alice")
    before = browser.session.session_key
    second_step(browser, code_of(secret))
    assert browser.session.session_key != before


def test_recovery_codes_are_shown_once_and_work_once(alice_client: Client) -> None:
    _, codes = turn_on_two_step(alice_client)
    assert len(set(codes)) == 10
    again = alice_client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in codes)
    assert second_step(sign_in(Client(), "alice"), codes[3]).status_code == 302
    assert second_step(sign_in(Client(), "alice"), codes[3]).status_code == 200
    assert "9 recovery codes left" in alice_client.get(reverse("account_settings")).content.decode()


def test_new_recovery_codes_replace_the_old(alice_client: Client) -> None:
    _, old = turn_on_two_step(alice_client)
    page = alice_client.post(reverse("mfa_generate_recovery_codes"), follow=True).content.decode()
    new = re.findall(r"<li>(\d{8})</li>", page)
    assert len(new) == 10
    assert not set(old) & set(new)
    assert second_step(sign_in(Client(), "alice"), old[0]).status_code == 200
    assert second_step(sign_in(Client(), "alice"), new[0]).status_code == 302


def test_secrets_are_sealed_in_the_database(alice_client: Client) -> None:
    page = alice_client.get(reverse("mfa_activate_totp")).content.decode()
    waiting = re.search(r'id="key">([A-Z2-7]+)<', page)[1]  # type: ignore[index]
    assert waiting not in everything_stored()
    secret, codes = turn_on_two_step(alice_client)
    stored = everything_stored()
    raw = base64.b32decode(secret)
    for form in (secret, raw.hex(), base64.b64encode(raw).decode(), *codes):
        assert form not in stored
    sealed = Authenticator.objects.get(type="totp").data["secret"]
    assert sealed.startswith(f"{current_service_key_id()}:")


def test_qr_code_needs_no_inline_style_or_script(alice_client: Client) -> None:
    page = alice_client.get(reverse("mfa_activate_totp")).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    assert " style=" not in page
    assert not re.search(r"<script(?![^>]* src=)", page)


def test_wrong_first_code_keeps_the_secret(alice_client: Client) -> None:
    first = alice_client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="key">([A-Z2-7]+)<', first)[1]  # type: ignore[index]
    second = alice_client.post(reverse("mfa_activate_totp"), {"code": "000000"}).content.decode()
    assert f'id="key">{secret}<' in second
    alice_client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.parametrize(
    "name", ["mfa_activate_totp", "mfa_deactivate_totp", "mfa_generate_recovery_codes"]
)
def test_changes_ask_for_the_password_again(alice_client: Client, name: str) -> None:
    secret, _ = turn_on_two_step(alice_client)
    stale = sign_in(Client(), "alice")
    second_step(stale, code_of(secret))
    assert is_signed_in(stale)
    answer = stale.post(reverse(name), {"code": code_of(secret)})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.django_db(transaction=True)
def test_turning_off_leaves_nothing_behind_and_is_told(alice_client: Client) -> None:
    turn_on_two_step(alice_client)
    alice_client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()
    assert is_signed_in(sign_in(Client(), "alice"))
    assert [m.subject for m in mail.outbox] == [
        "Two-step verification is on",
        "Two-step verification is off",
    ]


def test_stranger_cannot_turn_off_what_is_not_his(
    alice_client: Client, charlie_client: Client
) -> None:
    turn_on_two_step(alice_client)
    assert charlie_client.post(reverse("mfa_deactivate_totp")).status_code == 404
    assert Authenticator.objects.filter(user__username="alice", type="totp").exists()


def test_rotation_seals_second_factors_anew(alice_client: Client, settings: Settings) -> None:
    secret, codes = turn_on_two_step(alice_client)
    settings.SERVICE_KEYS = {"next": secrets.token_bytes(32)} | settings.SERVICE_KEYS
    assert rotate_service_key() == 2
    settings.SERVICE_KEYS = {"next": settings.SERVICE_KEYS["next"]}
    assert second_step(sign_in(Client(), "alice"), code_of(secret)).status_code == 302
    assert second_step(sign_in(Client(), "alice"), codes[0]).status_code == 302
    assert rotate_service_key() == 0
    settings.SERVICE_KEYS = {"lost": secrets.token_bytes(32)}
    with pytest.raises(UnsealError):
        rotate_service_key()


def test_command_helps_who_lost_everything(alice_client: Client, alice: User) -> None:
    turn_on_two_step(alice_client)
    call_command("turn_off_two_step", "Alice")
    assert not is_signed_in(alice_client)
    assert is_signed_in(sign_in(Client(), "alice"))
    with pytest.raises(CommandError, match="not on"):
        call_command("turn_off_two_step", "alice")
    with pytest.raises(CommandError, match="no account"):
        call_command("turn_off_two_step", "nobody")
