"""Sessions and devices: noted in plain words, seen now and then, ended one by one or all."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import devices
from accounts.models import Device, User
from tests.accounts.two_step_app import PASSWORD, is_signed_in, sign_in

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)


def browser(user_agent: str, address: str = "192.0.2.7") -> Client:
    return Client(headers={"User-Agent": user_agent}, REMOTE_ADDR=address)


def page(client: Client) -> str:
    return " ".join(client.get(reverse("account_sessions")).content.decode().split())


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.6 Safari/605.1.15",
         "Safari on Mac"),
        ("python-httpx/0.28", "A program"),
        ("", "An unknown device"),
        ("<script>" * 100, "An unknown device"),
    ],
)  # fmt: skip
def test_a_device_is_named_in_plain_words(user_agent: str, words: str) -> None:
    assert devices.summary_of(user_agent) == words


def test_signing_in_notes_the_device_and_nothing_more_of_it(alice: User) -> None:
    sign_in(browser(FIREFOX), "alice")
    (row,) = Device.objects.values()
    assert (row["summary"], row["address"], row["user_id"]) == (
        "Firefox on Linux", "192.0.2.7", alice.pk,
    )  # fmt: skip
    assert "143" not in str(row)


def test_signing_up_notes_the_device(db: None) -> None:
    fields = {"username": "dora", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    browser(PHONE).post(reverse("account_signup"), fields)
    assert Device.objects.get().summary == "Safari on iPhone"


def test_the_page_shows_one_s_own_devices_this_one_first(alice: User, charlie: User) -> None:
    here, there = browser(FIREFOX), browser(PHONE, "2001:db8::9")
    for client, name in ((here, "alice"), (there, "alice"), (browser("curl/8"), "charlie")):
        sign_in(client, name)
    shown = page(here)
    assert shown.index("Firefox on Linux") < shown.index("Safari on iPhone")
    assert shown.count("This one") == 1
    assert "2001:db8::9" in shown
    assert "curl" not in shown
    assert not any(key in shown for key in Session.objects.values_list("pk", flat=True))


def test_nothing_is_written_while_a_device_was_seen_lately(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(browser(FIREFOX), "alice")
    client.get(reverse("account_settings"))
    before = Device.objects.get()
    with CaptureQueriesContext(_connection()) as asked:
        client.get(reverse("account_settings"))
    assert not [query for query in asked if not query["sql"].startswith("SELECT")]
    now = time.time()
    later = now + devices.SEEN_EVERY_SECONDS + 1
    monkeypatch.setattr("accounts.devices.time.time", lambda: later)
    client.get(reverse("account_settings"), REMOTE_ADDR="192.0.2.8")
    after = Device.objects.get()
    assert after.seen_at > before.seen_at
    assert (after.created_at, after.address) == (before.created_at, "192.0.2.8")


def test_one_device_is_signed_out_and_no_other(alice: User, charlie: User) -> None:
    here, there = sign_in(browser(FIREFOX), "alice"), sign_in(browser(PHONE), "alice")
    stranger = sign_in(browser("curl/8"), "charlie")
    number = re.search(r'name="device" value="(\d+)"', page(here))
    assert number
    for _ in range(2):  # once it is gone, nothing else happens
        here.post(reverse("account_end_session"), {"device": number[1]})
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    theirs = Device.objects.get(user=charlie).pk
    here.post(reverse("account_end_session"), {"device": theirs})
    assert is_signed_in(stranger)
    for nonsense in ("", "x", "-1", "9" * 30):
        assert here.post(reverse("account_end_session"), {"device": nonsense}).status_code == 302


def test_all_others_are_signed_out_and_leave_the_list(alice: User) -> None:
    here, there = sign_in(browser(FIREFOX), "alice"), sign_in(browser(PHONE), "alice")
    first = Device.objects.get(summary="Firefox on Linux").created_at
    here.post(reverse("account_end_sessions"))
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    shown = page(here)
    assert "Firefox on Linux" in shown
    assert "This one" in shown
    assert "Safari on iPhone" not in shown
    # It is the same sign-in as before, though its session has another key now.
    assert abs((Device.objects.get().created_at - first).total_seconds()) < 1


def test_a_new_password_ends_the_other_sessions_in_the_list_too(alice: User) -> None:
    here, there = sign_in(browser(FIREFOX), "alice"), sign_in(browser(PHONE), "alice")
    new = "seven bars and some paper"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), fields).status_code == 302
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert [device.summary for device in Device.objects.all()] == ["Firefox on Linux"]


def test_signing_out_forgets_the_device(alice: User) -> None:
    client = sign_in(browser(FIREFOX), "alice")
    client.post(reverse("account_logout"))
    assert not Device.objects.exists()


def test_a_device_goes_with_its_session(alice: User) -> None:
    from accounts.tasks import clear_sessions

    sign_in(browser(FIREFOX), "alice")
    Session.objects.update(expire_date="2020-01-01T00:00Z")
    clear_sessions()
    assert not Device.objects.exists()


def test_who_is_not_signed_in_is_not_noted(client: Client, db: None) -> None:
    client.get(reverse("account_login"))
    client.get("/")
    assert not Device.objects.exists()


def _connection() -> Any:
    from django.db import connection

    return connection
