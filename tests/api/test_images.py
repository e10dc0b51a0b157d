"""Pictures for programs: handed in, followed, their bars moved, fetched flattened, deleted.

alice owns one and is signed in, bob sends its reveal token, charlie is signed in and a stranger,
nobody is not signed in. A new address without a row fails here.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import api.v1.urls
from accounts.keys import create_key
from accounts.models import User
from documents import work
from documents.models import Document
from tests.documents.world import MadeDocument, MakeDocument, make_document, scan
from tests.images.conftest import (
    MakePicture,
    _each_picture_is_read_once,
    detector,
    make_picture,
)
from tests.images.drawn import CARD, MAIL, NAME, chunk_names, encoded, letter, pixels

__all__ = ("_each_picture_is_read_once", "detector", "make_document", "make_picture", "scan")
pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
ALL = "/api/v1/images"
CAST = ("alice", "bob", "charlie", "nobody")
SECRETS = (NAME, CARD, MAIL)
DRAWN = {"id": "d-1", "x": 5, "y": 180, "width": 33, "height": 7, "label": "secret"}
ONE_BAR = {"revision": 0, "fill": "black", "bars": [DRAWN]}


class Row(NamedTuple):
    """What each of the cast is answered."""

    alice: int
    bob: int
    charlie: int
    nobody: int
    data: Any = None
    shows_original: bool = False


TABLE = {
    ("image", "GET"): Row(200, 200, 200, 200),
    ("image", "DELETE"): Row(204, 204, 404, 404),
    ("image_bars", "GET"): Row(200, 200, 404, 404, None, shows_original=True),
    ("image_bars", "PUT"): Row(200, 200, 404, 404, ONE_BAR),
    ("image_file", "GET"): Row(200, 200, 200, 200),
    ("image_source", "GET"): Row(200, 200, 404, 404, None, shows_original=True),
}


def test_every_address_and_method_has_a_row() -> None:
    methods = {
        (pattern.name, method.upper())
        for pattern in api.v1.urls.urlpatterns
        if str(pattern.pattern).startswith("^images/")
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(pattern.callback.view_class, method)  # type: ignore[attr-defined]
    }
    assert methods == set(TABLE)


def _call(who: str, made: MadeDocument, place: tuple[str, str], data: Any = None) -> Any:
    client = Client()
    headers = {"Reveal-Token": made.token} if who == "bob" else {}
    if who in {"alice", "charlie"}:
        client.force_login(User.objects.get(username=who))
    body = data if data is not None else TABLE[place].data
    return client.generic(
        place[1],
        reverse(f"api:v1:{place[0]}", args=[made.pid]),
        json.dumps(body) if body is not None else b"",
        "application/json",
        headers=headers,
    )


def _content(response: Any) -> bytes:
    return b"".join(response.streaming_content if response.streaming else [response.content])


@pytest.fixture
def made(make_picture: MakePicture) -> MadeDocument:
    """A clean picture of alice's."""
    User.objects.create_user("charlie")
    return make_picture(owner=User.objects.create_user("alice"))


@pytest.mark.parametrize("place", sorted(TABLE), ids="-".join)
def test_each_of_the_cast_gets_what_the_table_says(
    make_picture: MakePicture, place: tuple[str, str]
) -> None:
    User.objects.create_user("charlie")
    alice = User.objects.create_user("alice")
    row = TABLE[place]
    for who in CAST:
        made = make_picture(owner=alice)
        answer = _call(who, made, place)
        assert answer.status_code == getattr(row, who), who
        content = _content(answer)
        if answer.status_code == 404 or not row.shows_original:
            assert not any(secret.encode() in content for secret in SECRETS)
        else:
            assert "no-store" in answer["Cache-Control"]
        if row.nobody == 404 and who == "nobody":
            unknown = _call(who, MadeDocument("AAAAAAAAAAAAAAAA", ""), place)
            assert (unknown.content, unknown.headers) == (content, answer.headers)


def test_a_picture_is_handed_in_followed_and_fetched_flattened(client: Client, scan: Any) -> None:
    file = SimpleUploadedFile("letter.webp", encoded(letter(), "WEBP", lossless=True))
    response = client.post(ALL, {"file": file})
    assert response.status_code == 202
    body = response.json()
    assert response["Location"] == f"{ALL}/{body['id']}"
    assert body["state"] == "received"
    address, held = response["Location"], {"Reveal-Token": body["reveal_token"]}
    assert client.get(f"{address}/file").json()["code"] == "not_ready"
    assert client.get(f"{address}/bars", headers=held).json()["code"] == "not_ready"
    work.run_pending()
    scan()
    work.run_pending()
    done = client.get(address).json()
    assert (done["state"], done["kind"], done["clean_file"]["state"]) == ("ready", "png", "ready")
    assert done["counts"] == {"private_person": 1, "private_email": 1, "account_number": 1}
    assert done["public_url"].endswith(f"/images/{body['id']}")
    assert not any(secret in json.dumps(done) for secret in SECRETS)
    clean = client.get(f"{address}/file")
    assert clean["Content-Type"] == "image/png"
    content = _content(clean)
    assert chunk_names(content) == [b"IHDR", b"IDAT", b"IEND"]
    state = client.get(f"{address}/bars", headers=held).json()
    shown = pixels(content)
    for bar in state["bars"]:
        assert not shown[_area(bar)].any()
    source = client.get(f"{address}/source", headers=held)
    assert source["Content-Type"] == "application/octet-stream"
    assert _content(source).startswith(b"RIFF")


def _area(bar: dict[str, Any]) -> tuple[slice, slice]:
    x, y = bar["x"], bar["y"]
    return slice(y, y + bar["height"]), slice(x, x + bar["width"])


def test_bars_that_were_read_can_be_sent_back_changed(made: MadeDocument) -> None:
    state = _call("alice", made, ("image_bars", "GET")).json()
    assert [bar["text"] for bar in state["bars"]] == [NAME, CARD, MAIL]
    assert (state["width"], state["height"]) == letter().size
    off = state["bars"][2]
    off["on"] = False
    sent = {"revision": state["revision"], "fill": "white", "bars": [*state["bars"], DRAWN]}
    answer = _call("alice", made, ("image_bars", "PUT"), sent).json()
    assert answer["revision"] == 1
    assert answer["clean"]["state"] == "making"
    assert [bar["on"] for bar in answer["bars"]] == [True, True, False, True]
    waiting = _call("nobody", made, ("image_file", "GET"))
    assert (waiting.status_code, waiting.json()["code"]) == (409, "clean_making")
    work.run_pending()
    shown = pixels(_content(_call("nobody", made, ("image_file", "GET"))))
    assert (shown[_area(DRAWN)] == 255).all()
    assert (shown[_area(state["bars"][0])] == 255).all()
    assert (shown[_area(off)] == pixels(encoded(letter()))[_area(off)]).all()


def test_an_older_revision_is_refused_and_nothing_is_changed(made: MadeDocument) -> None:
    answer = _call("alice", made, ("image_bars", "PUT"), ONE_BAR | {"revision": 7})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(_call("alice", made, ("image_bars", "GET")).json()["bars"]) == 3


WRONG: tuple[Any, ...] = (
    [],
    ONE_BAR | {"revision": "0"},
    ONE_BAR | {"revision": True},
    ONE_BAR | {"fill": "blur"},
    ONE_BAR | {"bars": [DRAWN | {"x": 9_999}]},
    ONE_BAR | {"bars": [DRAWN | {"label": MAIL}]},
    ONE_BAR | {"bars": None},
    ONE_BAR | {"pixelate": 9},
)


def test_bars_that_make_no_sense_are_a_problem_that_repeats_nothing(made: MadeDocument) -> None:
    for sent in WRONG:
        answer = _call("alice", made, ("image_bars", "PUT"), sent)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), sent
        assert answer["Content-Type"] == "application/problem+json"
        assert MAIL not in answer.content.decode()
    assert _call("alice", made, ("image_bars", "GET")).json()["revision"] == 0


@pytest.mark.parametrize("content", [b"%PDF-1.7\n", b"hello", b"<svg xmlns='x'></svg>"])
def test_what_is_no_picture_is_refused_before_it_is_stored(client: Client, content: bytes) -> None:
    answer = client.post(ALL, {"file": SimpleUploadedFile("letter.png", content)})
    assert answer.status_code == 422
    assert "PNG" in answer.json()["errors"]["file"][0]
    assert not Document.objects.exists()


def test_a_damaged_picture_says_so(client: Client) -> None:
    file = SimpleUploadedFile("letter.jpg", encoded(letter(), "JPEG")[:3000])
    address = client.post(ALL, {"file": file})["Location"]
    work.run_pending()
    failed = client.get(address).json()
    assert failed["state"] == "failed"
    assert failed["error"]["detail"].endswith(".")


def test_a_text_is_no_picture(make_document: MakeDocument) -> None:
    made = make_document()
    for place in TABLE:
        assert _call("bob", made, place).status_code == 404, place


SCOPES = (
    ("read", "GET", ALL, 200),
    ("redact", "GET", ALL, 403),
    ("read", "POST", ALL, 403),
    ("redact", "POST", ALL, 422),
    ("read", "GET", "/bars", 404),
    ("reveal", "GET", "/bars", 200),
    ("redact", "DELETE", "", 404),
    ("reveal", "DELETE", "", 204),
)


def test_a_key_does_what_its_scopes_say(made: MadeDocument) -> None:
    alice = User.objects.get(username="alice")
    for scope, method, address, status in SCOPES:
        path = address if address == ALL else f"{ALL}/{made.pid}{address}"
        key = create_key(owner=alice, name="k", scopes=[scope]).bearer
        answer = Client().generic(method, path, headers={"Authorization": f"Bearer {key}"})
        assert answer.status_code == status, (scope, method, address)


def test_a_list_holds_one_s_own_pictures_only(
    made: MadeDocument, make_document: MakeDocument
) -> None:
    alice = User.objects.get(username="alice")
    make_document(owner=alice)
    for who, expected in (("alice", [made.pid]), ("charlie", [])):
        client = Client()
        client.force_login(User.objects.get(username=who))
        assert [one["id"] for one in client.get(ALL).json()["images"]] == expected
    assert Client().get(ALL).status_code in {401, 403}
