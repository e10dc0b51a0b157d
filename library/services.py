"""What is done to several items of a workspace at once: all of them, or none.

Every function takes the pids that a person chose, and finds them among the entries that this person
may edit there. Raises LibraryError if one of them is not among those; nothing is changed then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Action
from audit.record import record, recorded_last
from documents.models import Document
from entries.models import Entry, EntryQuerySet, Folder, Tag
from inference.models import Scan
from library.listing import trash_ends
from pastebin.models import Paste
from review.services import AssignError, assign
from sharing.models import Shared, Withheld
from sharing.services import delete, release, set_expiry, withhold
from workspaces.models import Workspace
from workspaces.roles import May

MOST_AT_ONCE = 50
_TOO_MANY = f"Choose at most {MOST_AT_ONCE} items at once."
_NOT_THERE = "Some of these are not here any more, or not yours to change. Nothing was changed."


class LibraryError(Exception):
    """Raised when something cannot be done; the message is a sentence for the user."""


@transaction.atomic
def put_into_folder(
    *, user: User, workspace: Workspace, pids: Sequence[str], folder: Folder | None
) -> int:
    """Put items into a folder, or out of all; returns how many."""
    entries = chosen(user, workspace, pids, is_locked=True)
    if folder is not None and folder.workspace_id != workspace.pk:
        raise LibraryError("This folder is gone.")
    with recorded_last():
        Entry.objects.filter(pk__in=[entry.pk for entry in entries]).update(folder=folder)
        _note_each(Action.ITEM_FILED, entries, user, folder=folder.pk if folder else None)
    return len(entries)


@transaction.atomic
def tag_items(
    *, user: User, workspace: Workspace, pids: Sequence[str], tag: Tag, is_on: bool
) -> int:
    """Give items a tag, or take it away; returns how many were chosen."""
    entries = chosen(user, workspace, pids, is_locked=True)
    if tag.workspace_id != workspace.pk:
        raise LibraryError("This tag is gone.")
    given: Any = Entry.tags.through.objects
    with recorded_last():
        if is_on:
            rows = [Entry.tags.through(entry_id=entry.pk, tag_id=tag.pk) for entry in entries]
            given.bulk_create(rows, ignore_conflicts=True)
        else:
            given.filter(entry__in=entries, tag=tag).delete()
        _note_each(Action.ITEM_FILED, entries, user, **{"tag" if is_on else "untag": tag.pk})
    return len(entries)


@transaction.atomic
def assign_items(
    *, user: User, workspace: Workspace, pids: Sequence[str], assignee: User | None
) -> int:
    """Say who reviews items; None takes it back. Returns how many."""
    entries = chosen(user, workspace, pids, is_locked=True)
    try:
        assign(workspace=workspace.pk, pks=[entry.pk for entry in entries], to=assignee, by=user)
    except AssignError as exc:
        raise LibraryError(str(exc)) from exc
    return len(entries)


@transaction.atomic
def set_expiries(
    *, user: User, workspace: Workspace, pids: Sequence[str], expires_at: datetime | None
) -> int:
    """Change when items end; None keeps them. Returns how many. Raises GoneError, too."""
    entries = chosen(user, workspace, pids)
    with recorded_last():
        for _, item in with_items(entries):
            set_expiry(item, expires_at, by=user)
    return len(entries)


@transaction.atomic
def trash_items(*, user: User, workspace: Workspace, pids: Sequence[str]) -> int:
    """Put items into the trash: all their links stop at once. Raises GoneError, too."""
    entries = chosen(user, workspace, pids)
    with recorded_last():
        for entry, item in with_items(entries):
            withhold(item, Withheld.TRASHED)
            Entry.objects.filter(pk=entry.pk).update(trashed_at=timezone.now())
        _note_each(Action.ITEM_TRASHED, entries, user)
    return len(entries)


@transaction.atomic
def restore_items(*, user: User, workspace: Workspace, pids: Sequence[str]) -> int:
    """Take items out of the trash: they are where they were, and their links work again."""
    entries = chosen(user, workspace, pids, is_trashed=True)
    with recorded_last():
        for entry, item in with_items(entries):
            _hold_in_trash(entry)
            release(item, Withheld.TRASHED)
            Entry.objects.filter(pk=entry.pk).update(trashed_at=None)
        _note_each(Action.ITEM_RESTORED, entries, user)
    return len(entries)


@transaction.atomic
def delete_items(*, user: User, workspace: Workspace, pids: Sequence[str]) -> int:
    """Delete items of the trash for good, with their keys and files."""
    entries = chosen(user, workspace, pids, is_trashed=True)
    with recorded_last():
        for entry, item in with_items(entries):
            _hold_in_trash(entry)
            delete(item, by=user)
    return len(entries)


def empty_trash(*, user: User, workspace: Workspace) -> tuple[int, int]:
    """Delete the oldest items of the trash for good, so many as go at once.

    Returns how many went, and how many are left.
    """
    trashed = Entry.objects.of(user, May.EDIT).filter(workspace=workspace).trashed()
    pids = list(trashed.order_by("trashed_at").values_list("pid", flat=True)[:MOST_AT_ONCE])
    gone = delete_items(user=user, workspace=workspace, pids=pids) if pids else 0
    return gone, trashed.count()


def delete_overdue() -> int:
    """Delete what lay in a trash for longer than it keeps things; returns how many went."""
    overdue = Entry.objects.filter(trashed_at__lte=timezone.now() - trash_ends())
    gone = 0
    for entry in overdue.order_by("trashed_at")[:1000]:
        try:
            _delete_overdue(entry)
            gone += 1
        except LibraryError:
            continue  # restored meanwhile
    return gone


@transaction.atomic
def _delete_overdue(entry: Entry) -> None:
    _hold_in_trash(entry)
    for _, item in with_items([entry]):
        delete(item, why="trash")


def with_items(entries: Iterable[Entry]) -> list[tuple[Entry, Shared]]:
    """Return entries with their items, without what is long or sealed; two queries."""
    entries = list(entries)
    keys = [entry.pk for entry in entries]
    pastes = Paste.objects.with_entry().defer("redacted_text", "bars", "sealed_history")
    documents = Document.objects.with_entry().select_related("clean_envelope")
    short = documents.defer(
        "sealed_layout", "sealed_history", "redacted_text", "redacted_blocks", "bars"
    )
    items: dict[Any, Shared] = {one.envelope_id: one for one in pastes.filter(envelope__in=keys)}
    items |= {one.envelope_id: one for one in short.filter(envelope__in=keys)}
    return [(entry, items[entry.pk]) for entry in entries if entry.pk in items]


def chosen(
    user: User,
    workspace: Workspace,
    pids: Sequence[str],
    *,
    is_trashed: bool = False,
    is_locked: bool = False,
) -> list[Entry]:
    """Return the entries of these pids, in the one order in which all changes take them.

    is_locked: for changes that touch nothing but entries; others lock item by item
    """
    wanted = set(pids)
    if not wanted:
        raise LibraryError("Choose the items first.")
    if len(wanted) > MOST_AT_ONCE:
        raise LibraryError(_TOO_MANY)
    mine: EntryQuerySet = Entry.objects.of(user, May.EDIT).filter(workspace=workspace)
    mine = mine.trashed() if is_trashed else mine.present()
    found = mine.filter(pid__in=wanted).order_by("pk")
    entries = list(found.select_for_update(of=("self",)) if is_locked else found)
    if len(entries) != len(wanted):
        raise LibraryError(_NOT_THERE)
    return entries


def _hold_in_trash(entry: Entry) -> None:
    """Lock an entry of the trash, its scan first as all changes do."""
    Scan.objects.select_for_update().filter(envelope=entry.pk).values("pk").first()
    held = Entry.objects.select_for_update().trashed().filter(pk=entry.pk)
    if held.values("pk").first() is None:
        raise LibraryError(_NOT_THERE)


def _note_each(
    action: Action, entries: Iterable[Entry], user: User, **detail: str | int | bool | None
) -> None:
    for entry in entries:
        record(
            action,
            workspace=entry.workspace_id,
            actor=user,
            kind=entry.kind,
            thing=entry.pid,
            detail=detail,
        )
