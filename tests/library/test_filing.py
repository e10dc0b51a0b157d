"""Folders, tags and views: made, changed, removed."""

from __future__ import annotations

import pytest

from audit.models import Action, Line
from entries.models import Entry, Folder, SavedView, Tag
from library.filing import change_folder, delete_folder, make_folder, save_view
from library.folders import DEEPEST, tree_of
from library.services import LibraryError
from tests.library.world import MakeIn, entry_of
from tests.workspaces.cast import Team

pytestmark = pytest.mark.django_db


def make(team: Team, name: str, parent: Folder | None = None) -> Folder:
    """Make a folder, as eddie."""
    return make_folder(
        user=team.people["eddie"],
        workspace=team.workspace,
        name=name,
        parent=parent.pk if parent else None,
    )


def change(team: Team, folder: Folder, name: str, parent: Folder | None = None) -> None:
    """Rename or move a folder, as eddie."""
    change_folder(
        user=team.people["eddie"],
        workspace=team.workspace,
        pk=folder.pk,
        name=name,
        parent=parent.pk if parent else None,
    )


def places(team: Team) -> list[str]:
    """Return where the folders of a team are."""
    return [node.where for node in tree_of(team.workspace)]


def test_folders_are_made_renamed_and_put_into_each_other(team: Team) -> None:
    cases, old = make(team, "Cases"), make(team, "Old")
    hofmann = make(team, "Hofmann", cases)
    assert places(team) == ["Cases", "Cases / Hofmann", "Old"]
    change(team, hofmann, "Hofmann 2025", old)
    change(team, old, "archive", cases)
    assert places(team) == ["Cases", "Cases / archive", "Cases / archive / Hofmann 2025"]
    did = Line.objects.filter(action=Action.WORKSPACE_CHANGED, kind="folder")
    assert [line.detail for line in did.order_by("number")] == [
        *[{"did": "made"}] * 3,
        *[{"did": "changed"}] * 2,
    ]


def test_a_folder_lies_neither_in_itself_nor_too_deep(team: Team) -> None:
    chain = [make(team, "1")]
    for number in range(2, DEEPEST + 1):
        chain.append(make(team, str(number), chain[-1]))
    beside = make(team, "beside")
    for act in (
        lambda: change(team, chain[0], "1", chain[0]),
        lambda: change(team, chain[0], "1", chain[-1]),
        lambda: change(team, chain[0], "1", beside),
        lambda: make(team, "deeper", chain[-1]),
    ):
        with pytest.raises(LibraryError):
            act()
    assert len(places(team)) == DEEPEST + 1


def test_names_differ_within_a_folder_only(team: Team) -> None:
    outer = make(team, "Same")
    inner = make(team, "Same", outer)
    with pytest.raises(LibraryError):
        make(team, "Same")
    with pytest.raises(LibraryError):
        change(team, inner, "Same")
    assert places(team) == ["Same", "Same / Same"]


def test_what_lay_in_a_deleted_folder_goes_one_higher(team: Team, make_in: MakeIn) -> None:
    outer = make(team, "Outer")
    middle = make(team, "Middle", outer)
    make(team, "Inner", middle)
    made = [make_in(team, "here"), make_in(team, "in the trash")]
    Entry.objects.filter(pid__in=[one.pid for one in made]).update(folder=middle)
    Entry.objects.filter(pid=made[1].pid).update(trashed_at="2026-01-01T00:00Z")
    who = {"user": team.people["eddie"], "workspace": team.workspace}
    delete_folder(**who, pk=middle.pk)
    assert places(team) == ["Outer", "Outer / Inner"]
    assert {entry_of(one).folder for one in made} == {outer}
    delete_folder(**who, pk=outer.pk)
    assert places(team) == ["Inner"]
    assert {entry_of(one).folder for one in made} == {None}


def test_a_folder_may_be_named_like_the_one_it_lay_in(team: Team) -> None:
    outer = make(team, "Same")
    make(team, "Same", outer)
    make(team, "Other", outer)
    make(team, "Other")
    who = {"user": team.people["eddie"], "workspace": team.workspace}
    with pytest.raises(LibraryError):
        delete_folder(**who, pk=outer.pk)
    assert places(team) == ["Other", "Same", "Same / Other", "Same / Same"]
    Folder.objects.get(parent=None, name="Other").delete()
    delete_folder(**who, pk=outer.pk)
    assert places(team) == ["Other", "Same"]


def test_the_pages_make_change_and_delete(team: Team) -> None:
    eddie = team.browsers["eddie"]

    def send(address: str, /, pk: int | None = None, **data: str) -> list[str]:
        path = team.path(f"library:{address}", **({"pk": pk} if pk else {}))
        page = eddie.post(path, data, follow=True)
        assert page.status_code == 200
        return [one.level_tag for one in page.context["messages"]]

    assert send("folders", name="  Cases\u0007 \u202e of  2026 ") == ["success"]
    folder = Folder.objects.get()
    assert folder.name == "Cases of 2026"
    assert send("folder", folder.pk, name="Cases") == ["success"]
    for name in ("", "\u200b", "x" * 81, "Cases"):
        assert send("folders", name=name) == ["error"], name
    assert send("folder_delete", folder.pk) == ["success"]
    assert not Folder.objects.exists()
    assert send("tags", name="urgent", colour="red") == ["success"]
    tag = Tag.objects.get()
    assert send("tags", name="urgent", colour="blue") == ["error"]
    assert send("tags", name="other", colour="#ff0000") == ["error"]
    assert send("tag", tag.pk, name="later", colour="green") == ["success"]
    tag.refresh_from_db()
    assert (tag.name, tag.colour) == ("later", "green")
    assert "later" in eddie.get(team.path("library:tags")).content.decode()
    assert send("tag_delete", tag.pk) == ["success"]
    assert not Tag.objects.exists()


def test_deleting_a_tag_keeps_the_items(team: Team, make_in: MakeIn) -> None:
    made = make_in(team)
    tag = team.workspace.tags.create(name="urgent")
    entry_of(made).tags.add(tag)
    team.browsers["eddie"].post(team.path("library:tag_delete", pk=tag.pk))
    assert made.exists
    assert not entry_of(made).tags.exists()


def test_a_view_keeps_what_is_asked_for_and_nothing_else(team: Team) -> None:
    rita = team.browsers["rita"]
    path = team.path("library:view_save")
    query = "q=m%C3%BCller&kind=paste&page=4&next=//e.example&state=nonsense"
    answer = rita.post(path, {"name": "Müller", "query": query})
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("Müller", "q=m%C3%BCller&kind=paste")
    assert answer["Location"] == f"{team.path('library:items')}?{view.query}"
    rita.post(path, {"name": "Müller", "query": "kind=image"})
    assert [view.query for view in SavedView.objects.all()] == ["kind=image"]
    assert rita.get(f"{team.path('library:items')}?{view.query}").status_code == 200


def test_a_view_that_is_too_long_is_refused(team: Team) -> None:
    who = {"user": team.people["rita"], "workspace": team.workspace}
    with pytest.raises(LibraryError):
        save_view(**who, name="x", query="q=" + "x" * 1000)
    query = "q=" + "%E6%96%87" * 200
    page = team.browsers["rita"].post(
        team.path("library:view_save"), {"name": "x", "query": query}, follow=True
    )
    assert [one.level_tag for one in page.context["messages"]] == ["error"]
    assert not SavedView.objects.exists()
