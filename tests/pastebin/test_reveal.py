"""The private link: a token in the address becomes a cookie, and the cookie opens the original."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from sharing.services import revoke_link, rotate_link
from tests.pastebin.world import CARD, MAIL, NAME, TITLE, Make, Scan, open_link
from vault.envelope import UnsealError

pytestmark = pytest.mark.django_db
ROBOTS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "facebookexternalhit/1.1",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (Windows NT 6.1) SkypeUriPreview Preview/0.5",
)
BROWSERS = (
    "",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Linux; Android 9; CUBOT X18 Plus) AppleWebKit/537.36 Chrome/115 Mobile Safari",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Teams/1.6 Electron/22 Safari",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605 [LinkedInApp]/9.2",
)


def test_the_token_leaves_the_address_at_once(make: Make, client: Client) -> None:
    paste = make()
    response = client.get(paste.private)
    assert response.status_code == 302
    assert response["Location"] == paste.original
    assert paste.token not in f"{response.headers}{response.content!r}"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"


def test_the_cookie_is_for_this_paste_s_private_pages_alone(
    make: Make, client: Client, settings: Settings
) -> None:
    settings.REVEAL_MINUTES = 30
    paste = make()
    (cookie,) = client.get(paste.private).cookies.values()
    assert paste.token not in cookie.value
    assert cookie["path"] == f"/view/{paste.pid}/"
    assert not paste.public.startswith(cookie["path"])
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 30 * 60
    assert not cookie["domain"]


@pytest.mark.parametrize("tls", [True, False])
def test_behind_tls_the_cookie_is_secure(
    make: Make, client: Client, settings: Settings, tls: bool
) -> None:
    settings.BEHIND_TLS = tls
    (cookie,) = client.get(make().private).cookies.values()
    assert bool(cookie["secure"]) == tls


def test_the_original_is_shown_with_its_marks(make: Make, client: Client) -> None:
    paste = make(title=TITLE)
    open_link(client, paste)
    response = client.get(paste.original)
    page = response.content.decode()
    assert response.status_code == 200
    for value in (NAME, MAIL, CARD):
        assert f">{value}</span>" in page
    assert 'data-score="0.90"' in page
    assert 'data-why="It was chosen."' in page
    assert 'data-mentions="4"' in page


def test_the_original_is_kept_by_no_cache_and_leaves_no_trace(make: Make, client: Client) -> None:
    paste = make()
    open_link(client, paste)
    response = client.get(paste.original)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert "ETag" not in response
    assert paste.token not in response.content.decode()


def test_after_some_minutes_the_cookie_opens_nothing(
    make: Make, client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REVEAL_MINUTES = 5
    paste = make()
    open_link(client, paste)
    later = time.time() + 5 * 60 + 1
    monkeypatch.setattr(time, "time", lambda: later)
    response = client.get(paste.original)
    assert (response.status_code, response["Location"]) == (302, paste.public)
    assert client.post(f"{paste.original}/spans", "{}", "application/json").status_code == 404
    assert client.post(f"/view/{paste.pid}/delete").status_code == 404


@pytest.mark.parametrize("damage", ["cut", "empty", "garbage", "unicode", "other purpose"])
def test_a_damaged_cookie_opens_nothing(make: Make, client: Client, damage: str) -> None:
    paste = make()
    open_link(client, paste)
    value = client.cookies["blackbar_original"].value
    if damage == "other purpose":
        client.cookies["blackbar_links"] = value
        del client.cookies["blackbar_original"]
    else:
        client.cookies["blackbar_original"] = {
            "cut": value[:-4],
            "empty": "",
            "garbage": "test:AAAA",
            "unicode": "é\xff:x",
        }[damage]
    assert client.get(paste.original).status_code == 302
    assert client.post(f"/view/{paste.pid}/delete").status_code == 404


@pytest.mark.parametrize("burn", [True, False])
@pytest.mark.parametrize("robot", ROBOTS)
def test_a_link_preview_sees_and_burns_nothing(make: Make, robot: str, burn: bool) -> None:
    paste, client = make(burn=burn), Client(headers={"User-Agent": robot})
    response = client.get(paste.private, follow=True)
    shown = response.content.decode()
    assert NAME not in shown
    assert paste.token not in shown
    assert not response.cookies
    assert paste.exists


@pytest.mark.parametrize("browser", BROWSERS)
def test_people_s_browsers_are_taken_for_no_robot(make: Make, browser: str) -> None:
    client = Client(headers={"User-Agent": browser})
    assert client.get(make().private).status_code == 302


def test_a_rotated_link_stops_the_old_one_and_its_cookies(
    make: Make, client: Client, alice: Any
) -> None:
    paste = make(owner=alice)
    open_link(client, paste)
    token = rotate_link(paste.row)
    assert client.get(paste.original).status_code == 302
    assert client.get(paste.private).status_code == 200
    assert client.get(f"{paste.public}?token={token}").status_code == 302
    assert client.get(paste.original).status_code == 200


def test_a_revoked_link_opens_nothing(make: Make, client: Client, alice: Any) -> None:
    paste = make(owner=alice)
    open_link(client, paste)
    revoke_link(paste.row)
    assert client.get(paste.private).status_code == 200
    assert client.get(paste.original)["Location"] == paste.public


def test_once_scanned_only_the_token_opens_an_anonymous_paste(make: Make) -> None:
    envelope = make().row.envelope
    assert envelope.service_wrap is None
    with pytest.raises(UnsealError):
        envelope.open_for_service()


def test_the_link_of_a_failed_scan_still_opens_the_original(
    make: Make, client: Client, scan: Scan, detector: Any
) -> None:
    detector.unseen = 1
    paste = make()
    open_link(client, paste)
    response = client.get(paste.original, follow=True)
    assert response.status_code == 200
    assert NAME in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert NAME not in client.get(paste.public).content.decode()
    edits = '{"revision": 0, "edits": [{"op": "add", "start": 0, "end": 3, "label": "secret"}]}'
    assert client.post(f"{paste.original}/spans", edits, "application/json").status_code == 404
    assert paste.row.redacted_text is None


def test_the_link_of_a_paste_that_waits_leads_to_its_progress(make: Make, client: Client) -> None:
    paste = make(scanned=False)
    open_link(client, paste)
    response = client.get(paste.original, follow=True)
    assert response.status_code == 200
    assert "Finding what is private" in response.content.decode()
    assert NAME not in response.content.decode()
