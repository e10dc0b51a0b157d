"""The public side: redacted text and nothing else, the same bytes for everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from anonymizer.text import Style
from config.headers import SECURITY_HEADERS
from pastebin.models import Paste
from sharing.services import delete
from tests.cast import Visitors
from tests.pastebin.world import CARD, MAIL, NAME, SECRETS, TITLE, Make, open_link

pytestmark = pytest.mark.django_db
UNKNOWN = "AAAAAAAAAAAAAAAA"
FORMS = ("/view/{}", "/view/{}/raw", "/api/paste/{}")
# Everything a stranger might try with a paste's id.
ANY_PATH = (*FORMS, "/view/{}/links", "/view/{}/open", "/view/{}?token=abc", "/view/{}?token=")


def _all_of(response: Any) -> str:
    return f"{response.headers} {response.cookies} {response.content.decode()}"


@pytest.mark.parametrize("style", list(Style))
@pytest.mark.parametrize("form", FORMS)
def test_no_original_in_page_or_headers(
    make: Make, client: Client, form: str, style: Style
) -> None:
    paste = make(title=TITLE, style=style)
    response = client.get(form.format(paste.pid))
    assert response.status_code == 200
    shown = _all_of(response)
    assert not any(secret in shown for secret in SECRETS)
    assert paste.token not in shown
    assert "Customer" in shown


def test_the_page_names_each_hidden_place(make: Make, client: Client) -> None:
    page = client.get(make(title=TITLE).public).content.decode()
    assert page.count('aria-label="hidden: Person"') == 4
    assert page.count('aria-label="hidden: Email"') == 1
    assert page.count('aria-label="hidden: Account"') == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_bytes_are_the_same_for_everybody(
    make: Make, visitors: Visitors, alice: Any, form: str
) -> None:
    paste = make(owner=alice, title=TITLE)
    open_link(visitors["bob"], paste)
    answers = [client.get(form.format(paste.pid)) for client in visitors.values()]
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert "alice" not in answers[0].content.decode()


def test_the_public_page_sets_no_cookie_and_starts_no_session(make: Make, client: Client) -> None:
    response = client.get(make().public)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("path", ANY_PATH)
def test_unknown_expired_burnt_and_deleted_look_alike(
    make: Make, client: Client, path: str
) -> None:
    expired, burnt, deleted = make(), make(burn=True), make()
    Paste.objects.filter(pk=expired.pid).update(expires_at=timezone.now() - timedelta(seconds=1))
    reader = Client()
    open_link(reader, burnt)
    assert reader.post(f"/view/{burnt.pid}/open").status_code == 200
    delete(deleted.row)
    answers = [
        client.get(path.format(pid)) for pid in (UNKNOWN, expired.pid, burnt.pid, deleted.pid)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("kind", ["right token", "cookie", "owner"])
def test_an_expired_paste_opens_for_nobody(
    make: Make, visitors: Visitors, alice: Any, kind: str
) -> None:
    """The sweeper is not running in this test."""
    paste = make(owner=alice, expires_at=timezone.now() + timedelta(hours=1))
    open_link(visitors["bob"], paste)
    Paste.objects.filter(pk=paste.pid).update(expires_at=timezone.now())
    client = visitors["alice" if kind == "owner" else "bob"]
    path = paste.private if kind == "right token" else paste.original
    response = client.get(path, follow=True)
    assert response.status_code == 404
    for post in ("delete", "original/spans", "retry", "open"):
        assert client.post(f"/view/{paste.pid}/{post}").status_code == 404
    assert paste.pid not in visitors["alice"].get("/pastes/").content.decode()
    assert paste.pid not in visitors["alice"].get("/").content.decode()


def test_the_raw_view_can_be_run_by_no_browser(make: Make, client: Client) -> None:
    response = client.get(make(text="<script>alert(1)</script>").raw)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == b"<script>alert(1)</script>"


@pytest.mark.parametrize("path", ANY_PATH)
def test_search_engines_are_told_to_stay_away(make: Make, client: Client, path: str) -> None:
    response = client.get(path.format(make().pid))
    if response.status_code == 200:
        assert "noindex" in response.get("X-Robots-Tag", "") + response.content.decode()


@pytest.mark.parametrize("path", [*ANY_PATH, "/", "/how-it-works", "/nowhere"])
def test_every_answer_has_the_security_headers(make: Make, client: Client, path: str) -> None:
    response = client.get(path.format(make().pid))
    for name, value in SECURITY_HEADERS:
        assert response[name] == value
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"] or "no-cache" in response["Cache-Control"]


@pytest.mark.parametrize("form", FORMS)
def test_while_it_is_scanned_no_text_is_shown(make: Make, client: Client, form: str) -> None:
    response = client.get(form.format(make(title=TITLE, scanned=False).pid))
    assert response.status_code in {200, 202}
    assert not any(secret in _all_of(response) for secret in (*SECRETS, "Customer", "Ticket"))
    assert "ETag" not in response


def test_a_wrong_token_gives_the_public_bytes(make: Make, client: Client) -> None:
    paste = make(title=TITLE)
    public = client.get(paste.public)
    for token in ("wrong", "", paste.token[:-1], paste.token.swapcase(), "ü\0\ud7ff", "x" * 9000):
        answer = client.get(paste.public, {"token": token})
        assert answer.status_code == 200
        assert answer.content == public.content
        assert dict(answer.headers) == dict(public.headers)
        assert not answer.cookies


def test_blocks_hold_the_whole_text(make: Make, client: Client) -> None:
    page = client.get(make(text="one\n\n\n two  \n\nthree").public).content.decode()
    for part in ("one", " two", "three"):
        assert part in page


@pytest.mark.parametrize("style", list(Style))
def test_placeholders_of_the_input_are_not_taken_for_bars(
    make: Make, client: Client, style: Style
) -> None:
    text = f"<PRIVATE_EMAIL> [PERSON_1] <PRIVATE_EMAIL_1> █████ then {MAIL}"
    page = client.get(make(text=text, style=style).public).content.decode()
    assert page.count('role="img"') == 1
    assert "&lt;PRIVATE_EMAIL&gt; [PERSON_1] &lt;PRIVATE_EMAIL_1&gt; █████ then " in page


def test_numbers_pass_over_those_in_the_input(make: Make, client: Client) -> None:
    text = f"<PRIVATE_EMAIL_1> {MAIL} {CARD} {MAIL} {NAME}"
    raw = client.get(make(text=text, style=Style.NUMBERED).raw).content.decode()
    assert raw == (
        "<PRIVATE_EMAIL_1> <PRIVATE_EMAIL_2> <ACCOUNT_NUMBER_1> <PRIVATE_EMAIL_2> "
        "<PRIVATE_PERSON_1>"
    )
