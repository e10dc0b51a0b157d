"""Every address of pictures faces the cast; strangers see flattened pixels and nothing else."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.urls import reverse

import images.urls
from documents.models import CleanState, Document
from tests.documents.world import MadeDocument, MakeDocument
from tests.images.conftest import MakePicture, Visitors
from tests.images.drawn import CARD, MAIL, NAME, chunk_names

pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
UNKNOWN = "AAAAAAAAAAAAAAAA"
# The last with its space: four digits stand in the microseconds of a time now and then.
SECRETS = (NAME, CARD, MAIL, "Margaret", "Holloway", "4929 ")


class Row(NamedTuple):
    """What each of the cast is answered."""

    method: str
    alice: int
    bob: int
    charlie: int
    nobody: int
    shows_original: bool = False


TABLE = {
    "images": Row("GET", 200, 200, 200, 200),
    "image_public": Row("GET", 200, 200, 200, 200),
    "image_picture": Row("GET", 200, 200, 200, 200),
    "image_original": Row("GET", 302, 302, 302, 302),
    "open_canvas": Row("GET", 302, 302, 302, 302),
    "canvas": Row("GET", 200, 200, 302, 302, shows_original=True),
    "bars": Row("POST", 200, 200, 404, 404),
    "picture": Row("GET", 200, 200, 404, 404, shows_original=True),
}


def _path(name: str, pid: str) -> str:
    return reverse(f"images:{name}", args=[] if name == "images" else [pid])


def _call(visitors: Visitors, who: str, name: str, pid: str, revision: int = 0) -> Any:
    row = TABLE[name]
    if row.method == "POST":
        data = json.dumps({"revision": revision, "fill": "black", "bars": []})
        return visitors[who].post(_path(name, pid), data, content_type="application/json")
    return visitors[who].get(_path(name, pid))


def test_every_address_has_a_row() -> None:
    assert {pattern.name for pattern in images.urls.urlpatterns} == set(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_each_of_the_cast_gets_what_the_table_says(
    name: str, picture: MadeDocument, visitors: Visitors
) -> None:
    for revision, who in enumerate(("nobody", "charlie", "bob", "alice"), start=-2):
        answer = _call(visitors, who, name, picture.pid, revision=max(0, revision))
        assert answer.status_code == getattr(TABLE[name], who), who
        if who in {"charlie", "nobody"}:
            content = answer.content.decode("latin-1")
            assert not any(secret in content for secret in SECRETS)
        elif TABLE[name].shows_original:
            assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("name", sorted(set(TABLE) - {"images", "image_original"}))
def test_an_unknown_picture_looks_like_a_forbidden_one(
    name: str, picture: MadeDocument, visitors: Visitors
) -> None:
    for who in ("charlie", "nobody"):
        answer = _call(visitors, who, name, UNKNOWN)
        expected = 302 if name == "canvas" else 404
        assert answer.status_code == expected


def test_a_text_has_no_pages_of_pictures(make_document: MakeDocument, visitors: Visitors) -> None:
    made = make_document()
    for name in ("image_public", "image_picture"):
        assert visitors["nobody"].get(_path(name, made.pid)).status_code == 404


def test_the_private_link_leads_to_the_canvas_and_leaves_the_address(
    picture: MadeDocument, visitors: Visitors
) -> None:
    for path in ("documents", "images"):
        client = visitors["nobody"].__class__()
        answer = client.get(f"/{path}/{picture.pid}?token={picture.token}", follow=True)
        assert answer.redirect_chain[-1][0] == _path("canvas", picture.pid)
        assert NAME in answer.content.decode()
        for cookie in client.cookies.values():
            assert cookie["path"] in {f"/documents/{picture.pid}/", "/"}


def test_a_wrong_token_opens_the_public_page(picture: MadeDocument, visitors: Visitors) -> None:
    answer = visitors["nobody"].get(f"/images/{picture.pid}?token=wrong")
    assert answer.status_code == 200
    assert NAME not in answer.content.decode()


def test_the_public_side_of_a_document_leads_to_that_of_the_picture(
    picture: MadeDocument, visitors: Visitors
) -> None:
    answer = visitors["nobody"].get(f"/documents/{picture.pid}")
    assert answer["Location"] == _path("image_public", picture.pid)


def test_the_public_picture_is_bare_pixels(picture: MadeDocument, visitors: Visitors) -> None:
    answer = visitors["nobody"].get(_path("image_picture", picture.pid))
    assert answer["Content-Type"] == "image/png"
    assert chunk_names(answer.content) == [b"IHDR", b"IDAT", b"IEND"]


@pytest.mark.parametrize("until", ["received", "read", "scanned"])
def test_nothing_is_shown_before_all_is_made(
    until: str, make_picture: MakePicture, visitors: Visitors
) -> None:
    made = make_picture(until=until)
    page = visitors["nobody"].get(f"/documents/{made.pid}", follow=True)
    assert page.status_code == 200
    assert "<img" not in page.content.decode()
    assert visitors["nobody"].get(_path("image_picture", made.pid)).status_code == 404


def test_a_blocked_picture_is_not_shown(picture: MadeDocument, visitors: Visitors) -> None:
    Document.objects.filter(pk=picture.pid).update(clean_state=CleanState.BLOCKED)
    page = visitors["nobody"].get(_path("image_public", picture.pid)).content.decode()
    assert "Nothing is shared here yet" in page
    assert "<img" not in page
    assert visitors["nobody"].get(_path("image_picture", picture.pid)).status_code == 404


def test_own_pictures_are_listed_with_images_and_not_with_documents(
    picture: MadeDocument, visitors: Visitors
) -> None:
    assert picture.pid in visitors["alice"].get("/images/").content.decode()
    assert picture.pid not in visitors["alice"].get("/documents/").content.decode()
    assert picture.pid not in visitors["charlie"].get("/images/").content.decode()


def test_whoever_sent_a_picture_comes_to_its_canvas_and_the_private_link_is_still_shown(
    make_picture: MakePicture, visitors: Visitors
) -> None:
    from django.http import HttpResponse

    from sharing.access import give_cookie

    made = make_picture()
    client, answer = visitors["nobody"], HttpResponse()
    give_cookie(answer, made.row, made.token, "links")
    client.cookies.update(answer.cookies)
    opened = client.get(_path("open_canvas", made.pid), follow=True)
    assert opened.redirect_chain[-1][0] == _path("canvas", made.pid)
    assert NAME in opened.content.decode()
    assert made.token in client.get(f"/documents/{made.pid}/links").content.decode()
