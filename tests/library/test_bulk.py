"""What is done to chosen items: to all of them or to none, and written down."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import Action, Line
from entries.models import Entry, Folder
from library.services import MOST_AT_ONCE, LibraryError, delete_items, put_into_folder, trash_items
from tests.library.world import MakeIn, entry_of
from tests.pastebin.world import Made
from tests.workspaces.cast import Team
from workspaces.models import Membership
from workspaces.roles import Role

pytestmark = pytest.mark.django_db


def send(team: Team, pids: list[str], who: str = "eddie", **data: Any) -> list[str]:
    """Send the form of the list; returns what the next page says."""
    path = team.path("library:bulk")
    page = team.browsers[who].post(path, {"pid": pids, **data}, follow=True)
    assert page.status_code == 200
    return [str(one) for one in page.context["messages"]]


@pytest.fixture
def two(team: Team, make_in: MakeIn) -> list[Made]:
    """Two pastes of a team."""
    return [make_in(team, "first", title="First"), make_in(team, "second", title="Second")]


def recorded(team: Team, action: Action) -> set[str]:
    """Return which items a record names with an action."""
    lines = Line.objects.filter(workspace=team.wid, action=action)
    return set(lines.values_list("thing", flat=True))


def test_items_are_filed_tagged_and_assigned(team: Team, two: list[Made]) -> None:
    pids = [made.pid for made in two]
    folder = team.workspace.folders.create(name="Cases")
    tag = team.workspace.tags.create(name="urgent", colour="red")
    rita = team.people["rita"]
    assert send(team, pids, action="file", to_folder=folder.pk) == ["2 items put into Cases."]
    assert send(team, pids, action="tag", give_tag=tag.pk) == ["2 items tagged urgent."]
    assert send(team, pids, action="tag", give_tag=tag.pk) == ["2 items tagged urgent."]
    assert send(team, pids, action="assign", assignee=rita.pk) == ["2 items assigned to rita."]
    for made in two:
        entry = entry_of(made)
        assert (entry.folder, list(entry.tags.all()), entry.assignee) == (folder, [tag], rita)
    assert recorded(team, Action.ITEM_FILED) == set(pids)
    assert recorded(team, Action.ITEM_ASSIGNED) == set(pids)
    send(team, pids[:1], action="file", to_folder="none")
    send(team, pids[:1], action="untag", give_tag=tag.pk)
    send(team, pids[:1], action="assign", assignee="none")
    for made, left in zip(two, (False, True), strict=True):
        entry = entry_of(made)
        assert [entry.folder is not None, entry.tags.exists(), entry.assignee is not None] == (
            [left] * 3
        )


def test_the_record_of_filing_holds_no_names(team: Team, two: list[Made]) -> None:
    folder = team.workspace.folders.create(name="Hofmann divorce")
    send(team, [two[0].pid], action="file", to_folder=folder.pk)
    send(team, [two[0].pid], action="trash")
    for line in Line.objects.filter(workspace=team.wid):
        assert "Hofmann" not in str(line.detail)


def test_an_expiry_is_set_for_all(team: Team, two: list[Made]) -> None:
    assert send(team, [made.pid for made in two], action="expiry", expires="1d") == [
        "The expiry of 2 items was changed."
    ]
    assert all(made.row.expires_at is not None for made in two)
    assert recorded(team, Action.EXPIRY_CHANGED) == {made.pid for made in two}
    assert send(team, [two[0].pid], action="expiry", expires="custom") == ["Choose when it ends."]
    send(team, [two[0].pid], action="expiry", expires="never")
    assert two[0].row.expires_at is None


def test_one_that_is_gone_keeps_all_as_they_were(team: Team, two: list[Made]) -> None:
    folder = team.workspace.folders.create(name="Cases")
    pids = [two[0].pid, "AAAAAAAAAAAAAAAA"]
    for data in ({"action": "file", "to_folder": folder.pk}, {"action": "trash"},
                 {"action": "expiry", "expires": "1d"}):  # fmt: skip
        [said] = send(team, pids, **data)
        assert said.startswith("Some of these are not here any more")
    entry = entry_of(two[0])
    assert (entry.folder, entry.trashed_at, two[0].row.expires_at) == (None, None, None)
    assert not recorded(team, Action.ITEM_FILED) | recorded(team, Action.ITEM_TRASHED)


def test_one_that_fails_midway_takes_the_others_back(team: Team, two: list[Made]) -> None:
    """The second is taken down, so it cannot be withheld once more."""
    pids = sorted(made.pid for made in two)
    last = Entry.objects.filter(pid__in=pids).order_by("pk").last()
    assert last is not None
    row = next(made.row for made in two if made.pid == last.pid)
    row.withheld = "down"
    row.save(update_fields=["withheld"])
    assert send(team, pids, action="trash") == ["This paste is gone."]
    for made in two:
        assert entry_of(made).trashed_at is None
        assert made.row.withheld == ("down" if made.pid == last.pid else "")


def test_nothing_chosen_and_too_much_are_said(team: Team, two: list[Made]) -> None:
    assert send(team, [], action="trash") == ["Choose the items first."]
    assert send(team, [two[0].pid]) == ["Choose what to do with them."]
    many = [f"A{number:015d}" for number in range(MOST_AT_ONCE + 1)]
    assert send(team, many, action="trash") == [f"Choose at most {MOST_AT_ONCE} items at once."]


def test_a_service_asks_for_the_role_itself(team: Team, two: list[Made]) -> None:
    """Whoever forgets to ask in a view is refused here."""
    for who in ("rita", "victor", "charlie"):
        for act in (trash_items, delete_items):
            with pytest.raises(LibraryError):
                act(user=team.people[who], workspace=team.workspace, pids=[two[0].pid])
    other = (
        Folder.objects.create(workspace=team.people["charlie"].personal_workspace, name="x")
        if (hasattr(team.people["charlie"], "personal_workspace"))
        else None
    )
    if other is not None:
        with pytest.raises(LibraryError):
            put_into_folder(
                user=team.people["eddie"],
                workspace=team.workspace,
                pids=[two[0].pid],
                folder=other,
            )


def test_who_lost_the_role_can_change_nothing(team: Team, two: list[Made]) -> None:
    Membership.objects.filter(user=team.people["eddie"]).update(role=Role.REVIEWER)
    answer = team.browsers["eddie"].post(
        team.path("library:bulk"), {"pid": two[0].pid, "action": "trash"}
    )
    assert answer.status_code == 404
    assert entry_of(two[0]).trashed_at is None
