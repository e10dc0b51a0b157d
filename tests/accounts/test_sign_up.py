"""Making an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from tests.accounts.two_step_app import PASSWORD, is_signed_in, sign_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer


def sign_up(client: Client, name: str, email: str = "", password: str = PASSWORD) -> Answer:
    data = {"username": name, "email": email, "password1": password, "password2": password}
    return client.post(reverse("account_signup"), data)


@pytest.mark.django_db
def test_email_is_not_needed(client: Client) -> None:
    assert sign_up(client, "Ada.Lovelace")["Location"] == "/"
    assert is_signed_in(client)
    assert User.objects.get().email == ""


def test_known_address_looks_like_any_other(alice: User) -> None:
    known, unknown = Client(), Client()
    answers = [
        sign_up(known, "eve", "Alice@Posteo.example"),
        sign_up(unknown, "dan", "dan@posteo.example"),
    ]
    assert [(a.status_code, a["Location"], a.content) for a in answers] == [(302, "/", b"")] * 2
    assert mail.outbox == []
    assert is_signed_in(known)
    # The shared address opens to each only their own account.
    assert sign_in(Client(), "alice@posteo.example").get("/accounts/").status_code == 200


def test_taking_somebodys_address_gives_no_way_into_their_account(alice: User) -> None:
    sign_up(Client(), "eve", "alice@posteo.example", "another password of eve")
    browser = sign_in(Client(), "alice@posteo.example", "another password of eve")
    page = browser.get(reverse("account_settings")).content.decode()
    assert "<p>eve</p>" in page
    assert "<p>alice</p>" not in page


@pytest.mark.parametrize(
    "name",
    [
        "alice",
        "ALICE",
        "ａｌｉｃｅ",
        "alice@posteo.example",
        "two words",
        "",
        "x" * 41,
        "a\u202eb",
        "<b>",
    ],
)
def test_unfit_name_is_refused(alice: User, client: Client, name: str) -> None:
    answer = sign_up(client, name)
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert User.objects.count() == 1


def test_database_knows_one_person_of_a_name(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("Alice")


@pytest.mark.parametrize("password", ["short", "password123", "9481048201", "ada.lovelace"])
@pytest.mark.django_db
def test_weak_password_is_refused(client: Client, password: str) -> None:
    assert sign_up(client, "ada.lovelace", password=password).status_code == 200
    assert not User.objects.exists()


@pytest.mark.django_db
def test_typing_error_keeps_the_name_and_drops_the_password(client: Client) -> None:
    data = {"username": "ada", "email": "", "password1": PASSWORD, "password2": "other words here"}
    page = client.post(reverse("account_signup"), data).content.decode()
    assert 'value="ada"' in page
    assert PASSWORD not in page


@pytest.mark.django_db
def test_closed_server_says_so_and_makes_nothing(settings: Settings, client: Client) -> None:
    settings.SIGNUP_OPEN = False
    for answer in (client.get(reverse("account_signup")), sign_up(client, "ada")):
        assert "Accounts are made by hand here" in answer.content.decode()
    assert not User.objects.exists()
    assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()


@pytest.mark.django_db
def test_many_accounts_from_one_address_are_slowed_down() -> None:
    answers = [sign_up(Client(), f"ada{n}").status_code for n in range(21)]
    assert answers == [302] * 20 + [429]
