"""What can be done with any shared item: change its end, its private link, delete it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from entries import services as entries
from entries.models import Kind
from inference.models import Scan
from policies.models import PolicyVersion
from policies.services import default_version
from sharing import public_cache
from sharing.models import Item, Shared, Withheld
from vault.files import delete_files
from workspaces.models import Workspace
from workspaces.services import personal_of


class SharingError(Exception):
    """Base of what services of shared items raise; the message is a sentence for the user."""


class GoneError(SharingError):
    """Raised when an item was removed, burnt or expired in the meantime."""


class ConflictError(SharingError):
    """Raised when the spans were changed elsewhere since the page was loaded."""


def lock(item: Item) -> Item:
    """Lock a live item for a change, its scan first as all changes do. Raises GoneError.

    A correction, a removal and the end of a scan wait for each other here, in one order.
    """
    _lock_scan(item)
    items: Any = type(item)._default_manager
    locked: Item | None = (
        items.live()
        .select_for_update(of=("self",))
        .select_related("envelope__entry")
        .filter(pk=item.pk)
        .first()
    )
    if locked is None:
        raise GoneError(f"This {item._meta.verbose_name} is gone.")
    return locked


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new item goes: a workspace, on behalf of whom, under which version of a policy."""

    workspace: Workspace
    creator: User
    version: PolicyVersion | None = None


def place_for(owner: User | None) -> Place | None:
    """Return a person's own place; what nobody owns has none."""
    if owner is None:
        return None
    workspace = personal_of(owner)
    return Place(workspace, owner, default_version(workspace))


def enter(item: Shared, kind: Kind, place: Place | None) -> None:
    """Take a new item into its place, in the transaction that makes it."""
    if place is not None:
        entries.enter(
            envelope=item.envelope,
            pid=item.pid,
            kind=kind,
            workspace=place.workspace,
            creator=place.creator,
            version=place.version,
        )


@transaction.atomic
def withhold(item: Shared, why: Withheld) -> None:
    """Show an item to nobody until it is released; its links stop at once. Raises GoneError."""
    locked = lock(item)
    locked.withheld = why
    locked.save(update_fields=["withheld"])
    public_cache.drop(item)


@transaction.atomic
def release(item: Shared, why: Withheld) -> bool:
    """Show an item again that was withheld for this reason; False if it was not."""
    kind: Any = type(item)._default_manager
    changed = kind.filter(pk=item.pk, withheld=why).update(withheld="")
    public_cache.drop(item)
    return bool(changed)


@transaction.atomic
def delete(item: Shared) -> None:
    """Delete an item, its scan, its files and its keys; its public page stops at once."""
    _lock_scan(item)
    delete_files(item.envelope)
    item.envelope.delete()
    public_cache.drop(item)


def delete_expired(kind: type[Shared]) -> int:
    """Delete the items of a kind whose time is over; returns how many went."""
    items: Any = kind._default_manager
    deleted = 0
    for item in items.expired().select_related("envelope").iterator(chunk_size=200):
        delete(item)
        deleted += 1
    return deleted


@transaction.atomic
def set_expiry(item: Shared, expires_at: datetime | None) -> None:
    """Change when an item ends; None keeps it. Raises GoneError."""
    locked = lock(item)
    locked.expires_at = expires_at
    locked.save(update_fields=["expires_at"])
    public_cache.drop(item)


@transaction.atomic
def rotate_link(item: Shared) -> str:
    """Make a new private link for an owned item; the old one stops. Returns the token.

    Raises GoneError.
    """
    envelope = lock(item).envelope
    return envelope.renew_token(envelope.open_for_service())


@transaction.atomic
def revoke_link(item: Shared) -> None:
    """Make the private link of an owned item stop; its owner still opens the original.

    Raises GoneError.
    """
    lock(item).envelope.forget_token()


def _lock_scan(item: Shared) -> None:
    Scan.objects.select_for_update().filter(envelope=item.envelope_id).values("pk").first()
