"""Reports are taken in and handled. Each is one transaction."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from audit.models import Action
from audit.origin import request_from
from documents.models import Document
from documents.services import retry as retry_document
from moderation.items import find_kept, find_public
from moderation.models import Reason, Report, State
from pastebin.models import Paste
from pastebin.services import retry_scan
from sharing.models import Shared, Withheld
from sharing.recorded import note
from sharing.services import GoneError, release, withhold
from vault.models import Envelope

_MESSAGE = "message"
_SWEPT_AT_ONCE = 1000


class ModerationError(Exception):
    """Raised when a report cannot be handled as wished; the message is a sentence for staff."""


def report(*, kind: str, pid: str, reason: Reason, message: str, network: str) -> Report | None:
    """Keep a report on a public page, once for each network; None if there is nothing to keep.

    network: digest of where it came from
    """
    item = find_public(kind, pid)
    if item is None or Report.objects.filter(pid=pid, network=network, state=State.OPEN).exists():
        return None
    try:
        with transaction.atomic():
            envelope, key = Envelope.create_for_service()
            made = Report.objects.create(
                kind=kind,
                pid=pid,
                reason=reason,
                envelope=envelope,
                sealed_message=envelope.seal(key, message, _MESSAGE),
                network=network,
            )
            # Who owns the item learns that it was reported, and not from where.
            with request_from(""):
                note(Action.ITEM_REPORTED, item, None, reason=reason.value)
            return made
    except IntegrityError:  # the same network was faster
        return None


def message_of(one: Report) -> str:
    """Return what somebody wrote. Raises UnsealError."""
    return one.envelope.unseal(one.envelope.open_for_service(), one.sealed_message, _MESSAGE)


@transaction.atomic
def take_down(one: Report, *, by: User) -> None:
    """Show an item to nobody until it is put back; handles all reports on it.

    Raises ModerationError.
    """
    item = find_kept(one.kind, one.pid)
    if item is None:
        raise ModerationError("It has been deleted meanwhile.")
    was_down = is_down(item)
    try:
        if not was_down:
            withhold(item, Withheld.TAKEN_DOWN)
    except GoneError as exc:
        raise ModerationError("It is not shown to anybody at the moment.") from exc
    _handle(one, State.DOWN, by)
    if not was_down:
        _note(Action.ITEM_WITHHELD, item, by, reason=one.reason)


@transaction.atomic
def put_back(one: Report, *, by: User) -> None:
    """Show an item again that was taken down. Raises ModerationError."""
    item = find_kept(one.kind, one.pid)
    if item is None:
        raise ModerationError("It has been deleted meanwhile.")
    if not release(item, Withheld.TAKEN_DOWN):
        raise ModerationError("It is not taken down.")
    Report.objects.filter(pid=one.pid, state=State.DOWN).update(
        state=State.DISMISSED, handled_by=by, handled_at=timezone.now()
    )
    _note(Action.ITEM_RELEASED, item, by)


@transaction.atomic
def dismiss(one: Report, *, by: User) -> None:
    """Leave the item as it is; handles all open reports on it."""
    _handle(one, State.DISMISSED, by)


def delete_decided() -> int:
    """Delete reports that were decided long ago, with their keys; returns how many went.

    Not those by which a page is down: it is put back by them.
    """
    limit = timezone.now() - timedelta(days=settings.REPORT_DAYS)
    decided = Report.objects.exclude(state=State.OPEN).filter(handled_at__lte=limit)
    down = (
        Exists(kind._default_manager.filter(pk=OuterRef("pid"), withheld=Withheld.TAKEN_DOWN))
        for kind in (Paste, Document)
    )
    for is_still_down in down:
        decided = decided.exclude(is_still_down, state=State.DOWN)
    with transaction.atomic():
        rows = list(decided.select_for_update(skip_locked=True)[:_SWEPT_AT_ONCE])
        # The envelope of a report cannot go before it.
        Report.objects.filter(pk__in=[one.pk for one in rows]).delete()
        Envelope.objects.filter(pk__in=[one.envelope_id for one in rows]).delete()
    return len(rows)


def is_down(item: Shared | None) -> bool:
    """Say whether an item is taken down."""
    return item is not None and item.withheld == Withheld.TAKEN_DOWN


def retry_item(kind: str, pid: str) -> None:
    """Try an item again whose scan or reading failed, where the server holds its key.

    Raises ModerationError.
    """
    item = find_kept(kind, pid)
    if item is None:
        raise ModerationError("It has been deleted meanwhile.")
    if item.envelope.service_wrap is None:
        raise ModerationError("Only who holds its private link can try it again.")
    key = item.envelope.open_for_service()
    if isinstance(item, Document):
        retry_document(item, key)
    elif isinstance(item, Paste):
        retry_scan(item, key)


def _handle(one: Report, state: State, by: User) -> None:
    Report.objects.filter(pid=one.pid, state=State.OPEN).update(
        state=state, handled_by=by, handled_at=timezone.now()
    )
    Report.objects.filter(pk=one.pk).update(state=state, handled_by=by, handled_at=timezone.now())


def _note(action: Action, item: Shared, by: User, **detail: str) -> None:
    # From where an administrator works is not for the members of a workspace.
    with request_from(""):
        note(action, item, by, **detail)
