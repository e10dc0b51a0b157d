"""What every answer of every address says to browsers, proxies and other sites."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from config.headers import FILE_POLICY, SECURITY_HEADERS
from tests.attack.addresses import DIALECTS, World, make_world, paths
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import SECRETS, Make, committed

__all__ = ("make_document",)
pytestmark = committed
# What may be kept by whoever asked; finished public pages, and what holds nothing of anybody.
KEPT = re.compile(
    r"/(?:view/[\w-]+(?:/raw)?|documents/[\w-]+(?:/(?:raw|file|certificate))?"
    r"|images/[\w-]+(?:/(?:file|picture))?|api/paste/[\w-]+|\.well-known/.*"
    r"|api/(?:schema(?:/dialects)?|docs)/|api/v1/(?:openapi\.(?:json|yaml)|pastes/[\w-]+/text|documents/[\w-]+/(?:file|text|certificate)"
    r"|images/[\w-]+/file).*|static/.*)"
)


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Any) -> World:
    """What a team holds."""
    settings.ADMIN = True
    return make_world(make, make_document)


def _assert_headers(answer: Any, path: str) -> None:
    for name, value in SECURITY_HEADERS:
        said = answer.headers.get(name)
        if name == "Cross-Origin-Resource-Policy" and DIALECTS.match(path):
            continue  # any site may ask there; cookies count for nothing
        if name == "Content-Security-Policy" and "Content-Disposition" in answer:
            assert said == FILE_POLICY, path
            continue
        if name == "Referrer-Policy":
            assert said in {value, "same-origin"}, path
            continue
        assert said == value, (path, name)


@pytest.mark.parametrize("who", ["olga", "nobody"])
def test_each_answer_carries_them_and_no_cache_keeps_what_is_private(
    world: World, who: str
) -> None:
    browser = world.team.browsers[who]
    browser.raise_request_exception = False
    for path in paths(world):
        for method in ("get", "put"):
            answer = getattr(browser, method)(f"/{path}")
            _assert_headers(answer, f"/{path}")
            said = answer.headers.get("Cache-Control", "")
            if "no-store" not in said:
                assert KEPT.fullmatch(f"/{path}"), (method, path, said)
                content = b"".join(answer) if answer.streaming else answer.content
                for secret in SECRETS:
                    assert secret.encode() not in content, path
            answer.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nowhere", 404), ("/view/AAAAAAAAAAAAAAAA", 404), ("/static/none.js", 404), ("/", 400)],
)
@pytest.mark.django_db
def test_pages_of_errors_carry_them_too(client: Client, path: str, status: int) -> None:
    answer = client.get(path, headers={"Host": "evil.example"} if status == 400 else {})
    assert answer.status_code == status
    _assert_headers(answer, path)


@pytest.mark.parametrize("sent", ["a b", "x" * 300, "a\r\nSet-Cookie: x=1", "{}", "\u202e", ""])
@pytest.mark.django_db
def test_a_request_s_id_of_a_stranger_is_not_repeated(client: Client, sent: str) -> None:
    answer = client.get("/nowhere", headers={"X-Request-ID": sent})
    assert re.fullmatch(r"[0-9a-f]{8,32}", answer.headers.get("X-Request-ID", "0" * 8))
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("title", ["a\r\nX-Evil: 1", "a\nX-Evil: 1", 'a"; x="', "\u202ea\x00b"])
def test_a_title_adds_no_header(make: Make, client: Client, title: str) -> None:
    paste = make(title=title)
    for path in (paste.public, paste.raw, paste.api, paste.private):
        answer = client.get(path)
        assert "X-Evil" not in answer.headers
        assert not [value for value in answer.headers.values() if {"\r", "\n"} & set(value)]


def test_files_come_as_files_out_of_a_sandbox(world: World) -> None:
    """Neither the original nor the clean file is ever a page of this site."""
    seen = 0
    browser = world.team.browsers["olga"]
    for path in paths(world):
        if not re.search(r"(?:file|source|certificate|export\w*)(?:/|$|\.)", path):
            continue
        answer = browser.get(f"/{path}")
        if answer.status_code != 200 or "text/html" in answer["Content-Type"]:
            continue
        if "Content-Disposition" not in answer:
            continue
        assert answer["Content-Disposition"].startswith("attachment"), path
        assert "sandbox" in answer["Content-Security-Policy"], path
        assert answer["X-Content-Type-Options"] == "nosniff", path
        seen += 1
    assert seen >= 3
