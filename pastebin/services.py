"""What can be done with pastes. Views call these; each is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from anonymizer.corrections import Change, Edit
from anonymizer.storable import normal_newlines, storable
from anonymizer.text import Style
from audit.models import Action
from audit.record import recorded_last
from entries.models import Kind
from entries.services import note_published
from inference import queue
from inference.engine.spans import Span
from inference.models import Scan
from inference.room import check_room
from pastebin.models import SCAN_CONSUMER, TITLE_SEPARATOR, Paste
from sharing import corrections, public_cache
from sharing.counting import count_again
from sharing.policies import applied, published_redaction_of, rerun_failed
from sharing.recorded import note
from sharing.services import GoneError, Place, delete, delete_all, insert, lock, place_for
from vault.envelope import DataKey
from vault.models import Envelope
from vault.planned import Planned
from vault.rows import write_together
from webhooks.models import Event
from webhooks.services import announce

if TYPE_CHECKING:
    from accounts.models import User


_SCANNED = Planned(
    lambda envelope: Paste.objects.with_entry().defer("redacted_text").filter(envelope=envelope)
)
# What publishing writes.
_PUBLISHED = ("redacted_text", "redacted_title", "bars", "revision", "sealed_history")


@dataclass(frozen=True, slots=True, repr=False)
class CreatedPaste:
    """A new paste and its reveal token, which exists nowhere else."""

    paste: Paste
    token: str


@dataclass(frozen=True, slots=True, repr=False)
class Original:
    """An opened original: title, separator and text as one, with its spans."""

    text: str
    spans: tuple[Span, ...]


def create_paste(
    *,
    text: str,
    title: str = "",
    owner: User | None = None,
    place: Place | None = None,
    style: Style = Style.PLACEHOLDER,
    operating_point: str = "balanced",
    expires_at: datetime | None = None,
    burn: bool = False,
) -> CreatedPaste:
    """Seal a text and queue its scan. Line ends are stored as LF. Raises QueueFullError.

    place: where it goes; its owner's own place if nothing is said. Its policy decides how the
           text is scanned, and how long it is kept at most
    """
    check_room()
    place = place or place_for(owner)
    title, text = " ".join(title.split()), normal_newlines(text)
    envelope, key, token = Envelope.new()
    paste = Paste(
        envelope=envelope,
        owner=owner,
        style=style,
        burn=burn,
        expires_at=place.ends(expires_at) if place else expires_at,
        title_characters=len(title),
    )
    scan = queue.new_scan(
        envelope=envelope,
        key=key,
        text=title + TITLE_SEPARATOR + text if title else text,
        consumer=SCAN_CONSUMER,
        operating_point=place.point(operating_point) if place else operating_point,
    )
    insert(paste, Kind.PASTE, place, scan)
    transaction.on_commit(queue.wake_worker)
    return CreatedPaste(paste, token)


def publish_scanned(scan: Scan, key: DataKey, text: str, spans: Sequence[Span]) -> Sequence[Span]:
    """Write the public side of a scanned paste (called in the scan's last transaction).

    For an anonymous paste the server's own key to the original is destroyed here.
    """
    paste = _scanned(scan)
    hidden = applied(paste, scan, key, text, spans, paste.cut_at_title)
    _write_redaction(paste, text, hidden.spans)
    if hidden.before is not None:
        count_again(paste, key, hidden.spans)
        public_cache.drop(paste)
    _forget_service_key(paste, scan.envelope)
    announce(owner_id=paste.owner_id, event=Event.PASTE_READY, thing_id=paste.pid)
    return hidden.spans


def _scanned(scan: Scan) -> Paste:
    paste = _SCANNED.first(envelope=scan.envelope_id)
    if paste is None:
        raise Paste.DoesNotExist
    return paste


def withdraw_failed(scan: Scan) -> None:
    """Keep a paste unpublished whose scan failed; its original opens with the token only."""
    if rerun_failed(scan):
        return
    paste = Paste.objects.get(envelope=scan.envelope)
    _forget_service_key(paste, scan.envelope)
    announce(owner_id=paste.owner_id, event=Event.PASTE_FAILED, thing_id=paste.pid)


@transaction.atomic
def retry_scan(paste: Paste, key: DataKey) -> None:
    """Queue a failed scan again; the key comes from whoever holds the token or owns the paste.

    Does nothing unless the scan has failed: a finished paste must not get its service key back.
    """
    if queue.retry_failed(paste.scan):
        paste.envelope.keep_for_service(key)


def read_original(paste: Paste, key: DataKey) -> Original:
    """Open a paste's original. Raises UnsealError, GoneError."""
    scan = Scan.objects.select_related("envelope").filter(envelope=paste.envelope_id).first()
    if scan is None:
        raise GoneError("This paste is gone.")
    text = scan.envelope.unseal(key, scan.sealed_text, "text")
    return Original(text, tuple(queue.unseal_spans(scan, key)))


@transaction.atomic
@recorded_last()
def burn(paste: Paste, key: DataKey, *, by: User | None = None) -> Original:
    """Open an original for the only time and destroy the paste. Raises GoneError.

    by: who opens it; None for the holder of the private link
    """
    locked = lock(paste)
    original = read_original(locked, key)
    note(Action.ITEM_OPENED if by is not None else Action.LINK_OPENED, locked, by)
    delete(locked, by=by, why="burnt")
    return original


def erase_pastes_of(user: User) -> None:
    """Delete all of a person's pastes with their keys."""
    delete_all(Paste.objects.filter(owner=user), by=user, why="erased")


def correct(
    *,
    paste: Paste,
    key: DataKey,
    revision: int,
    edits: Sequence[Edit],
    all_mentions: bool,
    by: User | None = None,
    why: str = "",
) -> None:
    """Apply edits as one correction and publish the result; see sharing.corrections.correct."""
    corrections.correct(
        item=paste,
        key=key,
        revision=revision,
        edits=edits,
        all_mentions=all_mentions,
        cut=lambda locked: locked.cut_at_title,
        publish=republish,
        by=by,
        why=why,
    )


def take_back(*, paste: Paste, key: DataKey, change: Change, by: User | None = None) -> None:
    """Undo one correction and publish the result; see sharing.corrections.take_back."""
    corrections.take_back(item=paste, key=key, change=change, publish=republish, by=by)


def republish(paste: Paste, key: DataKey, text: str, spans: Sequence[Span]) -> None:
    """Publish a paste under corrected spans; the caller holds the row's lock."""
    _write_redaction(paste, text, spans)
    public_cache.drop(paste)


def publish_again(
    paste: Paste, key: DataKey, text: str, before: Sequence[Span], spans: Sequence[Span]
) -> Sequence[Span]:
    """Publish a paste that was done again under a policy; see sharing.policies.Publisher."""
    republish(paste, key, text, spans)
    return spans


def _write_redaction(paste: Paste, text: str, spans: Sequence[Span]) -> None:
    """Hide the spans and store what is public. The spans are cut at the title's end."""
    title_end = paste.title_characters
    redaction = published_redaction_of(paste, text, spans)
    paste.redacted_text = storable(redaction.text)
    paste.bars = [[bar.start, bar.end, bar.label, bar.number] for bar in redaction.bars]
    bars_in_title = sum(span.start < title_end for span in spans)
    hidden = spans[bars_in_title - 1].end if bars_in_title else 0
    shown = redaction.bars[bars_in_title - 1].end if bars_in_title else 0
    paste.redacted_title = paste.redacted_text[: shown + title_end - hidden]
    write_together(changed=[(paste, _PUBLISHED)])
    labels = [bar.label for bar in redaction.bars]
    note_published(paste.entry, text=paste.redacted_text, spans=spans, labels=labels)


def _forget_service_key(paste: Paste, envelope: Envelope) -> None:
    if paste.owner_id is None:
        envelope.forget_service()
