"""Every address faces the cast: alice owns, bob holds the link, charlie and nobody are strangers.

A new address without a row in the table fails here.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

import documents.urls
from documents.models import Document
from tests.cast import CAST, SPANS, STRANGERS, UNKNOWN, Row, Visitors, assert_look_alike
from tests.documents.web.world import NAME, SECRETS, Made, Make, body_of, open_link
from vault.models import Envelope

pytestmark = pytest.mark.django_db
TABLE = {
    "documents": Row("GET", 200, 200, 200, 200),
    "verify": Row("GET", 200, 200, 200, 200),
    "document_public": Row("GET", 200, 200, 200, 200),
    "document_raw": Row("GET", 200, 200, 200, 200),
    "document_file": Row("GET", 200, 200, 200, 200),
    "document_certificate": Row("GET", 200, 200, 200, 200),
    "document_links": Row("GET", 200, 200, 200, 200),
    "document_progress": Row("GET", 200, 200, 200, 200),
    "document_retry": Row("POST", 302, 302, 404, 404),
    "document_delete": Row("POST", 302, 200, 404, 404),
    "document_expiry": Row("POST", 302, "login", 404, "login", {"expires": "1h"}),
    "document_link": Row("POST", 302, "login", 404, "login", {"action": "rotate"}),
    "document_original": Row("GET", 200, 200, "public", "public", shows_original=True),
    "document_spans": Row("POST", 200, 200, 404, 404, SPANS, shows_original=True),
    "document_clean": Row("GET", 200, 200, 404, 404),
    "document_page": Row("GET", 200, 200, 404, 404),
    "document_picture": Row("GET", 200, 200, 404, 404),
    "source_file": Row("GET", 200, 200, 404, 404),
    "original_text": Row("GET", 200, 200, 404, 404, shows_original=True),
    "spans_json": Row("GET", 200, 200, 404, 404, shows_original=True),
    "spans_csv": Row("GET", 200, 200, 404, 404, shows_original=True),
    "numbered": Row("GET", 200, 200, 404, 404),
    "numbered_map": Row("GET", 200, 200, 404, 404, shows_original=True),
}
# They take both methods; the row says what reading gives.
BOTH_METHODS = {"documents", "verify", "document_clean"}


def _patterns() -> dict[str, URLPattern]:
    assert all(isinstance(pattern, URLPattern) for pattern in documents.urls.urlpatterns)
    return {str(pattern.name): pattern for pattern in documents.urls.urlpatterns}


PATTERNS = _patterns()
WITH_DOCUMENT = sorted(name for name in TABLE if "pid" in str(PATTERNS[name].pattern))


def _path(name: str, pid: str) -> str:
    arguments = [pid] if name in WITH_DOCUMENT else []
    if "<number>" in str(PATTERNS[name].pattern):
        arguments.append("1")
    return reverse(f"documents:{name}", args=arguments)


def _call(client: Client, name: str, pid: str, method: str | None = None) -> Any:
    return TABLE[name].call(client, _path(name, pid), method)


@pytest.fixture
def document(make: Make, visitors: Visitors, alice: Any) -> Made:
    """A finished document of alice that bob has opened."""
    made = make(owner=alice)
    open_link(visitors["bob"], made)
    return made


def _stored() -> list[Any]:
    rows = [*Document.objects.order_by("pk").values(), *Envelope.objects.order_by("pk").values()]
    return [
        {name: bytes(v) if isinstance(v, memoryview) else v for name, v in row.items()}
        for row in rows
    ]


def test_every_address_has_its_row() -> None:
    assert set(TABLE) == set(PATTERNS)


@pytest.mark.parametrize("name", TABLE)
def test_the_cast(document: Made, visitors: Visitors, name: str) -> None:
    row = TABLE[name]
    # Strangers first: what the others do may end the document.
    for who in reversed(CAST):
        expected = getattr(row, who)
        response = _call(visitors[who], name, document.pid)
        if expected == "login":
            assert response.status_code == 302, who
            assert response["Location"].startswith(reverse("account_login")), who
        elif expected == "public":
            assert response.status_code == 302, who
            assert response["Location"] == document.path(), who
        elif who == "alice" and name in {"document_delete", "document_spans"}:
            # Deleted by bob before; corrected by bob before.
            assert response.status_code in {404, 409}
        else:
            assert response.status_code == expected, who
        shown = body_of(response).decode("utf-8", "replace")
        may_read = row.shows_original and who not in STRANGERS
        assert any(secret in shown for secret in SECRETS) == may_read, who


@pytest.mark.parametrize("name", ["document_delete", "document_spans"])
def test_the_owner_too_corrects_and_deletes(document: Made, visitors: Visitors, name: str) -> None:
    assert _call(visitors["alice"], name, document.pid).status_code == TABLE[name].alice


@pytest.mark.parametrize("who", STRANGERS)
def test_strangers_change_nothing(document: Made, visitors: Visitors, who: str) -> None:
    before = _stored()
    for name in set(TABLE) - {"documents"}:
        for method in ("GET", "POST"):
            response = _call(visitors[who], name, document.pid, method)
            assert _stored() == before, name
            assert response.status_code in {200, 302, 404, 405, 422}, name
            assert document.token not in body_of(response).decode("utf-8", "replace"), name


@pytest.mark.parametrize("who", STRANGERS)
def test_to_a_stranger_forbidden_and_unknown_look_alike(
    document: Made, visitors: Visitors, who: str
) -> None:
    for name in WITH_DOCUMENT:
        forbidden = _call(visitors[who], name, document.pid)
        unknown = _call(visitors[who], name, UNKNOWN)
        assert_look_alike(forbidden, unknown, document.pid, name)


def test_the_wrong_method_is_refused(document: Made, visitors: Visitors) -> None:
    for name in set(TABLE) - BOTH_METHODS:
        wrong = "POST" if TABLE[name].method == "GET" else "GET"
        assert _call(visitors["alice"], name, document.pid, wrong).status_code == 405, name


@pytest.mark.parametrize("until", ["received", "read"])
@pytest.mark.parametrize("who", CAST)
def test_before_the_scan_nobody_is_shown_text(
    make: Make, visitors: Visitors, alice: Any, who: str, until: str
) -> None:
    for name in sorted(set(WITH_DOCUMENT) - {"source_file"}):
        document = make(owner=alice, until=until)
        open_link(visitors["bob"], document)
        shown = body_of(_call(visitors[who], name, document.pid)).decode("utf-8", "replace")
        assert not any(secret in shown for secret in (*SECRETS, "charged", "regards")), name


def test_without_a_clean_file_there_is_none_to_download(make: Make, client: Client) -> None:
    document = make(until="scanned")
    for rest in ("/file", "/certificate"):
        assert client.get(document.path(rest)).status_code == 404


def test_a_correction_withdraws_the_clean_file_at_once(make: Make, client: Client) -> None:
    document = make()
    assert client.get(document.path("/file")).status_code == 200
    open_link(client, document)
    changed = client.post(document.path("/original/spans"), SPANS, content_type="application/json")
    assert changed.status_code == 200
    for rest in ("/file", "/certificate"):
        assert client.get(document.path(rest)).status_code == 404


def test_a_list_holds_only_one_s_own(document: Made, visitors: Visitors) -> None:
    assert document.pid in visitors["alice"].get("/documents/").content.decode()
    assert document.pid not in visitors["charlie"].get("/documents/").content.decode()
    found = visitors["charlie"].get("/documents/", {"q": document.pid}).content.decode()
    assert document.path() not in found


@pytest.mark.parametrize(
    "pid", ["../../etc", "a", "x" * 33, "ünïcödé-pid-1234", "%00%00%00%00%00%00%00", "a b c d e f"]
)
def test_ids_that_cannot_be_are_unknown(client: Client, pid: str) -> None:
    for name in WITH_DOCUMENT:
        path = _path(name, UNKNOWN).replace(UNKNOWN, pid)
        assert client.get(path).status_code in {302, 404, 405}, name
        assert client.post(path).status_code in {302, 404, 405}, name


def test_a_private_link_of_one_document_opens_no_other(make: Make, client: Client) -> None:
    mine, other = make(), make()
    open_link(client, mine)
    assert client.get(other.path("/original")).status_code == 302
    assert client.get(other.path("/original/file")).status_code == 404
    assert client.post(other.path("/delete")).status_code == 404
    wrong = client.get(f"{other.path()}?token={mine.token}")
    assert wrong.status_code == 200
    assert NAME not in wrong.content.decode()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_forms_of_other_sites_change_nothing(document: Made, visitors: Visitors, who: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = visitors[who].cookies
    before = _stored()
    names = {name for name, row in TABLE.items() if row.method == "POST"} | BOTH_METHODS
    for name in names:
        assert _call(client, name, document.pid, "POST").status_code == 403, name
        assert _stored() == before, name
