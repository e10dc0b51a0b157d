"""Every address of the URL configuration, filled with what a team holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.keys import create_key
from accounts.models import Scope
from anonymizer.rules import AlwaysHide, Rules, Terms
from entries.models import Folder, SavedView, Tag
from policies.services import create_policy
from sharing.services import Place
from tests.documents.world import MakeDocument
from tests.pastebin.world import SECRETS, Make
from tests.workspaces.cast import Team, make_team
from webhooks.models import Webhook

# What any site may call: keys travel in bodies and headers there, and cookies count for nothing.
DIALECTS = re.compile(r"/(?:api/(?!v1/|paste/|docs/|schema/)|gradio_api/|openai/|config/?$)")
# Rows that a request writes, whoever asks: sessions, counts, what a stranger makes.
NOT_COMPARED = re.compile(r"session|axes_|accounts_(?:quotause|device)|inference_engine")
_NAMED = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")


@dataclass
class World:
    """What a team holds, by the names that addresses have for it."""

    team: Team
    values: dict[str, str] = field(default_factory=dict)
    pids: list[str] = field(default_factory=list)


def make_world(make: Make, make_document: MakeDocument) -> World:
    """Make a team with a text, a document, a folder, a tag, a policy, a key and a webhook."""
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
        "name": "create_paste",
    }
    return World(team, values, [paste.pid, document.pid])


def paths(world: World, *, is_sorted: bool = True) -> list[str]:
    """Return every address, filled with what the team holds; without the slash they begin with.

    is_sorted: once each and by name; else in the order of the configuration
    """
    found = []
    for route in _routes(get_resolver().url_patterns):
        if route.startswith(("admin/", "accounts/log", "static", "readyz")):
            continue
        for pid in world.pids:
            known = {**world.values, "pid": pid}
            path = _NAMED.sub(lambda m, known=known: known.get(m[1] or m[2], "1"), route)
            found.append(_first_way(path))
    return sorted(set(found)) if is_sorted else found


def _first_way(pattern: str) -> str:
    """Return the first path that the rest of a pattern names."""
    pattern = re.sub(r"\(\?:[^()]*\)\?", "", pattern)
    pattern = re.sub(r"\(\?:([^()|]*)[^()]*\)", r"\1", pattern)
    pattern = re.sub(r"\[(.)[^\]]*\]", r"\1", pattern)
    return re.sub(r"[\^$?\\]|\{[\d,]+\}", "", pattern)


def stored() -> dict[str, list[Any]]:
    """Return all rows but those that any request writes."""
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.table_names(cursor):
            if not NOT_COMPARED.search(table):
                cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
                rows[table] = cursor.fetchall()
    return rows


def _routes(patterns: Any, before: str = "") -> Iterator[str]:
    """Yield the route of every address, with its groups by name."""
    for pattern in patterns:
        written = before + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, written)
        elif isinstance(pattern, URLPattern):
            yield written
