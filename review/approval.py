"""Approval: what the public is shown of an item that needs it, and since when."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.models import Action
from entries.models import Entry
from review.items import Reviewed
from sharing import public_cache
from sharing.recorded import note
from sharing.services import ConflictError, GoneError, lock


class ApprovalError(Exception):
    """Raised when somebody may not approve an item; the message is a sentence for the user."""


def refusal(item: Reviewed, user: User) -> str:
    """Return why a person may not approve an item as it stands, "" if they may."""
    entry = item.entry
    if entry is None or not entry.needs_two:
        return ""
    if item.owner_id == user.pk:
        return "Two people have to see this: somebody else than who added it approves it."
    if set(_deciders(entry)) == {user.pk}:
        return (
            "Two people have to see this: only you have decided on its marks, so somebody else "
            "approves it."
        )
    return ""


@transaction.atomic
def approve(*, item: Reviewed, user: User, revision: int) -> None:
    """Let an item be shared as its marks stand.

    revision: the one that the person saw
    Raises ApprovalError, ConflictError if the marks were changed since, GoneError.
    """
    locked = lock(item)
    entry = locked.entry
    if entry is None or not locked.is_public:
        raise GoneError("This is not ready yet.")
    if locked.revision != revision:
        raise ConflictError("The marks were changed since you looked. Look again, then approve.")
    if sentence := refusal(locked, user):
        raise ApprovalError(sentence)
    entry.approved_by, entry.approved_at = user, timezone.now()
    entry.approved_revision = locked.revision
    entry.save(update_fields=["approved_by", "approved_at", "approved_revision"])
    public_cache.drop(locked)
    note(Action.ITEM_APPROVED, locked, user, revision=revision)


@transaction.atomic
def unapprove(*, item: Reviewed, user: User) -> bool:
    """Take an approval back; False if there was none. Raises GoneError."""
    locked = lock(item)
    entry = locked.entry
    if entry is None or entry.approved_revision is None:
        return False
    entry.approved_by = entry.approved_at = entry.approved_revision = None
    entry.save(update_fields=["approved_by", "approved_at", "approved_revision"])
    public_cache.drop(locked)
    note(Action.ITEM_UNAPPROVED, locked, user)
    return True


def _deciders(entry: Entry) -> list[int]:
    decided = entry.decisions.standing().order_by().filter(reviewer__isnull=False)
    return list(decided.values_list("reviewer", flat=True).distinct())
