"""An account is erased: what it says beforehand, when it refuses, and that nothing opens then."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.erasure import ErasureRefusedError, erase_account
from accounts.models import User
from audit.models import Action, Line
from entries.models import Entry
from pastebin.models import Paste
from pastebin.services import create_paste
from policies.models import Pseudonym
from review.models import Comment, Decision
from sharing.services import Place
from tests.pastebin.world import committed
from tests.workspaces.belongings import leave_belongings, marks_of, sealed_files
from tests.workspaces.cast import Team, make_team
from tests.workspaces.thief import what_opens
from vault.models import Envelope, SealedFile
from workspaces.members import change_role
from workspaces.models import Workspace
from workspaces.roles import Role
from workspaces.services import create_workspace, personal_of

PASSWORD = "paper ink and seven bars"


@committed
def test_after_erasure_all_that_is_stored_opens_no_original(sealed_folder: Path) -> None:
    """With every row, every sealed file and every secret: nothing of hers, all of his."""
    team = make_team()
    eddie, rita = team.people["eddie"], team.people["rita"]
    his = leave_belongings(rita, team.workspace)
    leave_belongings(eddie, team.workspace, elsewhere=his)
    both = marks_of(eddie) | marks_of(rita)
    assert what_opens(sealed_folder, both) == both  # the attempt is none in vain

    gone = eddie.pk
    erase_account(eddie)

    assert what_opens(sealed_folder, both) == marks_of(rita)
    assert not User.objects.filter(username="eddie").exists()
    assert {entry.workspace for entry in Entry.objects.all()} == {
        team.workspace,
        personal_of(rita),
    }
    assert sealed_files() == SealedFile.objects.count()
    for owner in ("paste__owner", "document__owner"):
        assert not Envelope.objects.filter(**{owner: gone}).exists()
    assert not Workspace.objects.filter(person=gone).exists()
    assert Pseudonym.objects.count() == Decision.objects.count() == 1
    assert not Comment.objects.filter(author=None).exists()
    line = Line.objects.filter(workspace=team.wid).latest("number")
    assert (line.action, line.actor) == (Action.ACCOUNT_ERASED, gone)


def test_the_only_owner_of_a_team_is_refused_by_name(team: Team) -> None:
    olga = team.people["olga"]
    create_workspace(name="Alone", owner=olga)
    with pytest.raises(ErasureRefusedError, match="“Kanzlei Hofmann”") as refused:
        erase_account(olga)
    assert "Alone" not in str(refused.value)
    olga.set_password(PASSWORD)
    olga.save()
    browser = Client()
    browser.force_login(olga)
    for answer in (
        browser.get(reverse("account_delete")),
        browser.post(reverse("account_delete"), {"password": PASSWORD}),
    ):
        assert "“Kanzlei Hofmann”" in answer.content.decode()
    assert User.objects.filter(pk=olga.pk).exists()
    change_role(
        workspace=team.workspace, actor=olga, user_id=team.people["eddie"].pk, role=Role.OWNER
    )
    erase_account(olga)
    assert Workspace.objects.filter(person=None).get() == team.workspace


def test_the_page_says_beforehand_what_goes(team: Team) -> None:
    eddie, browser = team.people["eddie"], team.browsers["eddie"]
    for _ in range(2):
        create_paste(text="Call.", owner=eddie, place=Place(team.workspace, eddie))
    create_paste(text="Call.", owner=eddie)
    create_workspace(name="Alone", owner=eddie)
    page = " ".join(browser.get(reverse("account_delete")).content.decode().split())
    for place, what in (
        ("Personal", "1 text, the workspace itself"),
        ("Kanzlei Hofmann", "2 texts"),
        ("Alone", "the workspace itself"),
    ):
        assert f"<bdi>{place}</bdi></h3><p>{what}</p>" in page


def test_who_left_before_has_handed_their_items_over(team: Team) -> None:
    from workspaces.members import leave

    eddie = team.people["eddie"]
    paste = create_paste(text="Call.", owner=eddie, place=Place(team.workspace, eddie)).paste
    leave(workspace=team.workspace, user=eddie)
    erase_account(eddie)
    assert Paste.objects.get(pk=paste.pid).owner == team.people["olga"]
