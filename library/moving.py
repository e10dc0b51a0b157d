"""Items done again under another policy, where they are or in another workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction

from accounts.models import User
from audit.models import Action
from audit.record import record, recorded_last
from entries.models import Entry
from entries.services import follow
from library.listing import states_of
from library.services import LibraryError, chosen, with_items
from policies.models import PolicyVersion
from policies.pseudonyms import forget_later
from policies.services import default_version
from sharing.models import Shared
from sharing.policies import rerun
from sharing.services import lock, lock_all
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.services import may_in


@transaction.atomic
def rerun_items(
    *, user: User, workspace: Workspace, pids: Sequence[str], version: PolicyVersion
) -> int:
    """Hide items anew as a version of a policy says, without scanning them again.

    Raises LibraryError, and what sharing.policies.rerun raises; nothing is changed then.
    """
    entries = chosen(user, workspace, pids)
    if version.policy.workspace_id != workspace.pk:
        raise LibraryError("This policy is gone.")
    states = _settled(entries, "Wait until all of them are scanned.")
    if "failed" in states.values():
        raise LibraryError("One of them could not be read: there is nothing to hide in it.")
    items = with_items(entries)
    lock_all(item for _, item in items)
    with recorded_last():
        for _, item in items:
            rerun(item, item.envelope.open_for_service(), version, user)
    return len(entries)


@transaction.atomic
def move_items(*, user: User, workspace: Workspace, pids: Sequence[str], target: Workspace) -> int:
    """Move items to another workspace, where its rules hide them anew.

    Folder, tags, reviewer, approval, pseudonyms, and what the reviewers said and decided are not
    taken along; marks that people changed stay changed. Raises LibraryError, GoneError,
    UnsealError, and what sharing.policies.rerun raises; nothing is changed then.
    """
    if target == workspace or not may_in(user.pk, target.pk, May.EDIT):
        raise LibraryError("Choose a workspace in which you may add items.")
    entries = chosen(user, workspace, pids)
    states = _settled(entries, "Wait until all of them are scanned, then move them.")
    version = default_version(target)
    items = with_items(entries)
    lock_all(item for _, item in items)
    with recorded_last():
        for entry, item in items:
            _move(item, target, version, user, is_ready=states[entry.pk] == "ready")
            for here, there in ((workspace, target), (target, workspace)):
                direction = "to" if here == workspace else "from"
                record(
                    Action.ITEM_MOVED,
                    workspace=here.wid,
                    actor=user,
                    kind=entry.kind,
                    thing=entry.pid,
                    detail={direction: there.wid},
                )
    return len(entries)


def _move(
    item: Shared, target: Workspace, version: PolicyVersion | None, user: User, *, is_ready: bool
) -> None:
    locked = lock(item)
    entry = locked.entry
    if entry is None:
        raise LibraryError("This item belongs to nobody.")
    entry.decisions.all().delete()
    entry.comments.all().delete()
    entry.tags.clear()
    forget_later(entry.workspace_id, list(entry.pseudonyms.values_list("pk", flat=True)))
    entry.pseudonyms.clear()
    entry.workspace, entry.folder, entry.assignee = target, None, None
    entry.approved_by = entry.approved_at = entry.approved_revision = entry.reviewed_at = None
    entry.save()
    follow(entry, version)
    if is_ready:
        rerun(locked, locked.envelope.open_for_service(), version, user)


def _settled(entries: Iterable[Entry], sentence: str) -> dict[object, str]:
    """Return the items' states by entry. Raises LibraryError while one is being scanned."""
    states = states_of(entries)
    if "working" in states.values():
        raise LibraryError(sentence)
    return states
