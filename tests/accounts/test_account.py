"""The account page: address, sessions, deleting it all."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from pastebin.models import Paste
from pastebin.services import create_paste
from tests.accounts.two_step_app import PASSWORD, is_signed_in, sign_in
from vault.models import Envelope


def test_page_shows_what_belongs_to_the_person(alice_client: Client) -> None:
    page = alice_client.get(reverse("account_settings")).content.decode()
    assert "<p>alice</p>" in page
    assert "alice@posteo.example" in page


def test_new_address_replaces_the_old_which_is_told(alice: User, alice_client: Client) -> None:
    alice_client.post(reverse("account_email"), {"email": "Ada@Posteo.example"})
    alice.refresh_from_db()
    assert alice.email == "ada@posteo.example"
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["ada@posteo.example"]
    assert [(m.to, m.subject) for m in mail.outbox] == [
        (["alice@posteo.example"], "Your address was changed")
    ]
    assert "ada@posteo.example" not in str(mail.outbox[0].body)
    assert not is_signed_in(sign_in(Client(), "alice@posteo.example"))
    assert is_signed_in(sign_in(Client(), "ada@posteo.example"))


def test_empty_address_removes_it(alice: User, alice_client: Client) -> None:
    alice_client.post(reverse("account_email"), {"email": ""})
    alice.refresh_from_db()
    assert alice.email == ""
    assert not EmailAddress.objects.exists()


def test_address_of_somebody_else_looks_like_any_other(charlie: User, alice_client: Client) -> None:
    answer = alice_client.post(reverse("account_email"), {"email": "charlie@posteo.example"})
    assert answer["Location"] == reverse("account_settings")
    assert is_signed_in(sign_in(Client(), "charlie@posteo.example"))


def test_address_needs_the_password_again(alice: User) -> None:
    stale = sign_in(Client(), "alice")
    answer = stale.post(reverse("account_email"), {"email": "eve@posteo.example"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    alice.refresh_from_db()
    assert alice.email == "alice@posteo.example"


def test_wrong_address_is_refused_in_a_sentence(alice_client: Client) -> None:
    page = alice_client.post(reverse("account_email"), {"email": "no address"}).content.decode()
    assert "Enter a valid email address." in page


def test_signing_out_elsewhere_keeps_this_session(alice: User, alice_client: Client) -> None:
    other = sign_in(Client(), "alice")
    alice_client.post(reverse("account_end_sessions"))
    assert is_signed_in(alice_client)
    assert not is_signed_in(other)


def test_signing_out_elsewhere_touches_nobody_else(
    alice_client: Client, charlie_client: Client
) -> None:
    alice_client.post(reverse("account_end_sessions"))
    assert is_signed_in(charlie_client)


def test_deleting_takes_pastes_and_their_keys(alice: User, charlie: User) -> None:
    browser = sign_in(Client(), "alice")
    for owner in (alice, charlie, None):
        create_paste(text="Call Ruben Smit.", owner=owner)
    answer = browser.post(reverse("account_delete"), {"password": PASSWORD})
    assert answer["Location"] == "/"
    assert not User.objects.filter(username="alice").exists()
    assert [paste.owner for paste in Paste.objects.order_by("owner")] == [charlie, None]
    assert Envelope.objects.count() == 2
    assert not EmailAddress.objects.filter(email__startswith="alice").exists()
    assert not is_signed_in(browser)
    assert "Your account was deleted" in browser.get("/").content.decode()


def test_deleting_needs_the_password(alice: User, alice_client: Client) -> None:
    answer = alice_client.post(reverse("account_delete"), {"password": "wrong words here"})
    assert "This is not your password." in answer.content.decode()
    assert User.objects.filter(pk=alice.pk).exists()


def test_password_of_an_open_session_cannot_be_guessed(alice: User, alice_client: Client) -> None:
    for name in ("account_delete", "account_reauthenticate"):
        for _ in range(5):
            last = alice_client.post(reverse(name), {"password": "wrong words here"})
        assert last.status_code == 429
    assert alice_client.post(reverse("account_delete"), {"password": PASSWORD}).status_code == 429
    assert User.objects.filter(pk=alice.pk).exists()
