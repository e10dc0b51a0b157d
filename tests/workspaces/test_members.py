"""Members: roles change, people leave and are removed, and an owner always stays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Action, Line
from entries.models import Entry
from pastebin.models import Paste
from pastebin.services import create_paste
from sharing.services import Place
from tests.pastebin.world import committed
from tests.workspaces.cast import Team, make_team
from workspaces.errors import (
    LastOwnerError,
    NoMemberError,
    NotAllowedError,
    PersonalError,
    WorkspaceError,
)
from workspaces.invitations import accept, invite
from workspaces.members import change_role, leave, remove_member
from workspaces.models import Membership
from workspaces.roles import Role
from workspaces.services import create_workspace, personal_of, role_in


def paste_of(team: Team, who: str) -> Paste:
    """Have one of the team add a text to the team's workspace."""
    person = team.people[who]
    return create_paste(
        text="Call Ruben Smit.", owner=person, place=Place(team.workspace, person)
    ).paste


def actions(team: Team) -> list[str]:
    return list(Line.objects.filter(workspace=team.wid).values_list("action", flat=True))


def test_a_role_is_changed_and_recorded(team: Team) -> None:
    olga, rita = team.people["olga"], team.people["rita"]
    change_role(workspace=team.workspace, actor=olga, user_id=rita.pk, role=Role.EDITOR)
    assert role_in(rita.pk, team.wid) == Role.EDITOR
    line = Line.objects.filter(workspace=team.wid).latest("number")
    assert (line.action, line.actor, line.thing) == (Action.MEMBER_CHANGED, olga.pk, str(rita.pk))
    assert line.detail == {"from": "reviewer", "to": "editor"}


def test_the_same_role_is_no_change(team: Team) -> None:
    before = actions(team)
    change_role(
        workspace=team.workspace,
        actor=team.people["olga"],
        user_id=team.people["rita"].pk,
        role=Role.REVIEWER,
    )
    assert actions(team) == before


@pytest.mark.parametrize("who", ["eddie", "rita", "victor", "charlie"])
def test_only_owners_change_members(team: Team, who: str) -> None:
    actor, victor = team.people[who], team.people["victor"]
    with pytest.raises(NotAllowedError):
        change_role(workspace=team.workspace, actor=actor, user_id=victor.pk, role=Role.OWNER)
    with pytest.raises(NotAllowedError):
        remove_member(workspace=team.workspace, actor=actor, user_id=victor.pk)
    with pytest.raises(NotAllowedError):
        invite(workspace=team.workspace, actor=actor, role=Role.VIEWER)
    assert role_in(victor.pk, team.wid) == Role.VIEWER


def test_the_last_owner_can_neither_be_demoted_nor_leave(team: Team) -> None:
    olga = team.people["olga"]
    with pytest.raises(LastOwnerError, match="needs an owner"):
        change_role(workspace=team.workspace, actor=olga, user_id=olga.pk, role=Role.EDITOR)
    with pytest.raises(LastOwnerError, match="needs an owner"):
        leave(workspace=team.workspace, user=olga)
    assert role_in(olga.pk, team.wid) == Role.OWNER


def test_with_a_second_owner_the_first_may_go(team: Team) -> None:
    olga, eddie = team.people["olga"], team.people["eddie"]
    change_role(workspace=team.workspace, actor=olga, user_id=eddie.pk, role=Role.OWNER)
    leave(workspace=team.workspace, user=olga)
    assert role_in(olga.pk, team.wid) is None
    assert role_in(eddie.pk, team.wid) == Role.OWNER


def test_a_stranger_can_neither_be_changed_nor_removed(team: Team) -> None:
    olga, charlie = team.people["olga"], team.people["charlie"]
    with pytest.raises(NoMemberError):
        change_role(workspace=team.workspace, actor=olga, user_id=charlie.pk, role=Role.VIEWER)
    with pytest.raises(NoMemberError):
        remove_member(workspace=team.workspace, actor=olga, user_id=charlie.pk)
    with pytest.raises(WorkspaceError, match="leave the workspace"):
        remove_member(workspace=team.workspace, actor=olga, user_id=olga.pk)


def test_one_s_own_workspace_is_not_left(team: Team) -> None:
    eddie = team.people["eddie"]
    with pytest.raises(PersonalError):
        leave(workspace=personal_of(eddie), user=eddie)


def test_what_a_removed_person_owned_becomes_the_owner_s(team: Team) -> None:
    olga, eddie = team.people["olga"], team.people["eddie"]
    theirs, mine = paste_of(team, "eddie"), create_paste(text="My own.", owner=eddie).paste
    Entry.objects.filter(pid=theirs.pid).update(assignee=eddie)
    assert remove_member(workspace=team.workspace, actor=olga, user_id=eddie.pk) == 1
    theirs, mine = Paste.objects.get(pk=theirs.pid), Paste.objects.get(pk=mine.pid)
    assert (theirs.owner, mine.owner) == (olga, eddie)
    assert Entry.objects.get(pid=theirs.pid).assignee is None
    assert theirs.envelope.service_wrap is not None
    browser = team.browsers["eddie"]
    assert browser.get(f"/view/{theirs.pid}/original").status_code == 302
    assert browser.get(f"/view/{mine.pid}/original").url == f"/view/{mine.pid}/links"
    line = Line.objects.filter(workspace=team.wid).latest("number")
    assert (line.action, line.detail) == (Action.MEMBER_REMOVED, {"handed_over": 1})


def test_what_a_leaving_person_owned_passes_to_the_first_owner(team: Team) -> None:
    olga, eddie, rita = (team.people[who] for who in ("olga", "eddie", "rita"))
    change_role(workspace=team.workspace, actor=olga, user_id=rita.pk, role=Role.OWNER)
    paste = paste_of(team, "eddie")
    assert leave(workspace=team.workspace, user=eddie) == 1
    paste.refresh_from_db()
    assert paste.owner == olga
    assert actions(team)[-1] == Action.MEMBER_LEFT


def test_an_owner_s_invitations_end_with_the_role(team: Team) -> None:
    """Who was removed cannot come back by a link that they made before."""
    olga, eddie = team.people["olga"], team.people["eddie"]
    change_role(workspace=team.workspace, actor=olga, user_id=eddie.pk, role=Role.OWNER)
    kept = invite(workspace=team.workspace, actor=olga, role=Role.VIEWER)
    invite(workspace=team.workspace, actor=eddie, role=Role.OWNER)
    change_role(workspace=team.workspace, actor=olga, user_id=eddie.pk, role=Role.EDITOR)
    assert list(team.workspace.invitations.all()) == [kept.invitation]


def at_once(*calls: Callable[[], Any]) -> list[BaseException | None]:
    """Run calls in threads that start together; returns what each raised."""
    raised: list[BaseException | None] = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            gate.wait()
            call()
        except WorkspaceError as exc:
            raised[number] = exc
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return raised


@committed
@pytest.mark.parametrize("way", ["demote", "leave", "remove"])
def test_two_owners_at_once_leave_one_owner(way: str) -> None:
    team = make_team()
    olga, eddie = team.people["olga"], team.people["eddie"]
    Membership.objects.filter(user=eddie, workspace=team.wid).update(role=Role.OWNER)

    def call(actor: Any, other: Any) -> Callable[[], Any]:
        if way == "leave":
            return lambda: leave(workspace=team.workspace, user=actor)
        if way == "remove":
            return lambda: remove_member(workspace=team.workspace, actor=actor, user_id=other.pk)
        return lambda: change_role(
            workspace=team.workspace, actor=actor, user_id=other.pk, role=Role.VIEWER
        )

    raised = at_once(call(olga, eddie), call(eddie, olga))
    assert sum(one is not None for one in raised) == 1, raised
    assert Membership.objects.filter(workspace=team.wid, role=Role.OWNER).count() == 1


@committed
def test_one_invitation_lets_one_of_two_in() -> None:
    team = make_team()
    other = make_team("Praxis Weber", prefix="w-")
    made = invite(workspace=team.workspace, actor=team.people["olga"], role=Role.EDITOR)
    first, second = team.people["charlie"], other.people["charlie"]
    raised = at_once(
        lambda: accept(token=made.token, user=first), lambda: accept(token=made.token, user=second)
    )
    assert sum(one is not None for one in raised) == 1
    assert Membership.objects.filter(workspace=team.wid).count() == 5


@committed
def test_two_invitations_at_once_make_one_membership() -> None:
    team = make_team()
    olga, charlie = team.people["olga"], team.people["charlie"]
    tokens = [
        invite(workspace=team.workspace, actor=olga, role=role).token
        for role in (Role.EDITOR, Role.VIEWER)
    ]
    raised = at_once(*(lambda token=token: accept(token=token, user=charlie) for token in tokens))
    assert sum(one is not None for one in raised) == 1
    assert Membership.objects.filter(workspace=team.wid, user=charlie).count() == 1
    assert team.workspace.invitations.open().count() == 1


# ---- The page


def test_the_page_changes_removes_and_says_so(team: Team) -> None:
    browser, rita = team.browsers["olga"], team.people["rita"]
    page = browser.get(team.path("workspaces:members")).content.decode()
    for who in ("olga", "eddie", "rita", "victor"):
        assert f"<bdi>{who}</bdi>" in page
    assert "charlie" not in page
    answer = browser.post(
        team.path("workspaces:member_role"), {"member": rita.pk, "role": "editor"}, follow=True
    )
    assert "rita is an editor now." in answer.content.decode()
    answer = browser.post(team.path("workspaces:member_remove"), {"member": rita.pk}, follow=True)
    assert "no member any more" in answer.content.decode()
    assert role_in(rita.pk, team.wid) is None


def test_the_page_refuses_the_last_owner_in_a_sentence(team: Team) -> None:
    browser, olga = team.browsers["olga"], team.people["olga"]
    answer = browser.post(
        team.path("workspaces:member_role"), {"member": olga.pk, "role": "viewer"}, follow=True
    )
    assert "A workspace needs an owner" in answer.content.decode()
    answer = browser.post(team.path("workspaces:leave"), follow=True)
    assert "A workspace needs an owner" in answer.content.decode()


def test_leaving_by_the_page_leads_to_what_is_left(team: Team) -> None:
    browser = team.browsers["victor"]
    answer = browser.post(team.path("workspaces:leave"), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("workspaces:workspaces")
    assert "You left" in answer.content.decode()
    assert browser.get(team.path("library:items")).status_code == 404


def test_the_pages_ask_the_same_number_of_queries_however_many(team: Team) -> None:
    olga, browser = team.people["olga"], team.browsers["olga"]
    paths = [
        team.path("workspaces:members"),
        team.path("workspaces:settings"),
        reverse("workspaces:workspaces"),
        reverse("workspaces:menu"),
    ]

    def queries() -> list[int]:
        counts = []
        for path in paths:
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(path).status_code == 200
            # What the detector is, is asked anew after some seconds, whatever the page. Prepared
            # statements are not quoted here.
            counts.append(sum("inference_" not in (query["sql"] or "") for query in asked))
        return counts

    queries()  # makes the personal workspace
    few = queries()
    for number in range(12):
        person = User.objects.create_user(f"person-{number}")
        Membership.objects.create(workspace=team.workspace, user=person, role=Role.VIEWER)
        invite(workspace=team.workspace, actor=olga, role=Role.VIEWER)
        create_workspace(name=f"Case {number}", owner=olga)
        paste_of(team, "eddie")
    assert queries() == few
    assert max(few) <= 7
