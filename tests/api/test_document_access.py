"""Each address of a document in the API faces the cast.

alice owns it and is signed in, bob sends its reveal token, charlie is signed in and a stranger,
nobody is not signed in. A new address without a row fails here.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

import api.v1.urls
from accounts.models import User
from tests.documents.world import SECRETS, MadeDocument, MakeDocument, detector, make_document, scan

__all__ = ("detector", "make_document", "scan")
pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
CAST = ("alice", "bob", "charlie", "nobody")
EDITS = {"revision": 0, "edits": [{"op": "add", "start": 0, "end": 4, "label": "secret"}]}


class Row(NamedTuple):
    """What each of the cast is answered."""

    method: str
    alice: int
    bob: int
    charlie: int
    nobody: int
    data: Any = None
    shows_original: bool = False


TABLE = {
    ("document", "GET"): Row("GET", 200, 200, 200, 200),
    ("document", "DELETE"): Row("DELETE", 204, 204, 404, 404),
    ("document_text", "GET"): Row("GET", 200, 200, 200, 200),
    ("document_spans", "GET"): Row("GET", 200, 200, 404, 404, None, shows_original=True),
    ("document_spans", "POST"): Row("POST", 200, 200, 404, 404, EDITS, shows_original=True),
    ("document_file", "GET"): Row("GET", 200, 200, 200, 200),
    ("document_file", "POST"): Row("POST", 202, 202, 404, 404, {"rasterise": False}),
    ("document_source", "GET"): Row("GET", 200, 200, 404, 404, None, shows_original=True),
    ("document_certificate", "GET"): Row("GET", 200, 200, 200, 200),
    ("document_retry", "POST"): Row("POST", 202, 202, 404, 404, {}),
    ("document_link", "POST"): Row("POST", 200, 401, 404, 401),
    ("document_link", "DELETE"): Row("DELETE", 204, 401, 404, 401),
    ("document_expiry", "PUT"): Row("PUT", 200, 401, 404, 401, {"expires": "1h"}),
}


def test_every_address_and_method_has_a_row() -> None:
    methods = {
        (pattern.name, method.upper())
        for pattern in api.v1.urls.urlpatterns
        if str(pattern.pattern).startswith("^documents/")
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, method)  # type: ignore[attr-defined]
    }
    assert methods == set(TABLE)


def _call(who: str, made: MadeDocument, name: str, row: Row) -> Any:
    client = Client()
    headers = {"Reveal-Token": made.token} if who == "bob" else {}
    if who in {"alice", "charlie"}:
        client.force_login(User.objects.get(username=who))
    return client.generic(
        row.method,
        reverse(f"api:v1:{name}", args=[made.pid]),
        json.dumps(row.data) if row.data is not None else b"",
        "application/json",
        headers=headers,
    )


def _content(response: Any) -> str:
    chunks = response.streaming_content if response.streaming else [response.content]
    return b"".join(chunks).decode()


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("place", sorted(TABLE), ids="-".join)
def test_each_of_the_cast_gets_what_the_table_says(
    make_document: MakeDocument, who: str, place: tuple[str, str]
) -> None:
    User.objects.create_user("charlie")
    made = make_document(owner=User.objects.create_user("alice"))
    row = TABLE[place]
    response = _call(who, made, place[0], row)
    status = getattr(row, who)
    assert response.status_code == status
    if status == 404 or not row.shows_original:
        assert not any(secret in _content(response) for secret in SECRETS)


@pytest.mark.parametrize("place", sorted(TABLE), ids="-".join)
def test_to_a_stranger_forbidden_and_unknown_look_alike(
    make_document: MakeDocument, place: tuple[str, str]
) -> None:
    made = make_document()
    row = TABLE[place]
    if row.nobody == 404:
        known = _call("nobody", made, place[0], row)
        unknown = _call("nobody", MadeDocument("AAAAAAAAAAAAAAAA", ""), place[0], row)
        assert known.content == unknown.content
        assert known.headers == unknown.headers
