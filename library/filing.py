"""Folders, tags and saved views: made, changed, removed. Each function is one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Action
from audit.record import record
from entries.models import Entry, Folder, SavedView, Tag
from library.folders import DEEPEST, Node, node_of, tree_of
from library.services import LibraryError
from workspaces.models import Workspace

MOST_FOLDERS = 500
MOST_TAGS = 200
MOST_VIEWS = 50
LONGEST_VIEW = 1000


@transaction.atomic
def make_folder(*, user: User, workspace: Workspace, name: str, parent: int | None) -> Folder:
    """Make a folder, in another one or at the top. Raises LibraryError."""
    tree = _locked_tree(workspace)
    if len(tree) >= MOST_FOLDERS:
        raise LibraryError(f"A workspace holds at most {MOST_FOLDERS} folders.")
    place = _place(tree, parent)
    if place is not None and place.depth >= DEEPEST:
        raise LibraryError(f"Folders lie at most {DEEPEST} deep in each other.")
    with _names_differ("There is a folder of this name there."):
        folder = Folder.objects.create(
            workspace=workspace, parent_id=place.pk if place else None, name=name
        )
    _note(workspace, user, "folder", folder.pk, "made")
    return folder


@transaction.atomic
def change_folder(
    *, user: User, workspace: Workspace, pk: int, name: str, parent: int | None
) -> None:
    """Rename a folder, or put it into another one. Raises LibraryError."""
    tree = _locked_tree(workspace)
    folder, place = _found(tree, pk), _place(tree, parent)
    if place is not None and place.pk in folder.below:
        raise LibraryError("A folder cannot lie in itself.")
    if place is not None and place.depth + folder.levels > DEEPEST:
        raise LibraryError(f"Folders lie at most {DEEPEST} deep in each other.")
    with _names_differ("There is a folder of this name there."):
        Folder.objects.filter(pk=pk).update(parent=place.pk if place else None, name=name)
    _note(workspace, user, "folder", pk, "changed")


@transaction.atomic
def delete_folder(*, user: User, workspace: Workspace, pk: int) -> None:
    """Delete a folder; what lies in it goes to the folder around it. Raises LibraryError."""
    folder = _found(_locked_tree(workspace), pk)
    # Its name goes first: a folder in it may have the same one.
    Folder.objects.filter(pk=pk).update(name=f"\x1f{pk}")
    with _names_differ(
        "A folder in it has the same name as one beside it. Rename one of the two first."
    ):
        Folder.objects.filter(parent=pk).update(parent=folder.parent)
    Entry.objects.filter(folder=pk).update(folder=folder.parent)
    Folder.objects.filter(pk=pk).delete()
    _note(workspace, user, "folder", pk, "removed")


@transaction.atomic
def make_tag(*, user: User, workspace: Workspace, name: str, colour: str) -> Tag:
    """Make a tag. Raises LibraryError."""
    if workspace.tags.count() >= MOST_TAGS:
        raise LibraryError(f"A workspace holds at most {MOST_TAGS} tags.")
    with _names_differ("There is a tag of this name."):
        tag = Tag.objects.create(workspace=workspace, name=name, colour=colour)
    _note(workspace, user, "tag", tag.pk, "made")
    return tag


@transaction.atomic
def change_tag(*, user: User, workspace: Workspace, pk: int, name: str, colour: str) -> None:
    """Rename or recolour a tag. Raises LibraryError."""
    with _names_differ("There is a tag of this name."):
        changed = workspace.tags.filter(pk=pk).update(name=name, colour=colour)
    if not changed:
        raise LibraryError("This tag is gone.")
    _note(workspace, user, "tag", pk, "changed")


@transaction.atomic
def delete_tag(*, user: User, workspace: Workspace, pk: int) -> None:
    """Delete a tag; items lose it and nothing else. Raises LibraryError."""
    gone, _ = workspace.tags.filter(pk=pk).delete()
    if not gone:
        raise LibraryError("This tag is gone.")
    _note(workspace, user, "tag", pk, "removed")


@transaction.atomic
def save_view(*, user: User, workspace: Workspace, name: str, query: str) -> SavedView:
    """Keep filters under a name, in place of those that had it before. Raises LibraryError."""
    if len(query) > LONGEST_VIEW:
        raise LibraryError("This search is too long to be kept.")
    mine = SavedView.objects.filter(workspace=workspace, user=user)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise LibraryError(f"You can keep {MOST_VIEWS} views. Delete one first.")
    view, _ = mine.update_or_create(
        name=name,
        defaults={"query": query},
        create_defaults={
            "workspace": workspace,
            "user": user,
            "query": query,
        },
    )
    return view


def delete_view(*, user: User, workspace: Workspace, pk: int) -> None:
    """Forget one's own filters of a name. Raises LibraryError."""
    gone, _ = SavedView.objects.filter(workspace=workspace, user=user, pk=pk).delete()
    if not gone:
        raise LibraryError("This view is gone.")


def _locked_tree(workspace: Workspace) -> list[Node]:
    """Return a workspace's folders, which nobody else changes until the transaction ends."""
    Workspace.objects.select_for_update(no_key=True).filter(pk=workspace.pk).values("pk").first()
    return tree_of(workspace)


def _found(tree: list[Node], pk: int) -> Node:
    node = node_of(tree, pk)
    if node is None:
        raise LibraryError("This folder is gone.")
    return node


def _place(tree: list[Node], pk: int | None) -> Node | None:
    return None if pk is None else _found(tree, pk)


@contextmanager
def _names_differ(sentence: str) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as exc:
        raise LibraryError(sentence) from exc


def _note(workspace: Workspace, user: User, kind: str, pk: int, did: str) -> None:
    record(
        Action.WORKSPACE_CHANGED,
        workspace=workspace.pk,
        actor=user,
        kind=kind,
        thing=str(pk),
        detail={"did": did},
    )
