"""Items done again under another policy, here or in another workspace."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from anonymizer.operators.policy import Operator
from anonymizer.rules import Rules
from audit.models import Action, Line
from entries.models import Entry
from library.moving import move_items, rerun_items
from library.services import LibraryError
from policies.models import PolicyVersion
from policies.services import create_policy, set_default
from review.models import Comment
from tests.library.world import MakeIn, entry_of, titles_on
from tests.pastebin.world import MAIL, NAME, Made, Scan
from tests.workspaces.cast import Team
from workspaces.models import Membership
from workspaces.roles import Role

pytestmark = pytest.mark.django_db


def policy_in(team: Team, name: str, *, is_default: bool = False, **rules: Any) -> PolicyVersion:
    """Make a policy of a team."""
    olga = team.people["olga"]
    version = create_policy(workspace=team.workspace, name=name, rules=Rules(**rules), actor=olga)
    if is_default:
        set_default(policy=version.policy, actor=olga)
    return version


@pytest.fixture
def both(team: Team, other: Team) -> Team:
    """The other team, in which eddie of the first edits, too."""
    Membership.objects.create(
        workspace=other.workspace, user=team.people["eddie"], role=Role.EDITOR
    )
    return other


def move(team: Team, target: Team, *pastes: Made, who: str = "eddie") -> int:
    """Move pastes between two teams."""
    return move_items(
        user=team.people[who],
        workspace=team.workspace,
        pids=[made.pid for made in pastes],
        target=target.workspace,
    )


def test_a_chosen_policy_hides_items_anew(team: Team, make_in: MakeIn) -> None:
    made = make_in(team, f"{NAME} wrote from {MAIL}.")
    version = policy_in(team, "Only people", operators={"private_email": Operator.KEEP})
    data = {"pid": made.pid, "action": "rerun", "under_policy": version.policy_id}
    page = team.browsers["eddie"].post(team.path("library:bulk"), data, follow=True)
    said = [str(one) for one in page.context["messages"]]
    assert said == ["1 item done again under Only people, version 1."]
    shown = made.row.redacted_text
    assert MAIL in shown
    assert NAME not in shown
    assert entry_of(made).policy_version == version
    page = team.browsers["eddie"].get(
        f"{team.path('library:items')}?policy={version.policy_id}&q=mail.example"
    )
    assert len(page.context["rows"]) == 1


def test_what_is_still_scanned_is_neither_moved_nor_done_again(
    team: Team, both: Team, make_in: MakeIn
) -> None:
    ready, waiting = make_in(team, "ready"), make_in(team, "waiting", scanned=False)
    version = policy_in(team, "Strict")
    with pytest.raises(LibraryError):
        move(team, both, ready, waiting)
    with pytest.raises(LibraryError):
        rerun_items(
            user=team.people["eddie"],
            workspace=team.workspace,
            pids=[ready.pid, waiting.pid],
            version=version,
        )
    assert {entry_of(one).workspace for one in (ready, waiting)} == {team.workspace}
    assert entry_of(ready).policy_version is None


def test_a_policy_of_another_team_is_refused(team: Team, other: Team, make_in: MakeIn) -> None:
    made, version = make_in(team, "ours"), policy_in(other, "Theirs")
    who = {"user": team.people["eddie"], "workspace": team.workspace}
    with pytest.raises(LibraryError):
        rerun_items(**who, pids=[made.pid], version=version)
    data = {"pid": made.pid, "action": "rerun", "under_policy": version.policy_id}
    page = team.browsers["eddie"].post(team.path("library:bulk"), data, follow=True)
    assert [one.level_tag for one in page.context["messages"]] == ["error"]


def test_a_moved_item_leaves_all_of_the_first_team_behind(
    team: Team, both: Team, make_in: MakeIn
) -> None:
    made = make_in(team, f"{NAME} wrote from {MAIL}.", title="Moves")
    entry = entry_of(made)
    entry.tags.add(team.workspace.tags.create(name="urgent"))
    entry.folder = team.workspace.folders.create(name="Cases")
    entry.assignee = entry.approved_by = team.people["rita"]
    entry.approved_revision = 0
    entry.save()
    Comment.objects.create(entry=entry, sealed=b"x", author=team.people["rita"])
    assert move(team, both, made) == 1
    moved = entry_of(made)
    assert moved.workspace == both.workspace
    assert (moved.folder, moved.assignee, moved.approved_by, moved.approved_revision) == (
        (None,) * 4
    )
    assert not moved.tags.exists()
    assert not moved.comments.exists()
    assert not titles_on(team.browsers["olga"].get(team.path("library:items")))
    assert titles_on(both.browsers["victor"].get(both.path("library:items"))) == {"Moves"}
    assert team.browsers["olga"].get(made.original, follow=False).status_code != 200
    assert both.browsers["rita"].get(made.original).status_code == 200
    for place, detail in ((team, {"to": both.wid}), (both, {"from": team.wid})):
        line = Line.objects.get(workspace=place.wid, action=Action.ITEM_MOVED)
        assert (line.thing, line.detail) == (made.pid, detail)


def test_the_rules_of_the_other_workspace_hold_from_the_move_on(
    team: Team, both: Team, make_in: MakeIn, scan: Scan
) -> None:
    lax = policy_in(team, "Lax", is_default=True, operators={"private_email": Operator.KEEP})
    version = policy_in(both, "Strict", is_default=True, needs_approval=True)
    made = make_in(team, f"{NAME} wrote from {MAIL}.")
    run = {"user": team.people["eddie"], "workspace": team.workspace, "pids": [made.pid]}
    rerun_items(**run, version=lax)
    assert MAIL in made.row.redacted_text
    assert Client().get(made.public).status_code == 200
    move(team, both, made)
    assert MAIL not in made.row.redacted_text
    moved = entry_of(made)
    assert (moved.policy_version, moved.needs_approval) == (version, True)
    assert Client().get(made.public).status_code == 404
    found = both.browsers["victor"].get(both.path("library:items") + "?q=mail.example")
    assert not found.context["rows"]


def test_numbers_that_a_workspace_shares_stay_there(
    team: Team, both: Team, make_in: MakeIn
) -> None:
    shared = policy_in(team, "Shared numbers", is_default=True, shared_numbers=True)
    first, second = make_in(team, "Nothing here."), make_in(team, f"{NAME} wrote.")
    who = {"user": team.people["eddie"], "workspace": team.workspace}
    rerun_items(**who, pids=[first.pid, second.pid], version=shared)
    assert entry_of(second).pseudonyms.exists()
    move(team, both, second)
    assert not entry_of(second).pseudonyms.exists()
    assert NAME not in second.row.redacted_text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.VIEWER, None])
def test_nothing_is_moved_to_where_one_may_not_add(
    team: Team, other: Team, make_in: MakeIn, role: Role | None
) -> None:
    made = make_in(team, "ours")
    if role is not None:
        Membership.objects.create(workspace=other.workspace, user=team.people["eddie"], role=role)
    with pytest.raises(LibraryError):
        move(team, other, made)
    data = {"pid": made.pid, "action": "move", "to_workspace": other.wid}
    page = team.browsers["eddie"].post(team.path("library:bulk"), data, follow=True)
    assert [one.level_tag for one in page.context["messages"]] == ["error"]
    assert other.workspace.name not in page.content.decode()
    assert entry_of(made).workspace == team.workspace


def test_one_that_cannot_be_opened_keeps_all_where_they_are(
    team: Team, both: Team, make_in: MakeIn
) -> None:
    made = [make_in(team, "first"), make_in(team, "second")]
    last = Entry.objects.order_by("pk").last()
    assert last is not None
    last.envelope.forget_service()
    data = {"pid": [one.pid for one in made], "action": "move", "to_workspace": both.wid}
    page = team.browsers["eddie"].post(team.path("library:bulk"), data, follow=True)
    assert [str(one) for one in page.context["messages"]] == [
        "The server could not open one of them. Nothing was changed."
    ]
    assert {entry_of(one).workspace for one in made} == {team.workspace}
