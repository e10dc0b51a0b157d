"""Changing a password, and replacing a forgotten one by mail."""

from __future__ import annotations

import re
from smtplib import SMTPServerDisconnected
from typing import TYPE_CHECKING, Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.two_step_app import PASSWORD, is_signed_in, sign_in, turn_on_two_step

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

NEW = "eleven quiet reading rooms"


def ask_for_link(client: Client, email: str, **headers: str) -> Answer:
    return client.post(reverse("account_reset_password"), {"email": email}, headers=headers)


def link_in_mail() -> str:
    return re.search(r"http\S+/key/\S+", str(mail.outbox[-1].body))[0]  # type: ignore[index]


def set_password(client: Client, link: str, password: str = NEW) -> Answer:
    form = client.get(link.partition("//")[2].partition("/")[2].join(["/", ""]))
    return client.post(form["Location"], {"password1": password, "password2": password})


def test_link_sets_a_password_once(alice: User, client: Client) -> None:
    ask_for_link(client, "Alice@Posteo.example")
    message = mail.outbox[0]
    assert message.to == ["alice@posteo.example"]
    assert message.subject == "Set a new password"
    assert message.content_subtype == "plain"
    assert not getattr(message, "alternatives", [])
    link = link_in_mail()
    assert set_password(client, link).status_code == 302
    assert not is_signed_in(sign_in(Client(), "alice"))
    assert is_signed_in(sign_in(Client(), "alice", NEW))
    assert "no longer valid" in client.get(link).content.decode()


def test_link_is_made_from_the_configured_address(
    alice: User, client: Client, settings: Settings
) -> None:
    settings.PUBLIC_URL = "https://paste.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    ask_for_link(client, "alice@posteo.example", host="evil.example")
    assert link_in_mail().startswith("https://paste.example.org/accounts/password/reset/key/")
    assert "evil" not in str(mail.outbox[0].message())


def test_foreign_host_gets_no_mail_out(alice: User, client: Client) -> None:
    assert ask_for_link(client, "alice@posteo.example", host="evil.example").status_code == 400
    assert mail.outbox == []


def test_known_and_unknown_addresses_get_the_same_answer(alice: User) -> None:
    answers = [
        ask_for_link(Client(), email) for email in ("alice@posteo.example", "no@posteo.example")
    ]
    assert [(a.status_code, a["Location"], a.content) for a in answers] == [
        (302, reverse("account_reset_password_done"), b"")
    ] * 2
    # One mail each, so that both take as long; only who reads the mailbox can tell them apart.
    assert [m.to for m in mail.outbox] == [["alice@posteo.example"], ["no@posteo.example"]]
    assert "/key/" not in str(mail.outbox[1].body)
    assert "alice" not in str(mail.outbox[1].body)


@pytest.mark.parametrize("email", ["alice@posteo.example", "no@posteo.example"])
def test_failing_mail_server_is_told_to_everybody_alike(
    alice: User,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    email: str,
) -> None:
    settings.EMAIL_URL = "smtp://localhost"

    def fail(*args: Any) -> int:
        raise SMTPServerDisconnected

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    answer = ask_for_link(client, email)
    assert answer.status_code == 503
    page = answer.content.decode()
    assert "The mail could not be sent" in page
    assert "sends no mail" not in page


def test_mailbox_is_not_flooded(alice: User) -> None:
    answers = [ask_for_link(Client(), "alice@posteo.example").status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_new_password_signs_out_everywhere_and_keeps_the_second_step(
    alice: User, alice_client: Client
) -> None:
    turn_on_two_step(alice_client)
    ask_for_link(Client(), "alice@posteo.example")
    set_password(Client(), link_in_mail())
    assert not is_signed_in(alice_client)
    answer = Client().post(reverse("account_login"), {"login": "alice", "password": NEW})
    assert answer["Location"] == reverse("mfa_authenticate")


def test_new_password_ends_a_lockout(alice: User) -> None:
    for _ in range(5):
        sign_in(Client(), "alice", "wrong words here")
    assert not is_signed_in(sign_in(Client(), "alice"))
    ask_for_link(Client(), "alice@posteo.example")
    set_password(Client(), link_in_mail())
    assert is_signed_in(sign_in(Client(), "alice", NEW))


def test_link_of_one_person_sets_no_password_of_another(alice: User, charlie: User) -> None:
    ask_for_link(Client(), "charlie@posteo.example")
    forged = link_in_mail().replace(
        f"/{user_pk_to_url_str(charlie)}-", f"/{user_pk_to_url_str(alice)}-"
    )
    assert forged != link_in_mail()
    page = Client().get("/" + forged.split("/", 3)[3])
    assert "no longer valid" in page.content.decode()


def change(client: Client, old: str, new: str = NEW) -> Answer:
    return client.post(
        reverse("account_change_password"),
        {"oldpassword": old, "password1": new, "password2": new},
    )


def test_change_keeps_this_session_and_ends_the_others(alice_client: Client) -> None:
    other = sign_in(Client(), "alice")
    assert change(alice_client, PASSWORD)["Location"] == reverse("account_settings")
    assert is_signed_in(alice_client)
    assert not is_signed_in(other)
    assert mail.outbox[-1].subject == "Your password was changed"


def test_change_needs_the_password_of_now(alice_client: Client) -> None:
    answer = change(alice_client, "wrong words here")
    assert "This is not your password." in answer.content.decode()
    assert is_signed_in(sign_in(Client(), "alice"))
