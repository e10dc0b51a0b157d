"""Workspaces renamed and deleted, and what ends by itself: with files, keys and all they opened."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from audit.models import Action, Line
from documents.models import Document
from documents.tasks import sweep
from entries.models import Entry
from pastebin.models import Paste
from pastebin.services import create_paste
from pastebin.tasks import delete_expired
from sharing.services import Place
from tests.pastebin.world import committed
from tests.workspaces.belongings import leave_belongings, marks_of, sealed_files
from tests.workspaces.cast import Team, make_team
from tests.workspaces.thief import what_opens
from vault.models import Envelope
from workspaces.errors import NotAllowedError, PersonalError, WrongNameError
from workspaces.models import Workspace
from workspaces.removal import delete_workspace
from workspaces.services import personal_of, rename


@committed
def test_a_workspace_that_is_deleted_opens_nowhere(sealed_folder: Path) -> None:
    team = make_team()
    olga, eddie = team.people["olga"], team.people["eddie"]
    leave_belongings(eddie, team.workspace)
    delete_workspace(workspace=team.workspace, actor=olga, typed_name="Kanzlei  Hofmann")
    left = what_opens(sealed_folder, marks_of(eddie))
    # What is in the person's own workspace is still there: their text, and their policy's list.
    assert left == {word for word in marks_of(eddie) if word.startswith((b"own", b"policy"))}
    assert sealed_files() == 0
    assert not Workspace.objects.filter(pk=team.wid).exists()
    assert Line.objects.filter(workspace=team.wid).latest("number").action == (
        Action.WORKSPACE_DELETED
    )


@committed
def test_what_has_ended_is_swept_with_its_files_and_keys(sealed_folder: Path) -> None:
    team = make_team()
    eddie = team.people["eddie"]
    leave_belongings(eddie, team.workspace)
    over = timezone.now() - timedelta(seconds=1)
    Paste.objects.filter(envelope__entry__workspace=team.wid).update(expires_at=over)
    Document.objects.update(expires_at=over)
    delete_expired()
    sweep()
    left = what_opens(sealed_folder, marks_of(eddie))
    assert left == {word for word in marks_of(eddie) if word.startswith((b"own", b"policy"))}
    assert sealed_files() == 0
    (kept,) = Entry.objects.all()
    assert kept.workspace == personal_of(eddie)
    # The keys that are left: of that text, and of the two workspaces.
    assert Envelope.objects.count() == 3


@pytest.mark.parametrize("who", ["eddie", "rita", "victor", "charlie"])
def test_only_owners_rename_and_delete(team: Team, who: str) -> None:
    actor = team.people[who]
    with pytest.raises(NotAllowedError):
        rename(workspace=team.workspace, actor=actor, name="Mine")
    with pytest.raises(NotAllowedError):
        delete_workspace(workspace=team.workspace, actor=actor, typed_name="Kanzlei Hofmann")


@pytest.mark.parametrize("typed", ["", "kanzlei hofmann", "Kanzlei", "Kanzlei Hofmann GmbH"])
def test_another_name_deletes_nothing(team: Team, typed: str) -> None:
    with pytest.raises(WrongNameError):
        delete_workspace(workspace=team.workspace, actor=team.people["olga"], typed_name=typed)
    browser = team.browsers["olga"]
    answer = browser.post(team.path("workspaces:workspace_delete"), {"name": typed})
    assert answer.status_code == 422
    assert "This is not the name" in answer.content.decode()
    assert Workspace.objects.filter(pk=team.wid).exists()


def test_one_s_own_workspace_is_not_deleted(team: Team) -> None:
    olga = team.people["olga"]
    with pytest.raises(PersonalError):
        delete_workspace(workspace=personal_of(olga), actor=olga, typed_name="Personal")


def test_the_page_renames_and_deletes(team: Team) -> None:
    browser = team.browsers["olga"]
    answer = browser.post(team.path("workspaces:settings"), {"name": "Weber & Co"}, follow=True)
    assert "Weber &amp; Co" in answer.content.decode()
    last = Line.objects.filter(workspace=team.wid).latest("number")
    assert (last.action, last.detail) == (Action.WORKSPACE_CHANGED, {"what": "name"})
    refused = browser.post(team.path("workspaces:settings"), {"name": " "})
    assert refused.status_code == 422
    answer = browser.post(team.path("workspaces:workspace_delete"), {"name": "Weber & Co"})
    assert answer["Location"] == reverse("workspaces:workspaces")
    assert browser.get(team.path("workspaces:settings")).status_code == 404


def test_the_page_says_how_much_ends_when(team: Team) -> None:
    eddie, now = team.people["eddie"], timezone.now()
    for days in (0.5, 3, 3, 20, 400, None):
        ends = None if days is None else now + timedelta(days=days)
        create_paste(text="Call.", owner=eddie, place=Place(team.workspace, eddie), expires_at=ends)
    page = " ".join(
        team.browsers["olga"].get(team.path("workspaces:settings")).content.decode().split()
    )
    for said, count in (
        ("Within a day", 1), ("Within 7 days", 2), ("Within 30 days", 1), ("Later", 1),
    ):  # fmt: skip
        assert f'<th scope="row">{said}</th><td class="num">{count}</td>' in page
    assert "after 30 days" in page
