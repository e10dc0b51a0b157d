"""The trash: what is in it is shown nowhere, comes back, or goes for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Action, Line
from documents import work
from documents.models import FileJob
from entries.models import Entry, SearchPart
from library.services import delete_overdue, empty_trash, restore_items, trash_items
from sharing.services import Place
from tests.documents.world import MakeDocument, make_document
from tests.library.world import MakeIn, entry_of, titles_on
from tests.pastebin.world import Made, committed
from tests.workspaces.cast import Team
from tests.wsgi import ask
from vault.models import Envelope

__all__ = ("make_document",)
pytestmark = pytest.mark.django_db


@pytest.fixture
def made(team: Team, make_in: MakeIn) -> Made:
    """A paste of a team."""
    return make_in(team, title="Lost and found")


def trash(team: Team, *pastes: Made) -> None:
    """Put pastes into the trash, as eddie."""
    pids = [one.pid for one in pastes]
    trash_items(user=team.people["eddie"], workspace=team.workspace, pids=pids)


def restore(team: Team, *pastes: Made) -> None:
    """Take pastes out of the trash, as eddie."""
    pids = [one.pid for one in pastes]
    restore_items(user=team.people["eddie"], workspace=team.workspace, pids=pids)


def test_every_way_to_a_trashed_item_is_closed_and_opens_again(team: Team, made: Made) -> None:
    visitor, member = Client(), team.browsers["olga"]
    ways: list[tuple[Client, str, int]] = [
        (visitor, made.public, 200),
        (visitor, made.raw, 200),
        (visitor, made.api, 200),
        (visitor, made.private, 200),
        (visitor, f"/api/v1/pastes/{made.pid}", 200),
        (member, made.public, 200),
        (member, made.original, 200),
        (member, made.links, 200),
    ]
    before = [browser.get(path, follow=True).status_code for browser, path, _ in ways]
    trash(team, made)
    assert {browser.get(path, follow=True).status_code for browser, path, _ in ways} == {404}
    restore(team, made)
    after = [browser.get(path, follow=True).status_code for browser, path, _ in ways]
    assert before == after == [status for _, _, status in ways]


@committed
def test_a_cached_page_is_dropped_at_once(team: Team, made: Made) -> None:
    for path in (made.public, made.raw):
        assert ask(path).status == 200
        assert ask(path).status == 200
    trash(team, made)
    for path in (made.public, made.raw):
        assert ask(path).status == 404
    restore(team, made)
    assert ask(made.public).status == 200


def test_a_cookie_that_opened_the_original_opens_nothing_in_the_trash(
    team: Team, made: Made
) -> None:
    bob = Client()
    assert bob.get(made.private, follow=True).status_code == 200
    trash(team, made)
    assert bob.get(made.original, follow=True).status_code == 404
    assert bob.get(made.private, follow=True).status_code == 404


def test_a_trashed_item_is_in_no_list_but_the_trash(team: Team, made: Made) -> None:
    trash(team, made)
    eddie = team.browsers["eddie"]
    for path in ("", "?q=found", f"?q={made.pid}"):
        page = eddie.get(team.path("library:items") + path)
        assert not page.context["rows"]
        assert page.context["total"] == 0
    assert "Lost and found" not in eddie.get("/pastes/").content.decode()
    page = team.browsers["victor"].get(team.path("library:trash"))
    [row] = page.context["rows"]
    assert (row.title, row.url) == ("Lost and found", "")
    assert row.goes.isoformat() in page.content.decode()
    assert row.goes - made.row.envelope.entry.trashed_at == timedelta(days=30)
    assert "After 30 days" in page.content.decode()


def test_the_pages_trash_and_restore(team: Team, made: Made) -> None:
    eddie = team.browsers["eddie"]
    folder = team.workspace.folders.create(name="Cases")
    Entry.objects.filter(pid=made.pid).update(folder=folder)

    def send(name: str, action: str) -> list[str]:
        page = eddie.post(
            team.path(f"library:{name}"), {"pid": made.pid, "action": action}, follow=True
        )
        return [str(one) for one in page.context["messages"]]

    assert send("trash_bulk", "restore")[0].startswith("Some of these are not here")
    assert send("bulk", "trash")[0].startswith("1 item put into the trash.")
    assert send("bulk", "trash")[0].startswith("Some of these are not here")
    assert send("trash_bulk", "restore") == ["1 item restored. Their links work again."]
    assert entry_of(made).folder == folder
    assert titles_on(eddie.get(team.path("library:items"))) == {"Lost and found"}
    actions = Line.objects.filter(workspace=team.wid, thing=made.pid).values_list("action")
    assert {Action.ITEM_TRASHED, Action.ITEM_RESTORED} <= {action for (action,) in actions}


def test_deleting_for_good_takes_key_text_and_words(team: Team, made: Made) -> None:
    envelope = made.row.envelope_id
    trash(team, made)
    path = team.path("library:trash_bulk")
    page = team.browsers["olga"].post(path, {"pid": made.pid, "action": "delete"}, follow=True)
    assert "1 item deleted for good." in page.content.decode()
    assert not made.exists
    assert not Envelope.objects.filter(pk=envelope).exists()
    assert not SearchPart.objects.exists()
    line = Line.objects.get(action=Action.ITEM_DELETED)
    assert (line.thing, line.actor) == (made.pid, team.people["olga"].pk)


def test_only_what_is_in_the_trash_is_deleted_for_good(team: Team, made: Made) -> None:
    path = team.path("library:trash_bulk")
    team.browsers["olga"].post(path, {"pid": made.pid, "action": "delete"})
    assert made.exists


def test_the_sweep_deletes_what_has_lain_long_enough(
    team: Team, make_in: MakeIn, settings: Any
) -> None:
    old, young, present = (make_in(team, word) for word in ("old", "young", "present"))
    trash(team, old, young)
    settings.TRASH_DAYS = 3
    for made, days in ((old, 3.01), (young, 2.9)):
        then = timezone.now() - timedelta(days=days)
        Entry.objects.filter(pid=made.pid).update(trashed_at=then)
    assert delete_overdue() == 1
    assert [old.exists, young.exists, present.exists] == [False, True, True]
    line = Line.objects.get(action=Action.ITEM_DELETED)
    assert (line.thing, line.actor, line.detail) == (old.pid, None, {"why": "trash"})


def test_emptying_goes_in_steps_and_says_so(
    team: Team, make_in: MakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("library.services.MOST_AT_ONCE", 2)
    made = [make_in(team, str(number)) for number in range(3)]
    for one in made:
        trash(team, one)
    kept = make_in(team, "kept")
    who = {"user": team.people["olga"], "workspace": team.workspace}
    assert empty_trash(**who) == (2, 1)
    assert [one.exists for one in made] == [False, False, True]
    path = team.path("library:empty_trash")
    page = team.browsers["olga"].post(path, follow=True)
    assert "The trash is empty" in page.content.decode()
    assert kept.exists
    assert not made[2].exists


def test_an_item_that_expired_in_the_trash_is_not_offered(team: Team, made: Made) -> None:
    trash(team, made)
    made.row.end_at(timezone.now() - timedelta(seconds=1))
    assert not team.browsers["olga"].get(team.path("library:trash")).context["rows"]


def test_a_member_deletes_for_good_on_the_page_of_an_item(team: Team, made: Made) -> None:
    team.browsers["eddie"].post(f"/view/{made.pid}/delete")
    assert not made.exists


@committed
def test_a_document_that_is_read_in_the_trash_is_whole_when_it_comes_back(
    team: Team, make_document: MakeDocument
) -> None:
    eddie = team.people["eddie"]
    document = make_document(until="", owner=eddie, place=Place(team.workspace, eddie))
    who = {"user": eddie, "workspace": team.workspace, "pids": [document.pid]}
    trash_items(**who)
    work.run_pending()
    assert not FileJob.objects.exists()
    assert Client().get(f"/documents/{document.pid}").status_code == 404
    restore_items(**who)
    assert document.row.state == "scanning"
