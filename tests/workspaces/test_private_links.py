"""A private link opens what a team keeps, and changes nothing of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from documents.models import Document
from pastebin.models import Paste
from sharing.services import Place
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import NAME, Make, committed
from tests.workspaces.cast import Team

__all__ = ("make_document",)
pytestmark = committed
EDITS = {"revision": 0, "edits": [{"op": "add", "start": 0, "end": 4, "label": "secret"}]}


@pytest.fixture
def items(team: Team, make: Make, make_document: MakeDocument) -> dict[str, Any]:
    """A text and a document of the team, with their links."""
    place = Place(team.workspace, team.people["eddie"])
    owned = {"owner": team.people["eddie"], "place": place}
    return {"view": make(**owned), "documents": make_document(**owned)}


def _stored() -> list[Any]:
    rows = [*Paste.objects.values_list("revision", "redacted_text", "expires_at")]
    return [*rows, *Document.objects.values_list("revision", "redacted_text", "rasterise")]


@pytest.mark.parametrize("kind", ["view", "documents"])
def test_who_holds_it_reads_and_changes_nothing(items: dict[str, Any], kind: str) -> None:
    made, holder, before = items[kind], Client(), _stored()
    page = f"/{kind}/{made.pid}"
    assert holder.get(f"{page}?token={made.token}").status_code == 302
    assert NAME in holder.get(f"{page}/original").content.decode()
    edits = json.dumps(EDITS)
    corrected = holder.post(f"{page}/original/spans", edits, content_type="application/json")
    assert corrected.status_code == 404
    assert holder.post(f"{page}/delete").status_code == 404
    if kind == "documents":
        assert holder.post(f"{page}/original/clean", {"rasterise": "on"}).status_code == 404
    assert _stored() == before
    assert NAME in holder.get(f"{page}/original").content.decode()


@pytest.mark.parametrize(("kind", "name"), [("view", "pastes"), ("documents", "documents")])
def test_a_program_that_holds_it_reads_and_changes_nothing(
    items: dict[str, Any], kind: str, name: str
) -> None:
    made, client, before = items[kind], Client(), _stored()
    where, token = f"/api/v1/{name}/{made.pid}", {"Reveal-Token": made.token}
    assert NAME in client.get(f"{where}/spans", headers=token).content.decode()
    for method, path, body in (
        (client.post, f"{where}/spans", EDITS),
        (client.delete, where, None),
        (client.post, f"{where}/file", {"rasterise": True}),
    ):
        if kind == "documents" or not path.endswith("/file"):
            answer = method(path, body, content_type="application/json", headers=token)
            assert answer.status_code == 404, path
    assert _stored() == before
