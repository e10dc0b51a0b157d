"""Every address of a workspace's items, and who is answered what."""

from __future__ import annotations

from typing import Any

import pytest

from entries.models import Entry, Folder, SavedView, Tag
from tests.library.world import MakeIn, entry_of
from tests.pastebin.world import Made
from tests.workspaces.cast import CAST, ROLES, Row, Team, addresses_of, face_the_cast
from workspaces.roles import Role

TABLE: dict[str, Row] = {
    "library:items": Row("GET", Role.VIEWER),
    "library:new": Row("GET", Role.EDITOR, 302, None, {"kind": "paste"}),
    "library:bulk": Row("POST", Role.EDITOR, 302, {"action": "trash"}),
    "library:trash": Row("GET", Role.VIEWER),
    "library:trash_bulk": Row("POST", Role.EDITOR, 302, {"action": "restore"}),
    "library:empty_trash": Row("POST", Role.EDITOR, 302),
    "library:folders": Row("GET", Role.EDITOR),
    "library:folder": Row("POST", Role.EDITOR, 302, {"name": "x"}, {"pk": 1}),
    "library:folder_delete": Row("POST", Role.EDITOR, 302, None, {"pk": 1}),
    "library:tags": Row("GET", Role.EDITOR),
    "library:tag": Row("POST", Role.EDITOR, 302, {"name": "x", "colour": "red"}, {"pk": 1}),
    "library:tag_delete": Row("POST", Role.EDITOR, 302, None, {"pk": 1}),
    "library:view_save": Row("POST", Role.VIEWER, 302, {"name": "x", "query": "kind=paste"}),
    "library:view_delete": Row("POST", Role.VIEWER, 302, None, {"pk": 1}),
}
pytestmark = pytest.mark.django_db


def test_the_table_names_every_address() -> None:
    assert set(TABLE) == addresses_of("library")


@pytest.mark.parametrize("who", CAST)
def test_each_address_answers_as_the_table_says(team: Team, who: str) -> None:
    for name, row in TABLE.items():
        face_the_cast(team, name, row, who)


@pytest.mark.parametrize("who", CAST)
def test_what_is_only_sent_is_not_fetched(team: Team, who: str) -> None:
    for name in ("library:folders", "library:tags"):
        face_the_cast(team, name, Row("POST", Role.EDITOR, 200), who)
    for name, row in TABLE.items():
        if row.method == "POST":
            face_the_cast(team, name, row._replace(method="GET", status=405), who)


@pytest.mark.parametrize("who", ROLES)
def test_nobody_of_another_team_gets_in(team: Team, other: Team, who: str) -> None:
    for name, row in TABLE.items():
        path = other.path(name, **row.kwargs)
        browser = team.browsers[who]
        answer = browser.get(path) if row.method == "GET" else browser.post(path, row.data or {})
        assert answer.status_code == 404, name


def test_numbers_of_another_team_s_things_change_nothing(
    team: Team, other: Team, make_in: MakeIn
) -> None:
    """An owner, in their own workspace, names what belongs to another one."""
    mine, theirs = make_in(team, "ours"), make_in(other, "theirs")
    folder = Folder.objects.create(workspace=other.workspace, name="Theirs")
    tag = Tag.objects.create(workspace=other.workspace, name="Theirs")
    view = SavedView.objects.create(
        workspace=other.workspace, user=other.people["olga"], name="Theirs", query="kind=paste"
    )
    olga = team.browsers["olga"]

    def send(name: str, data: dict[str, Any], **kwargs: Any) -> None:
        answer = olga.post(team.path(name, **kwargs), data, follow=True)
        assert answer.status_code == 200
        assert any(one.level_tag == "error" for one in answer.context["messages"]), (name, data)

    send("library:folder", {"name": "Mine"}, pk=folder.pk)
    send("library:folder_delete", {}, pk=folder.pk)
    send("library:tag", {"name": "Mine", "colour": "red"}, pk=tag.pk)
    send("library:tag_delete", {}, pk=tag.pk)
    send("library:view_delete", {}, pk=view.pk)
    for data in (
        {"action": "file", "to_folder": folder.pk},
        {"action": "tag", "give_tag": tag.pk},
        {"action": "assign", "assignee": other.people["rita"].pk},
        {"action": "assign", "assignee": team.people["victor"].pk},
        {"action": "move", "to_workspace": other.wid},
        {"action": "move", "to_workspace": team.wid},
        {"action": "nonsense"},
    ):
        send("library:bulk", {**data, "pid": mine.pid})
    for action in ("trash", "file", "expiry", "assign"):
        data = {"action": action, "to_folder": "none", "expires": "1d", "assignee": "none"}
        send("library:bulk", {**data, "pid": [mine.pid, theirs.pid]})
    Entry.objects.filter(pid=theirs.pid).update(trashed_at="2026-01-01T00:00Z")
    for action in ("restore", "delete"):
        send("library:trash_bulk", {"action": action, "pid": theirs.pid})
    answer = olga.post(team.path("library:folders"), {"name": "In", "parent": folder.pk})
    assert answer.status_code == 200
    assert not team.workspace.folders.exists()
    assert theirs.exists
    stored = entry_of(mine)
    assert (stored.folder, stored.assignee, stored.trashed_at) == (None, None, None)
    assert stored.workspace == team.workspace
    assert mine.row.expires_at is None
    assert not stored.tags.exists()
    folder.refresh_from_db()
    assert folder.name == Tag.objects.get().name == "Theirs"
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_lists_show_nothing_of_another_team(team: Team, other: Team, make_in: MakeIn) -> None:
    make_in(other, "An unmistakable word: xylophone.", title="Theirs")
    folder = Folder.objects.create(workspace=other.workspace, name="Their folder")
    tag = Tag.objects.create(workspace=other.workspace, name="Their tag")
    paths = [team.path("library:items") + query for query in (
        "", "?q=xylophone", f"?folder={folder.pk}", f"?tag={tag.pk}", "?who=mine",
    )]  # fmt: skip
    paths += [team.path(f"library:{name}") for name in ("trash", "folders", "tags")]
    for path in paths:
        page = team.browsers["olga"].get(path).content.decode()
        for word in ("Theirs", "Their folder", "Their tag", "An unmistakable"):
            assert word not in page, path


def test_a_view_is_one_person_s_own(team: Team) -> None:
    team.browsers["rita"].post(
        team.path("library:view_save"), {"name": "Short ones", "query": "kind=paste"}
    )
    view = SavedView.objects.get()
    for who in ("olga", "rita"):
        page = team.browsers[who].get(team.path("library:items")).content.decode()
        assert ("Short ones" in page) == (who == "rita")
    team.browsers["olga"].post(team.path("library:view_delete", pk=view.pk))
    assert SavedView.objects.exists()
    team.browsers["rita"].post(team.path("library:view_delete", pk=view.pk))
    assert not SavedView.objects.exists()


def test_the_way_back_leads_nowhere_else(team: Team, make_in: MakeIn) -> None:
    made: Made = make_in(team)
    data = {"action": "file", "to_folder": "none", "pid": made.pid}
    for back in ("https://elsewhere.example/", "//elsewhere.example", "q=a&next=//e.example"):
        answer = team.browsers["olga"].post(team.path("library:bulk"), {**data, "back": back})
        assert "e.example" not in answer["Location"].replace("elsewhere.example", "e.example")
        assert answer["Location"].startswith(team.path("library:items"))
