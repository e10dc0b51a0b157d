"""Signing in and out."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import hashers
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from tests.accounts.two_step_app import PASSWORD, is_signed_in, sign_in

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

WRONG = "not her password"


def try_to_sign_in(name: str, password: str, address: str = "192.0.2.1") -> Answer:
    return Client(REMOTE_ADDR=address).post(
        reverse("account_login"), {"login": name, "password": password}
    )


def without_what_was_typed(answer: Answer, typed: str) -> str:
    page = answer.content.decode().replace(typed, "NAME")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', "", page)


def steady_headers(answer: Answer) -> dict[str, str]:
    return {k: v for k, v in answer.items() if k not in {"Content-Length", "Expires"}}


@pytest.mark.parametrize(
    "name", ["alice", "ALICE", " alice ", "alice@posteo.example", "Alice@Posteo.example"]
)
def test_name_and_email_both_sign_in(alice: User, client: Client, name: str) -> None:
    assert is_signed_in(sign_in(client, name))


def test_session_gets_a_new_key(alice: User, client: Client) -> None:
    client.get(reverse("account_login"))
    client.post(reverse("account_login"), {"login": "alice", "password": WRONG})
    session = client.session
    session["left"] = "behind"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = str(before)
    sign_in(client, "alice")
    assert client.session.session_key != before
    assert not Session.objects.filter(session_key=before).exists()


@pytest.mark.parametrize("remember", [True, False])
def test_session_ends_with_the_browser_unless_asked(
    alice: User, client: Client, remember: bool
) -> None:
    data = {"login": "alice", "password": PASSWORD} | ({"remember": "on"} if remember else {})
    client.post(reverse("account_login"), data)
    assert bool(client.cookies["sessionid"]["max-age"]) is remember


@pytest.mark.parametrize("name", ["\0", "a\0lice", "x" * 100_000, "\u202ealice", "' OR 1=1", "%"])
def test_strange_names_are_just_wrong(alice: User, name: str) -> None:
    answer = try_to_sign_in(name, PASSWORD)
    assert answer.status_code == 200
    assert answer.content.count(b'<main id="main"') == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example",
        "javascript:alert(1)", "http://localhost/pastes/", "\x08//evil.example", "///evil.example",
    ],
)  # fmt: skip
def test_next_never_leaves_this_host(alice: User, client: Client, target: str) -> None:
    for data in ({"next": target}, {}):
        address = reverse("account_login")
        if not data:
            address += f"?next={target}"
        answer = client.post(address, {"login": "alice", "password": PASSWORD} | data)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        answer = client.post(reverse("account_logout"), data)
        assert answer["Location"] == "/"


def test_next_on_this_host_is_followed(alice: User, client: Client) -> None:
    data = {"login": "alice", "password": PASSWORD, "next": "/pastes/"}
    assert client.post(reverse("account_login"), data)["Location"] == "/pastes/"


@pytest.mark.parametrize(
    "pair", [("alice", "nobody"), ("alice@posteo.example", "no@posteo.example")]
)
def test_known_and_unknown_names_get_the_same_answer(alice: User, pair: tuple[str, str]) -> None:
    for _ in range(6):  # through to the lockout
        known, unknown = (try_to_sign_in(name, WRONG) for name in pair)
        assert known.status_code == unknown.status_code
        pages = (without_what_was_typed(known, pair[0]), without_what_was_typed(unknown, pair[1]))
        assert pages[0] == pages[1]
        assert steady_headers(known) == steady_headers(unknown)
    assert known.status_code == 429


@pytest.mark.parametrize("name", ["alice", "alice@posteo.example", "nobody", "no@posteo.example"])
def test_each_try_costs_one_password_hash(
    alice: User, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    hashed = []
    encode = hashers.MD5PasswordHasher.encode

    def counting(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counting)
    try_to_sign_in(name, WRONG)
    assert hashed == [WRONG]


def test_sixth_try_is_refused_even_with_the_right_password(alice: User) -> None:
    answers = [try_to_sign_in("alice", WRONG).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 200, 429]
    locked = try_to_sign_in("alice", PASSWORD)
    assert (locked.status_code, locked["Retry-After"]) == (429, "900")
    assert "paused for 15 minutes" in locked.content.decode()


def test_lockout_reaches_neither_other_addresses_nor_other_names(
    alice: User, charlie: User
) -> None:
    for _ in range(5):
        try_to_sign_in("alice", WRONG)
    assert try_to_sign_in("alice", PASSWORD, "198.51.100.7").status_code == 302
    assert try_to_sign_in("charlie", PASSWORD).status_code == 302


def test_lockout_counts_one_ipv6_network_as_one_address(alice: User) -> None:
    for host in range(5):
        try_to_sign_in("alice", WRONG, f"2001:db8::{host + 1}")
    assert try_to_sign_in("alice", PASSWORD, "2001:db8::ffff").status_code == 429
    assert try_to_sign_in("alice", PASSWORD, "2001:db8:0:1::1").status_code == 302


def test_lockout_ends_by_itself(alice: User) -> None:
    for _ in range(5):
        try_to_sign_in("alice", WRONG)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert try_to_sign_in("alice", PASSWORD).status_code == 302


def test_success_forgets_the_failures_from_there(alice: User) -> None:
    for name in ("alice", "alice@posteo.example"):
        for _ in range(4):
            try_to_sign_in(name, WRONG)
    try_to_sign_in("alice", PASSWORD)
    for name in ("alice", "alice@posteo.example"):
        assert try_to_sign_in(name, WRONG).status_code == 200


def test_what_was_typed_is_not_stored(alice: User) -> None:
    try_to_sign_in("hunter2 typed into the wrong field", WRONG)
    row = AccessAttempt.objects.get()
    stored = " ".join(str(getattr(row, field.name)) for field in row._meta.fields)
    assert "hunter2" not in stored
    assert WRONG not in stored


def test_many_tries_from_one_address_are_slowed_down(alice: User) -> None:
    answers = [try_to_sign_in(f"guess{n}", WRONG).status_code for n in range(31)]
    assert set(answers[:30]) == {200}
    assert answers[30] == 429


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
@pytest.mark.django_db
def test_without_the_cache_server_the_page_says_so(
    settings: Settings, client: Client, name: str
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get(reverse(name)).status_code == 200
    data = {"login": "a", "password": "b", "email": "a@posteo.example"}
    answer = client.post(reverse(name), data)
    assert answer.status_code == 503
    assert "Traceback" not in answer.content.decode()
    assert "not running" in answer.content.decode()


def test_sign_out_needs_a_post_and_kills_the_session(alice_client: Client) -> None:
    key = alice_client.session.session_key
    assert alice_client.get(reverse("account_logout")).status_code == 200
    assert is_signed_in(alice_client)
    alice_client.post(reverse("account_logout"))
    assert not is_signed_in(alice_client)
    assert not Session.objects.filter(session_key=key).exists()
