"""How often: by network and by account, with what was typed, and with Valkey away."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from accounts.pace import too_often
from accounts.quotas import DAY, Limit
from documents.formats.model import Kind
from documents.models import Document
from documents.services import create_document
from pastebin.models import Paste
from pastebin.services import create_paste
from tests.accounts.two_step_app import PASSWORD

pytestmark = pytest.mark.django_db
HERE, THERE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "198.51.100.7"}
FORM = {
    "title": "Minutes",
    "text": "What <b>was</b> typed",
    "expires": "1d",
    "style": "mask",
    "operating_point": "high_recall",
}
NOWHERE = "redis://127.0.0.1:1/0"


def _file(name: str = "a.txt") -> dict[str, Any]:
    return FORM | {"file": SimpleUploadedFile(name, b"Nothing to hide here.")}


def _assert_later(answer: Any) -> str:
    page = str(answer.content.decode())
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= DAY
    assert re.search(r"more often than this server allows", page)
    assert re.search(r"again in \d+ (?:second|minute|hour)", page)
    return page


@pytest.mark.parametrize(
    ("setting", "view", "fields", "shown"),
    [
        ("SIGN_INS_PER_MINUTE", "account_login", {"login": "ada <b>"}, "ada &lt;b&gt;"),
        (
            "SIGN_UPS_PER_HOUR",
            "account_signup",
            {"username": "ada", "email": "ada@posteo.example"},
            "ada@posteo.example",
        ),
        (
            "PASSWORD_MAILS_PER_HOUR",
            "account_reset_password",
            {"email": "ada@posteo.example"},
            "ada@posteo.example",
        ),
    ],
)
def test_a_form_of_accounts_waits_and_keeps_what_was_typed(
    client: Client, settings: Settings, setting: str, view: str, fields: dict[str, str], shown: str
) -> None:
    setattr(settings, setting, 2)
    sent = fields | {"password": PASSWORD, "password1": PASSWORD, "password2": "another one"}
    for _ in range(2):
        assert client.post(reverse(view), sent, **HERE).status_code in {200, 302}
    page = _assert_later(client.post(reverse(view), sent, **HERE))
    assert shown in page
    assert PASSWORD not in page
    assert client.get(reverse(view), **HERE).status_code == 200
    assert client.post(reverse(view), sent, **THERE).status_code in {200, 302}


def test_nought_is_no_limit(client: Client, settings: Settings) -> None:
    settings.SIGN_INS_PER_MINUTE = 0
    settings.REDIS_URL = NOWHERE
    answer = client.post(reverse("account_login"), {"login": "a", "password": "b"})
    assert answer.status_code == 200


def test_nobody_signs_in_uncounted(client: Client, alice: User, settings: Settings) -> None:
    settings.REDIS_URL = NOWHERE
    fields = {"login": "alice", "password": PASSWORD}
    answer = client.post(reverse("account_login"), fields)
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "sessionid" not in client.cookies


def test_pastes_of_one_network_wait_and_nothing_is_lost(settings: Settings) -> None:
    settings.POSTS_PER_MINUTE, settings.ACCOUNT_POSTS_PER_MINUTE = 1, 1
    assert Client().post("/", FORM, **HERE).status_code == 302
    page = _assert_later(Client().post("/", FORM, **HERE))
    assert "What &lt;b&gt;was&lt;/b&gt; typed</textarea>" in page
    assert 'value="Minutes"' in page
    for chosen in ("1d", "mask", "high_recall"):
        assert f'<option value="{chosen}" selected>' in page
    assert Paste.objects.count() == 1
    assert Client().post("/", FORM, **THERE).status_code == 302


def test_documents_count_with_pastes(settings: Settings) -> None:
    settings.POSTS_PER_MINUTE = 1
    assert Client().post("/", FORM, **HERE).status_code == 302
    _assert_later(Client().post("/documents/", _file(), **HERE))
    answer = Client().post("/documents/", _file(), HTTP_ACCEPT="application/json", **HERE)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_often")
    assert int(answer["Retry-After"]) > 0
    assert not Document.objects.exists()


def test_an_account_has_its_own_count(alice: User, charlie: User, settings: Settings) -> None:
    settings.POSTS_PER_MINUTE, settings.ACCOUNT_POSTS_PER_MINUTE = 1, 2
    browsers = {person: Client() for person in (alice, charlie)}
    for person, browser in browsers.items():
        browser.force_login(person)
    assert Client().post("/", FORM, **HERE).status_code == 302
    for address in (HERE, THERE):
        assert browsers[alice].post("/", FORM, **address).status_code == 302
    page = _assert_later(browsers[alice].post("/", FORM, **HERE))
    assert "With your account" in page
    assert browsers[charlie].post("/", FORM, **HERE).status_code == 302


def test_what_is_refused_for_its_content_does_not_count(settings: Settings) -> None:
    settings.POSTS_PER_MINUTE = 1
    assert Client().post("/", FORM | {"text": ""}, **HERE).status_code == 422
    assert Client().post("/", FORM, **HERE).status_code == 302


def test_a_day_s_count_outlives_valkey(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.POSTS_PER_DAY = 1
    assert Client().post("/", FORM, **HERE).status_code == 302
    monkeypatch.setattr("accounts.quotas._KEY", "blackbar:quota:lost:")
    _assert_later(Client().post("/", FORM, **HERE))


def test_posts_and_links_go_on_without_valkey(settings: Settings) -> None:
    """Pages answer from the database then; see also tests/pastebin/test_outage.py."""
    created = create_paste(text="Nothing to hide.")
    settings.POSTS_PER_MINUTE = settings.WRONG_LINKS_PER_MINUTE = 1
    settings.REDIS_URL = NOWHERE
    for _ in range(2):
        assert Client().post("/", FORM, **HERE).status_code == 302
        wrong = Client().get(f"/view/{created.paste.pid}?token=wrong", **HERE)
        assert wrong.status_code == 200
    right = Client().get(f"/view/{created.paste.pid}?token={created.token}", **HERE)
    assert right.status_code == 302


@pytest.mark.parametrize("path", ["/view/{}", "/documents/{}", "/images/{}"])
def test_wrong_links_wait_and_right_ones_never(settings: Settings, path: str) -> None:
    settings.WRONG_LINKS_PER_MINUTE = 3
    if path.startswith("/view"):
        made = create_paste(text="Nothing to hide.")
        pid, token = made.paste.pid, made.token
    else:
        document = create_document(content=b"Nothing to hide.", name="a.txt")
        pid, token = document.document.pid, document.token
    if path.startswith("/images"):
        Document.objects.update(kind=Kind.PICTURE)
    address = path.format(pid)
    for guess in range(3):
        assert Client().get(f"{address}?token={guess}", **HERE).status_code in {200, 302}
    _assert_later(Client().get(f"{address}?token=again", **HERE))
    opened = Client().get(f"{address}?token={token}", **HERE)
    assert opened.status_code == 302
    assert opened["Location"].endswith("/original")
    assert Client().get(f"{address}?token=wrong", **THERE).status_code in {200, 302}
    # The public page itself is never counted.
    assert Client().get(address, **HERE).status_code in {200, 302}


def test_whoever_fails_as_alice_does_not_lock_her_out(alice: User) -> None:
    """Neither by her name, nor by her address, nor by asking for mails in her name."""
    for name in ("alice", "alice@posteo.example"):
        for _ in range(12):
            Client().post(reverse("account_login"), {"login": name, "password": "a guess"}, **THERE)
    for _ in range(8):
        Client().post(reverse("account_reset_password"), {"email": "alice@posteo.example"}, **THERE)
    for name in ("alice", "alice@posteo.example"):
        answer = Client().post(
            reverse("account_login"), {"login": name, "password": PASSWORD}, **HERE
        )
        assert answer.status_code == 302, name


def test_the_sentence_says_how_long() -> None:
    assert "From your network" in too_often(Limit("a", "visitor x", 1, DAY))
    assert "With your account" in too_often(Limit("a", "user 7", 1, DAY))
