"""What can be done with any shared item: change its end, its private link, delete it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from audit.models import Action
from audit.record import recorded_last
from entries import services as entries
from entries.models import Kind
from inference.models import Scan
from policies import pseudonyms
from policies.models import PolicyVersion, Pseudonym
from policies.services import default_version
from sharing import public_cache
from sharing.hiding import ends_under, point_under
from sharing.models import Item, Shared, SharedQuerySet, Withheld
from sharing.recorded import note
from vault.files import delete_files
from vault.models import Envelope
from vault.rows import write_together
from workspaces.models import Workspace
from workspaces.services import personal_of

# Of an item that is to be deleted, beside its entry.
_OF_DELETED = ("pid", "envelope__id", "envelope__entry__workspace", "envelope__entry__kind")
_AT_ONCE = 200


class SharingError(Exception):
    """Base of what services of shared items raise; the message is a sentence for the user."""


class GoneError(SharingError):
    """Raised when an item was removed, burnt or expired in the meantime."""


class ConflictError(SharingError):
    """Raised when the spans were changed elsewhere since the page was loaded."""


def lock(item: Item, *, for_work: bool = False) -> Item:
    """Lock a live item for a change, its scan first as all changes do. Raises GoneError.

    A correction, a removal and the end of a scan wait for each other here, in one order.
    for_work: by a worker, which goes on while an item is withheld
    """
    _lock_scan(item)
    items: Any = type(item)._default_manager
    locked: Item | None = (
        (items.lasting() if for_work else items.live())
        .select_for_update(of=("self",))
        .select_related("envelope__entry")
        .filter(pk=item.pk)
        .first()
    )
    if locked is None:
        raise GoneError(f"This {item._meta.verbose_name} is gone.")
    return locked


def lock_all(items: Iterable[Shared]) -> None:
    """Let items that one transaction changes wait for nobody later: lock their scans, in order.

    Before the first of them is published. Who publishes another one holds its scan and waits for
    the numbers of its workspace, which are held here from the first publishing on.
    """
    _lock_scans([item.envelope_id for item in items])


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new item goes: a workspace, on behalf of whom, under which version of a policy."""

    workspace: Workspace
    creator: User
    version: PolicyVersion | None = None

    def point(self, otherwise: str) -> str:
        """Return the operating point at which a new item is scanned. Raises UnsealError."""
        return point_under(self.version, otherwise)

    def ends(self, expires_at: datetime | None) -> datetime | None:
        """Return when a new item ends: as wished, but no later than its policy keeps it."""
        return ends_under(self.version, expires_at, since=timezone.now())


def place_for(owner: User | None) -> Place | None:
    """Return a person's own place; what nobody owns has none."""
    if owner is None:
        return None
    workspace = personal_of(owner)
    return Place(workspace, owner, default_version(workspace))


def insert(item: Shared, kind: Kind, place: Place | None, *more: Model) -> None:
    """Store a new item with its envelope, and its entry if it has a place: in one statement.

    more: rows that are stored with it
    """
    if place is None:
        write_together(item.envelope, item, *more)
        return
    entry = entries.new_entry(
        envelope=item.envelope,
        pid=item.pid,
        kind=kind,
        workspace=place.workspace,
        version=place.version,
        expires_at=item.expires_at,
    )
    with transaction.atomic(), recorded_last():
        write_together(item.envelope, item, *more, entry)
        entries.note_entered(entry, place.creator)


@transaction.atomic
def withhold(item: Shared, why: Withheld) -> None:
    """Show an item to nobody until it is released; its links stop at once. Raises GoneError.

    What lies in the trash can be taken down all the same: restoring it then shows it to nobody.
    """
    locked = lock(item, for_work=why is Withheld.TAKEN_DOWN)
    locked.withheld = why
    locked.save(update_fields=["withheld"])
    public_cache.drop(item)


@transaction.atomic
def release(item: Shared, why: Withheld) -> bool:
    """Show an item again that was withheld for this reason; False if it was not.

    What was taken down and lies in the trash stays there.
    """
    kind: Any = type(item)._default_manager
    is_trashed = item.entry is not None and item.entry.trashed_at is not None
    left = Withheld.TRASHED if is_trashed and why is Withheld.TAKEN_DOWN else ""
    changed = kind.filter(pk=item.pk, withheld=why).update(withheld=left)
    public_cache.drop(item)
    return bool(changed)


@transaction.atomic
def delete(item: Shared, *, by: User | None = None, why: str = "") -> None:
    """Delete an item, its scan, its files and its keys; its public page stops at once.

    by, why: who does it, and a word if no person wished it: "expired", "burnt"
    """
    _delete([item], by, why)


@transaction.atomic
@recorded_last()
def delete_all(items: SharedQuerySet[Any], *, by: User | None = None, why: str = "") -> int:
    """Do what `delete` does with all items of a query, in one transaction; returns how many.

    A few hundred at once, without what is long or sealed: neither time nor memory runs away.
    """
    # In the one order in which all transactions take several items.
    pids = list(items.order_by("envelope").values_list("pk", flat=True))
    for start in range(0, len(pids), _AT_ONCE):
        batch = items.filter(pk__in=pids[start : start + _AT_ONCE]).order_by("envelope")
        _delete(list(batch.with_entry().only(*_OF_DELETED)), by, why)
    return len(pids)


def _delete(items: Sequence[Shared], by: User | None, why: str) -> None:
    """Delete items of one kind whose entries are loaded or can be."""
    if not items:
        return
    envelopes = [item.envelope_id for item in items]
    _lock_scans(envelopes)
    entries = {item.pid: item.entry for item in items}  # read while they are there
    _forget_pseudonyms(envelopes)
    derived = type(items[0]).derived_envelopes(envelopes)
    delete_files(*envelopes, *derived)
    Envelope.objects.filter(pk__in=envelopes).delete()
    # After the items, which refer to them.
    Envelope.objects.filter(pk__in=derived).delete()
    public_cache.drop(*items)
    for item in items:
        if entries[item.pid] is not None:
            note(Action.ITEM_DELETED, item, by, **({"why": why} if why else {}))


def _forget_pseudonyms(envelopes: Collection[UUID]) -> None:
    """Let pseudonyms go that no other items show."""
    shown = Pseudonym.objects.filter(entries__in=envelopes).distinct()
    by_workspace: dict[str, list[int]] = {}
    for wid, pk in shown.values_list("workspace", "pk"):
        by_workspace.setdefault(wid, []).append(pk)
    for wid, pks in by_workspace.items():
        pseudonyms.forget_later(wid, pks)


def delete_expired(kind: type[Shared]) -> int:
    """Delete the items of a kind whose time is over; returns how many went."""
    items: Any = kind._default_manager
    deleted = 0
    for item in items.expired().with_entry().only(*_OF_DELETED).iterator(chunk_size=200):
        delete(item, why="expired")
        deleted += 1
    return deleted


@transaction.atomic
def set_expiry(item: Shared, expires_at: datetime | None, *, by: User | None = None) -> None:
    """Change when an item ends; None keeps it, as long as its policy does. Raises GoneError."""
    locked = lock(item)
    version = locked.entry.policy_version if locked.entry is not None else None
    expires_at = ends_under(version, expires_at, since=locked.created_at)
    locked.end_at(expires_at)
    public_cache.drop(item)
    ends = expires_at.isoformat(timespec="minutes") if expires_at else "never"
    note(Action.EXPIRY_CHANGED, locked, by, ends=ends)


@transaction.atomic
def rotate_link(item: Shared, *, by: User | None = None) -> str:
    """Make a new private link for an owned item; the old one stops. Returns the token.

    Raises GoneError.
    """
    locked = lock(item)
    token = locked.envelope.renew_token(locked.envelope.open_for_service())
    note(Action.LINK_RENEWED, locked, by)
    return token


@transaction.atomic
def revoke_link(item: Shared, *, by: User | None = None) -> None:
    """Make the private link of an owned item stop; its owner still opens the original.

    Raises GoneError.
    """
    locked = lock(item)
    locked.envelope.forget_token()
    note(Action.LINK_REVOKED, locked, by)


def _lock_scan(item: Shared) -> None:
    _lock_scans([item.envelope_id])


def _lock_scans(envelopes: Collection[UUID]) -> None:
    scans = Scan.objects.select_for_update().filter(envelope__in=envelopes).order_by("envelope")
    list(scans.values_list("pk"))
