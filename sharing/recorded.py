"""What is done to an item, written into its workspace's record; nothing of what belongs to nobody.

Each call takes the lock of the record: it comes last in a transaction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from accounts.models import User
from audit.models import Action
from audit.record import record
from audit.seen import Receipts, link_receipts, was_recorded_lately
from sharing.access import Access
from sharing.models import Item, Shared

# Parts of an opened page (pictures of pages, marks) belong to its opening for as long.
OPENING = timedelta(hours=1)


def note(action: Action, item: Shared, by: User | None, **detail: str | int | bool | None) -> None:
    """Record what somebody did to an item.

    by: None for the holder of its private link, and for the server itself
    """
    entry = item.entry
    if entry is not None:
        record(
            action,
            workspace=entry.workspace_id,
            actor=by,
            kind=entry.kind,
            thing=item.pid,
            detail=detail,
        )


def note_opening(access: Access[Item], **detail: str | int | bool | None) -> None:
    """Record that an original is shown, once for each time its page is opened."""
    note(_opened(access), access.item, access.user, **detail)


def note_reading(access: Access[Item]) -> None:
    """Record that a part of an original is shown, unless its page was opened in the last hour."""
    entry = access.item.entry
    if entry is None:
        return
    action, actor = _opened(access), access.user
    if not was_recorded_lately(action, access.item.pid, entry.workspace_id, actor, OPENING):
        note(action, access.item, actor)


def note_export(access: Access[Item], what: str) -> None:
    """Record that something private of an item leaves as a file. what: which file, one word."""
    note(Action.ITEM_EXPORTED, access.item, access.user, what=what)


def receipts_of(access: Access[Item]) -> Receipts | None:
    """Return when an item's private link was opened, for members of its workspace."""
    entry = access.item.entry
    if entry is None or not access.is_member:
        return None
    return link_receipts(access.item.pid, entry.workspace_id)


def changed(before: Iterable[str], after: Iterable[str]) -> dict[str, int]:
    """Return how many marks of each category a correction added and removed.

    before, after: a label for each mark. The names of custom categories are people's words: they
    count together.
    """
    counts: dict[str, int] = {}
    earlier, later = (Counter(map(_plain, labels)) for labels in (before, after))
    for word, more in (("added", later - earlier), ("removed", earlier - later)):
        counts |= {f"{word} {label}": number for label, number in sorted(more.items())}
    return counts


def _opened(access: Access[Item]) -> Action:
    return Action.ITEM_OPENED if access.is_member else Action.LINK_OPENED


def _plain(label: str) -> str:
    return "custom" if label.startswith("custom") else label
