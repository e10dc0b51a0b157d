"""Each address of a paste in the API faces the cast.

alice owns it and is signed in, bob sends its reveal token, charlie is signed in and a stranger,
nobody is not signed in. A new address without a row fails here.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.test import Client
from django.urls import reverse

import api.v1.urls
from accounts.models import User
from tests.pastebin.world import SECRETS, TITLE, Made, Make, detector, make, scan

__all__ = ("detector", "make", "scan")
pytestmark = pytest.mark.django_db
CAST = ("alice", "bob", "charlie", "nobody")
EDITS = {"revision": 0, "edits": [{"op": "add", "start": 0, "end": 6, "label": "secret"}]}


class Row(NamedTuple):
    """What each of the cast is answered."""

    alice: int
    bob: int
    charlie: int
    nobody: int
    data: Any = None
    shows_original: bool = False


TABLE = {
    ("paste", "GET"): Row(200, 200, 200, 200),
    ("paste", "DELETE"): Row(204, 204, 404, 404),
    ("paste_text", "GET"): Row(200, 200, 200, 200),
    ("paste_spans", "GET"): Row(200, 200, 404, 404, None, shows_original=True),
    ("paste_spans", "POST"): Row(200, 200, 404, 404, EDITS, shows_original=True),
    ("paste_opening", "POST"): Row(409, 409, 404, 404),
    ("paste_retry", "POST"): Row(202, 202, 404, 404),
    ("paste_link", "POST"): Row(200, 401, 404, 401),
    ("paste_link", "DELETE"): Row(204, 401, 404, 401),
    ("paste_expiry", "PUT"): Row(200, 401, 404, 401, {"expires": "1h"}),
}
PLACES = sorted(TABLE)


def test_every_address_and_method_has_a_row() -> None:
    methods = {
        (pattern.name, method.upper())
        for pattern in api.v1.urls.urlpatterns
        if str(pattern.pattern).startswith("^pastes/")
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, method)  # type: ignore[attr-defined]
    }
    assert methods == set(TABLE)


def _call(who: str, made: Made, place: tuple[str, str]) -> Any:
    name, method = place
    client = Client()
    headers = {"Reveal-Token": made.token} if who == "bob" else {}
    if who in {"alice", "charlie"}:
        client.force_login(User.objects.get(username=who))
    data = TABLE[place].data
    return client.generic(
        method,
        reverse(f"api:v1:{name}", args=[made.pid]),
        json.dumps(data) if data is not None else b"",
        "application/json",
        headers=headers,
    )


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("place", PLACES, ids="-".join)
def test_each_of_the_cast_gets_what_the_table_says(
    make: Make, who: str, place: tuple[str, str]
) -> None:
    User.objects.create_user("charlie")
    made = make(owner=User.objects.create_user("alice"), title=TITLE)
    row = TABLE[place]
    response = _call(who, made, place)
    status = getattr(row, who)
    assert response.status_code == status
    if status >= 400 or not row.shows_original:
        assert not any(secret in response.content.decode() for secret in SECRETS)


@pytest.mark.parametrize("place", PLACES, ids="-".join)
@pytest.mark.parametrize("who", ["charlie", "nobody"])
def test_to_a_stranger_forbidden_and_unknown_look_alike(
    make: Make, who: str, place: tuple[str, str]
) -> None:
    User.objects.create_user("charlie")
    made = make()
    if getattr(TABLE[place], who) >= 400:
        known = _call(who, made, place)
        unknown = _call(who, Made("AAAAAAAAAAAAAAAA", ""), place)
        assert known.content == unknown.content
        assert known.headers == unknown.headers
