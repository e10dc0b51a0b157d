"""Every address faces the cast: alice owns, bob holds the link, charlie and nobody are strangers.

A new address without a row in the table fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

import api.urls
import pastebin.urls
from pastebin.models import Paste
from tests.cast import CAST, SPANS, STRANGERS, UNKNOWN, Row, Visitors, assert_look_alike
from tests.pastebin.world import SECRETS, TITLE, Made, Make, open_link
from vault.models import Envelope

pytestmark = pytest.mark.django_db
TABLE = {
    "pastebin:compose": Row("GET", 200, 200, 200, 200),
    "pastebin:challenge": Row("GET", 200, 200, 200, 200),
    "pastebin:how_it_works": Row("GET", 200, 200, 200, 200),
    "pastebin:paste_public": Row("GET", 200, 200, 200, 200),
    "pastebin:paste_raw": Row("GET", 200, 200, 200, 200),
    "pastebin:paste_links": Row("GET", 200, 200, 200, 200),
    "pastebin:paste_retry": Row("POST", 302, 302, 404, 404),
    "pastebin:paste_open": Row("GET", 302, 302, 404, 404),
    "pastebin:paste_original": Row("GET", 200, 200, "public", "public", shows_original=True),
    "pastebin:paste_spans": Row("POST", 200, 200, 404, 404, SPANS, shows_original=True),
    "pastebin:paste_delete": Row("POST", 302, 200, 404, 404),
    "pastebin:paste_list": Row("GET", 200, "login", 200, "login"),
    "pastebin:paste_expiry": Row("POST", 302, "login", 404, "login", {"expires": "1h"}),
    "pastebin:paste_link": Row("POST", 302, "login", 404, "login", {"action": "rotate"}),
    "api:public_paste": Row("GET", 200, 200, 200, 200),
}


def _patterns() -> Iterator[tuple[str, URLPattern]]:
    """Yield the addresses of pastes; the rest of the API faces the cast in tests/api."""
    for module in (pastebin.urls, api.urls):
        for pattern in module.urlpatterns:
            if module is pastebin.urls or getattr(pattern, "name", "") == "public_paste":
                assert isinstance(pattern, URLPattern), "a nested include needs a walk of its own"
                yield f"{module.app_name}:{pattern.name}", pattern


PATTERNS = dict(_patterns())
WITH_PASTE = sorted(name for name in TABLE if "pid" in str(PATTERNS[name].pattern))


def _path(name: str, pid: str) -> str:
    return reverse(name, args=[pid] if name in WITH_PASTE else [])


def _call(client: Client, name: str, pid: str, method: str | None = None) -> Any:
    return TABLE[name].call(client, _path(name, pid), method)


@pytest.fixture
def paste(make: Make, visitors: Visitors, alice: Any) -> Made:
    """A finished paste of alice that bob has opened."""
    made = make(owner=alice, title=TITLE)
    open_link(visitors["bob"], made)
    return made


def _stored(paste: Made) -> list[Any]:
    return [
        list(Paste.objects.filter(pk=paste.pid).values()),
        [
            {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()}
            for row in Envelope.objects.values()
        ],
    ]


def test_every_address_has_its_row() -> None:
    assert set(TABLE) == set(PATTERNS)


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("who", CAST)
def test_the_cast(paste: Made, visitors: Visitors, name: str, who: str) -> None:
    row = TABLE[name]
    expected = getattr(row, who)
    response = _call(visitors[who], name, paste.pid)
    if expected == "login":
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
    elif expected == "public":
        assert response.status_code == 302
        assert response["Location"] == paste.public
    else:
        assert response.status_code == expected
    shown = response.content.decode()
    may_read = row.shows_original and who not in STRANGERS
    assert any(secret in shown for secret in SECRETS) == may_read


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_change_nothing(paste: Made, visitors: Visitors, who: str) -> None:
    before = _stored(paste)
    for name in TABLE:
        for method in ("GET",) if name == "pastebin:compose" else ("GET", "POST"):
            response = _call(visitors[who], name, paste.pid, method)
            assert _stored(paste) == before, name
            assert response.status_code in {200, 302, 404, 405}, name
            assert paste.token not in response.content.decode(), name


@pytest.mark.parametrize("who", STRANGERS)
def test_to_a_stranger_forbidden_and_unknown_look_alike(
    paste: Made, visitors: Visitors, who: str
) -> None:
    for name in WITH_PASTE:
        forbidden = _call(visitors[who], name, paste.pid)
        unknown = _call(visitors[who], name, UNKNOWN)
        assert_look_alike(forbidden, unknown, paste.pid, name)


def test_the_wrong_method_is_refused(paste: Made, visitors: Visitors) -> None:
    for name in set(TABLE) - {"pastebin:compose", "pastebin:paste_open"}:
        wrong = "POST" if TABLE[name].method == "GET" else "GET"
        assert _call(visitors["alice"], name, paste.pid, wrong).status_code == 405, name


@pytest.mark.parametrize("who", CAST)
def test_before_the_scan_nobody_is_shown_text(
    make: Make, visitors: Visitors, alice: Any, who: str
) -> None:
    for name in WITH_PASTE:
        paste = make(owner=alice, title=TITLE, scanned=False)
        open_link(visitors["bob"], paste)
        shown = _call(visitors[who], name, paste.pid).content.decode()
        assert not any(secret in shown for secret in (*SECRETS, "Customer", "state=closed")), name


def test_a_list_holds_only_one_s_own(paste: Made, visitors: Visitors) -> None:
    assert paste.pid in visitors["alice"].get("/pastes/").content.decode()
    assert paste.pid not in visitors["charlie"].get("/pastes/").content.decode()
    found = visitors["charlie"].get("/pastes/", {"q": paste.pid}).content.decode()
    assert f"/view/{paste.pid}" not in found


@pytest.mark.parametrize(
    "pid", ["../../etc", "a", "x" * 33, "ünïcödé-pid-1234", "%00%00%00%00%00%00%00", "a b c d e f"]
)
def test_ids_that_cannot_be_are_unknown(client: Client, pid: str) -> None:
    for name in WITH_PASTE:
        path = _path(name, UNKNOWN).replace(UNKNOWN, pid)
        assert client.get(path).status_code in {302, 404, 405}, name
        assert client.post(path).status_code in {302, 404, 405}, name


def test_a_private_link_of_one_paste_opens_no_other(make: Make, client: Client) -> None:
    mine, other = make(), make()
    open_link(client, mine)
    assert client.get(other.original).status_code == 302
    assert client.post(f"/view/{other.pid}/delete").status_code == 404
    wrong = client.get(f"{other.public}?token={mine.token}")
    assert wrong.status_code == 200
    assert not any(secret in wrong.content.decode() for secret in SECRETS)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_forms_of_other_sites_change_nothing(paste: Made, visitors: Visitors, who: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = visitors[who].cookies
    before = _stored(paste)
    for name in (name for name, row in TABLE.items() if row.method == "POST"):
        assert _call(client, name, paste.pid).status_code == 403, name
        assert _stored(paste) == before, name
