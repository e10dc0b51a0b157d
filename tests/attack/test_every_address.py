"""Every address of the URL configuration, asked by strangers with the ids of what is not theirs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from tests.attack.addresses import World, make_world, paths, stored
from tests.cast import SPANS
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import SECRETS, Make, committed
from tests.workspaces.cast import make_team

__all__ = ("make_document",)
pytestmark = committed
# Whoever has no account may post; what they make is theirs.
MAKES = (
    "",
    "documents/",
    "api/v1/pastes",
    "api/v1/documents",
    "api/v1/images",
    "csp-report",
)
METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Settings) -> World:
    """What a team holds."""
    settings.ADMIN = True
    return make_world(make, make_document)


def _as(world: World, who: str) -> Client:
    """Return a stranger's browser; the rival owns a workspace of her own."""
    if who == "rival":
        return make_team("Rivals", prefix="rival-").browsers["olga"]
    return world.team.browsers[who]


def _requests(found: list[str]) -> Iterator[tuple[str, str]]:
    for path in found:
        for method in METHODS:
            if method != "post" or path not in MAKES:
                yield method, path


@pytest.mark.parametrize("who", ["charlie", "rival", "nobody"])
def test_no_address_shows_or_changes_what_is_another_s(world: World, who: str) -> None:
    browser = _as(world, who)
    browser.raise_request_exception = False
    found, before, seen = paths(world), stored(), 0
    assert len(found) > 150
    for method, path in _requests(found):
        body = None if method == "get" else SPANS
        options = {} if body is None else {"data": body, "content_type": "application/json"}
        answer = getattr(browser, method)(f"/{path}", **options)
        # As Gradio answers a call that failed; and its streams need the real web server.
        if answer.status_code >= 500:
            assert path.startswith("gradio_api/"), (method, path)
            assert "detail" in answer.json() or "error" in answer.json(), (method, path)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        for secret in SECRETS:
            assert secret.encode() not in content, (method, path)
        seen += answer.status_code in {200, 302, 401, 403, 404, 405}
    assert seen > 600
    after = stored()
    for table, rows in before.items():
        # Of their own row a stranger may change what they like.
        missing = [
            row
            for row in rows
            if row not in after[table] and ",charlie," not in row[0] and ",rival-" not in row[0]
        ]
        assert not missing, table
