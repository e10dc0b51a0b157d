"""Every address of the URL configuration, asked by strangers with the ids of what is not theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from accounts.keys import create_key
from accounts.models import Scope
from anonymizer.rules import AlwaysHide, Rules, Terms
from entries.models import Folder, SavedView, Tag
from policies.services import create_policy
from sharing.services import Place
from tests.cast import SPANS
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import SECRETS, Make, committed
from tests.workspaces.cast import Team, make_team
from webhooks.models import Webhook

__all__ = ("make_document",)
pytestmark = committed
# Whoever has no account may post; what they make is theirs.
MAKES = ("", "documents/", "api/v1/pastes", "api/v1/documents", "api/v1/images", "csp-report")
# Rows that a request writes, whoever asks: sessions, counts, what a stranger makes.
NOT_COMPARED = re.compile(r"session|axes_|accounts_(?:quotause|device)|inference_engine")
_NAMED = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")


@dataclass
class World:
    """What a team holds, by the names that addresses have for it."""

    team: Team
    values: dict[str, str] = field(default_factory=dict)
    pids: list[str] = field(default_factory=list)


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Settings) -> World:
    """A team with a text, a document, a folder, a tag, a policy, a key and a webhook."""
    settings.ADMIN = True
    team = make_team()
    olga, wid = team.people["olga"], team.workspace
    rules = Rules(always=(AlwaysHide("secret", Terms(exact=(SECRETS[0],))),))
    version = create_policy(workspace=wid, name="Files", rules=rules, actor=olga)
    place = Place(wid, olga, version)
    paste = make(owner=olga, place=place)
    document = make_document(owner=olga, place=place)
    hook = Webhook.objects.create(owner=olga, url="https://hooks.example.org/", sealed_secret=b"x")
    key = create_key(owner=olga, name="k", scopes=list(Scope)).key
    folder = Folder.objects.create(workspace=wid, name="Cases")
    tag = Tag.objects.create(workspace=wid, name="urgent")
    view = SavedView.objects.create(workspace=wid, user=olga, name="Mine", query="who=mine")
    values = {
        "wid": wid.wid,
        "policy_id": str(version.policy_id),
        "number": "1",
        "key_id": str(key.pk),
        "webhook_id": str(hook.pk),
        "folder_id": str(folder.pk),
        "tag_id": str(tag.pk),
        "view_id": str(view.pk),
        "pk": str(version.policy_id),
        "kind": "paste",
    }
    return World(team, values, [paste.pid, document.pid])


def _addresses(patterns: Any, before: str = "") -> Iterator[str]:
    """Yield the route of every address, with its groups by name."""
    for pattern in patterns:
        written = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern.url_patterns, written)
        elif isinstance(pattern, URLPattern):
            yield written


def _paths(world: World) -> list[str]:
    """Return every address filled with what is not the asker's."""
    found = []
    for route in _addresses(get_resolver().url_patterns):
        if route.startswith(("admin/", "accounts/log", "static", "readyz")):
            continue
        for pid in world.pids:
            known = {**world.values, "pid": pid}
            path = _NAMED.sub(lambda m, known=known: known.get(m[1] or m[2], "1"), route)
            path = re.sub(r"\(\?:[^()]*\)\??|[\^$\\?]", "", path)
            found.append(path)
    return sorted(set(found))


def _stored() -> dict[str, list[Any]]:
    """Return all rows but those that any request writes."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            if not NOT_COMPARED.search(table):
                cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
                rows[table] = cursor.fetchall()
    return rows


@pytest.mark.parametrize("who", ["charlie", "nobody"])
def test_no_address_shows_or_changes_what_is_another_s(world: World, who: str) -> None:
    browser: Client = world.team.browsers[who]
    browser.raise_request_exception = False
    paths, before, seen = _paths(world), _stored(), 0
    assert len(paths) > 150
    for path in paths:
        for method in ("get", "post", "put", "patch", "delete"):
            if method == "post" and path in MAKES:
                continue
            body = None if method == "get" else SPANS
            options = {} if body is None else {"data": body, "content_type": "application/json"}
            answer = getattr(browser, method)(f"/{path}", **options)
            assert answer.status_code < 500, (method, path)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            for secret in SECRETS:
                assert secret.encode() not in content, (method, path)
            seen += answer.status_code in {200, 302, 401, 403, 404, 405}
    assert seen > 600
    after = _stored()
    for table, rows in before.items():
        # Of their own row a stranger may change what they like.
        missing = [row for row in rows if row not in after[table] and ",charlie," not in row[0]]
        assert not missing, table
