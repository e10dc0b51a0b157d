"""Accounts and workspaces with many items go as a whole, in a number of queries that does not grow.

Keys and rows go in one transaction, files after it: whatever ends it early leaves everything, or
files that nothing opens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.erasure import erase_account
from accounts.models import User
from audit.models import Action, Line
from audit.verify import verify
from documents.models import CleanState, Document
from documents.services import create_document
from entries.models import Entry
from pastebin.services import create_paste
from sharing import services as sharing
from sharing.services import Place, delete
from tests.pastebin.world import committed
from tests.workspaces.belongings import leave_belongings, marks_of, sealed_files
from tests.workspaces.cast import Team, make_team
from tests.workspaces.thief import what_opens
from vault import files
from vault.models import Envelope, SealedFile
from workspaces.models import Workspace
from workspaces.removal import delete_workspace


def fill(team: Team, count: int, who: str = "eddie") -> None:
    """Add texts, and one document, to a team."""
    person = team.people[who]
    place = Place(team.workspace, person)
    for number in range(count):
        create_paste(text=f"Call {number}.", owner=person, place=place)
    create_document(content=b"Call.", name="a.txt", owner=person, place=place)


def remove(team: Team) -> None:
    """Delete a team's workspace."""
    delete_workspace(
        workspace=team.workspace, actor=team.people["olga"], typed_name=team.workspace.name
    )


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["workspace", "account"])
def test_more_items_take_no_more_queries(sealed_folder: Path, way: str) -> None:
    counts = []
    for name, items in (("few", 3), ("many", 40)):
        team = make_team(name, prefix=f"{name}-")
        fill(team, items)
        person: User = team.people["eddie"]
        with CaptureQueriesContext(connection) as asked:
            remove(team) if way == "workspace" else erase_account(person)
        counts.append(len(asked))
        assert not Entry.objects.exists()
        gone = Line.objects.filter(workspace=team.wid, action=Action.ITEM_DELETED)
        assert gone.count() == items + 1
        assert verify(team.wid).is_whole
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_what_does_not_go_at_once_goes_in_several_batches(
    team: Team, sealed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_AT_ONCE", 4)
    fill(team, 9)
    remove(team)
    assert not Entry.objects.exists()
    assert not Envelope.objects.exists()


@committed
def test_a_deletion_that_is_cut_short_leaves_everything(
    sealed_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharing, "_AT_ONCE", 2)
    team = make_team()
    olga = team.people["olga"]
    leave_belongings(olga, team.workspace)
    before, stored = what_opens(sealed_folder, marks_of(olga)), sealed_files()

    def crash(self: Any, *args: Any, **options: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "delete", crash)
    with pytest.raises(KeyboardInterrupt):
        remove(team)
    assert what_opens(sealed_folder, marks_of(olga)) == before == marks_of(olga)
    assert sealed_files() == stored == SealedFile.objects.count()


@committed
def test_files_that_the_storage_keeps_open_nowhere_and_are_swept(
    sealed_folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    team = make_team()
    olga = team.people["olga"]
    leave_belongings(olga, team.workspace)
    stored = sealed_files()
    assert stored

    class Broken:
        def delete(self, name: str) -> None:
            raise OSError(5, "Input/output error", name)

    with monkeypatch.context() as broken:
        broken.setattr(files, "file_storage", Broken)
        remove(team)
    assert sealed_files() == stored
    assert f"{stored} sealed files not deleted" in caplog.text
    left = what_opens(sealed_folder, marks_of(olga))
    assert left == {word for word in marks_of(olga) if word.startswith((b"own", b"policy"))}
    assert files.sweep_orphans(older_than_seconds=-60) == stored
    assert sealed_files() == 0


@committed
def test_a_clean_file_that_was_made_meanwhile_goes_with_its_document(sealed_folder: Path) -> None:
    team = make_team()
    olga = team.people["olga"]
    leave_belongings(olga, team.workspace)
    document = Document.objects.select_related("envelope__entry").get(clean_state=CleanState.READY)
    seen_before = Document.objects.select_related("envelope__entry").get(pk=document.pk)
    seen_before.clean_envelope = None
    delete(seen_before, by=olga)
    assert not Envelope.objects.filter(pk=document.clean_envelope_id).exists()
    assert sealed_files() == SealedFile.objects.count()
