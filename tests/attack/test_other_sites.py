"""What another site can make a browser do: forms in its name, and links that lead elsewhere."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from tests.attack.addresses import DIALECTS, World, make_world, paths, stored
from tests.cast import SPANS
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import Make, committed

__all__ = ("make_document",)
pytestmark = committed
EVIL = "evil.example"
# Whose answers follow from nothing that a cookie says; what they take is no form's.
WITHOUT_COOKIES = re.compile(r"/csp-report$")
FIELDS = {
    "next": f"https://{EVIL}/",
    "redirect_to": f"//{EVIL}/",
    "expires": "1h",
    "action": "rotate",
    "name": "renamed",
    "email": "eve@posteo.example",
    "text": "posted by another site",
    "style": "placeholder",
    "operating_point": "balanced",
}


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Settings) -> World:
    """What a team holds."""
    settings.ADMIN = True
    return make_world(make, make_document)


@pytest.mark.parametrize("kind", ["form", "json"])
def test_no_form_of_another_site_changes_anything(world: World, kind: str) -> None:
    """Asked with the owner's cookies, as a browser sends them along, and without a form's token."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.team.people["olga"])
    browser.raise_request_exception = False
    before, refused = stored(), 0
    for path in paths(world):
        for method in ("post", "put", "patch", "delete"):
            options: dict[str, Any] = {"headers": {"Origin": f"https://{EVIL}"}}
            if kind == "json":
                options |= {"data": SPANS, "content_type": "application/json"}
            elif method == "post":
                options |= {"data": FIELDS}
            else:
                continue  # no form sends it
            answer = getattr(browser, method)(f"/{path}", **options)
            if DIALECTS.match(f"/{path}") or WITHOUT_COOKIES.match(f"/{path}"):
                continue
            assert answer.status_code in {401, 403, 404, 405}, (method, path)
            refused += answer.status_code == 403
    assert refused > (60 if kind == "json" else 40)
    assert stored() == before


def test_dialects_know_nobody_by_a_cookie(world: World) -> None:
    """They are open to every site, so a session must not count there."""
    browser = world.team.browsers["olga"]
    body = json.dumps({"data": ["Ann Lee called.", "1h"]})
    answer = browser.post("/gradio_api/call/create_paste", body, "application/json")
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    newest = stored()["pastebin_paste"]
    owned = [row for row in newest if f",{world.team.people['olga'].pk}," in row[0]]
    assert len(owned) == 1  # the one that she has made before


@pytest.mark.parametrize("target", [f"https://{EVIL}/", f"//{EVIL}/", f"/\\{EVIL}/"])
def test_no_address_leads_to_another_site(world: World, target: str) -> None:
    browser = world.team.browsers["olga"]
    browser.raise_request_exception = False
    names = ("next", "url", "to", "redirect", "return", "back", "continue", "at", "where")
    query = dict.fromkeys(names, target)
    seen = 0
    for path in paths(world):
        answer = browser.get(f"/{path}", query)
        location = answer.headers.get("Location")
        if location is not None:
            assert urlsplit(urljoin("http://testserver/", location)).netloc == "testserver", path
            seen += 1
        refresh = answer.headers.get("Refresh", "") + answer.headers.get("Link", "")
        assert EVIL not in refresh, path
        answer.close()
    assert seen > 3


def test_no_form_leads_to_another_site(world: World) -> None:
    """Sent by its own owner, to each address that takes one."""
    browser = world.team.browsers["olga"]
    browser.raise_request_exception = False
    seen = 0
    last = ("delete", "remove", "leave", "logout", "end")
    for path in sorted(paths(world), key=lambda one: any(word in one for word in last)):
        answer = browser.post(f"/{path}?next=//{EVIL}/", FIELDS, headers={"Referer": f"//{EVIL}"})
        location = answer.headers.get("Location")
        if location is not None:
            assert urlsplit(urljoin("http://testserver/", location)).netloc == "testserver", path
            seen += 1
    assert seen > 10
