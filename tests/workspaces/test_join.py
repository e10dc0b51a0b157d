"""Invitations: made, opened, used once, ended; nothing is told before the token is right."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Action, Line
from tests.workspaces.cast import CAST, Team
from workspaces.errors import AlreadyMemberError, InvitationEndedError, PersonalError
from workspaces.invitations import accept, invite, revoke
from workspaces.models import Invitation
from workspaces.roles import Role
from workspaces.services import personal_of, role_in

PASSWORD = "paper ink and seven bars"


def made_by_page(team: Team, role: str = "editor") -> str:
    """Make an invitation by the page of members; returns the path of its link."""
    data = {"role": role, "days": "7"}
    page = team.browsers["olga"].post(team.path("workspaces:members"), data).content.decode()
    found = re.search(r'value="https?://[^/"]+(/join/[\w-]{32})"', page)
    assert found
    return found[1]


def test_the_token_is_stored_nowhere_and_ends_after_a_week(team: Team) -> None:
    token = made_by_page(team).removeprefix("/join/")
    (row,) = Invitation.objects.values()
    assert token not in str(row)
    assert token.encode() not in bytes(row["digest"])
    assert timedelta(days=6.9) < row["expires_at"] - timezone.now() <= timedelta(days=7)
    again = team.browsers["olga"].get(team.path("workspaces:members")).content.decode()
    assert token not in again
    assert token not in str(list(Line.objects.values()))


def test_a_signed_in_person_joins_once(team: Team) -> None:
    link, browser = made_by_page(team), team.browsers["charlie"]
    page = browser.get(link).content.decode()
    assert "Kanzlei Hofmann" in page
    assert "as editor" in page
    answer = browser.post(link)
    assert answer["Location"] == team.path("library:items")
    assert role_in(team.people["charlie"].pk, team.wid) == Role.EDITOR
    assert Line.objects.filter(workspace=team.wid).latest("number").action == Action.MEMBER_JOINED
    stranger = Client()
    stranger.force_login(User.objects.create_user("dora"))
    assert stranger.get(link).status_code == stranger.post(link).status_code == 404
    # Whoever joined by it and opens it again is told where they are.
    assert "already" in browser.get(link).content.decode()


def test_who_is_a_member_already_is_told_so_and_uses_nothing_up(team: Team) -> None:
    link, browser = made_by_page(team, "owner"), team.browsers["rita"]
    for answer in (browser.get(link), browser.post(link)):
        assert "already" in answer.content.decode()
    assert role_in(team.people["rita"].pk, team.wid) == Role.REVIEWER
    assert Invitation.objects.open().count() == 1
    with pytest.raises(AlreadyMemberError):
        accept(token=link.removeprefix("/join/"), user=team.people["rita"])


def test_who_is_not_signed_in_comes_back_after_signing_up(team: Team, settings: object) -> None:
    settings.SIGNUP_OPEN = True  # type: ignore[attr-defined]
    link, browser = made_by_page(team), Client()
    page = browser.get(link).content.decode()
    assert "Kanzlei Hofmann" in page
    found = re.search(rf'href="({reverse("account_signup")}\?next=[^"]+)"', page)
    assert found
    form = {"username": "dora", "email": "", "password1": PASSWORD, "password2": PASSWORD}
    answer = browser.post(found[1], form | {"next": link})
    assert answer["Location"] == link
    assert browser.post(link)["Location"] == team.path("library:items")
    assert role_in(User.objects.get(username="dora").pk, team.wid) == Role.EDITOR


def test_who_is_not_signed_in_is_led_to_sign_in_and_back(team: Team) -> None:
    link = made_by_page(team)
    answer = Client().post(link)
    assert answer["Location"] == f"{reverse('account_login')}?next={link}"
    assert Invitation.objects.open().count() == 1


@pytest.mark.parametrize("ending", ["unknown", "withdrawn", "used", "over"])
@pytest.mark.parametrize("who", ["charlie", "nobody"])
def test_a_link_that_does_not_open_tells_nothing(team: Team, ending: str, who: str) -> None:
    olga = team.people["olga"]
    made = invite(workspace=team.workspace, actor=olga, role=Role.EDITOR)
    link = f"/join/{made.token}"
    if ending == "unknown":
        link = f"/join/{made.token[::-1]}"
    elif ending == "withdrawn":
        assert revoke(workspace=team.workspace, actor=olga, invitation_id=made.invitation.pk)
    elif ending == "used":
        accept(token=made.token, user=User.objects.create_user("dora"))
    else:
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    browser = team.browsers[who]
    unknown = browser.get("/join/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    for answer in (browser.get(link), browser.post(link)):
        assert answer.status_code == 404
        assert b"Hofmann" not in answer.content
        assert b"Ask for a new one" in answer.content
        assert len(answer.content) == len(unknown.content)


def test_an_invitation_that_has_ended_lets_nobody_in(team: Team) -> None:
    made = invite(workspace=team.workspace, actor=team.people["olga"], role=Role.EDITOR)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationEndedError):
        accept(token=made.token, user=team.people["charlie"])


def test_withdrawing_by_the_page(team: Team) -> None:
    link, browser = made_by_page(team), team.browsers["olga"]
    data = {"member": Invitation.objects.get().pk}
    for said in ("was withdrawn", "withdrawn already"):
        answer = browser.post(team.path("workspaces:invitation_revoke"), data, follow=True)
        assert said in answer.content.decode()
    assert team.browsers["charlie"].get(link).status_code == 404


def test_nobody_is_invited_to_a_personal_workspace(team: Team) -> None:
    olga = team.people["olga"]
    own = personal_of(olga)
    with pytest.raises(PersonalError):
        invite(workspace=own, actor=olga, role=Role.VIEWER)
    browser = team.browsers["olga"]
    assert browser.get(reverse("workspaces:members", args=[own.wid])).status_code == 200


@pytest.mark.parametrize("who", CAST)
def test_the_list_and_the_menu_show_one_s_own(team: Team, who: str) -> None:
    for name in ("workspaces:workspaces", "workspaces:menu"):
        answer = team.browsers[who].get(reverse(name))
        if who == "nobody":
            assert answer["Location"].startswith(reverse("account_login"))
        else:
            assert (b"Kanzlei Hofmann" in answer.content) == (who != "charlie")


def test_a_workspace_is_made_by_its_name(team: Team) -> None:
    browser = team.browsers["charlie"]
    answer = browser.post(reverse("workspaces:workspaces"), {"name": "  Redaktion \u200b\n Süd "})
    assert answer.status_code == 302
    made = team.people["charlie"].memberships.get(workspace__person=None)
    assert (made.workspace.name, made.role) == ("Redaktion Süd", Role.OWNER)
    for name in ("", " \u200b ", "…", "x" * 81):
        answer = browser.post(reverse("workspaces:workspaces"), {"name": name})
        assert answer.status_code == 422
        assert "field-error" in answer.content.decode()
