"""The queue of scans: rows are the queue, messages only wake the worker.

    submit -> PENDING -> claim_batch -> RUNNING (lease) -> finish -> DONE
                 ^                          |-> fail -> PENDING again, FAILED after three tries
                 |-- expired lease ---------|

A claim carries a lease id; whoever lost the lease can no longer write, so two workers never both
finish one scan. Leases are set and judged by the database's clock alone: hosts may disagree.
"""

from __future__ import annotations

import functools
import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models.functions import Now
from django.utils import timezone

from inference.engine.spans import Span
from inference.events import announce_end, ring
from inference.models import MAX_ATTEMPTS, Lane, Scan, ScanState
from vault.envelope import DataKey
from vault.models import Envelope
from vault.rows import prepared_cursor

logger = logging.getLogger("blackbar.queue")


class LeaseLostError(Exception):
    """Raised when a worker writes to a scan that was meanwhile given to another."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who submitted a scan, and what it does with the result.

    Both callables run inside the transaction that ends the scan: what they write and the scan's
    end are seen together or not at all. on_done returns the spans as they are to be kept: a
    consumer whose text is made of parts cuts those that run over a seam. What it sets as the
    scan's `sealed_found` is kept, too. One that leaves the
    result with the scan, for somebody who waits for it, has neither.
    """

    on_done: Callable[[Scan, DataKey, str, Sequence[Span]], Sequence[Span]] | None = None
    on_failed: Callable[[Scan], None] | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A scan that this worker may do, with its opened text."""

    scan: Scan
    key: DataKey
    text: str


# One round trip, since somebody may wait for it. The running sums say what fits into one batch.
_CLAIM = """
WITH waiting AS (
    SELECT scan.id, scan.attempts, scan.characters, scan.created_at
    FROM inference_scan scan JOIN vault_envelope envelope ON envelope.id = scan.envelope_id
    WHERE scan.state = 'pending' AND scan.lane = %(lane)s
      AND envelope.service_key_id = ANY(%(keys)s)
    ORDER BY scan.created_at, scan.id
    LIMIT 64
    FOR UPDATE OF scan SKIP LOCKED
), summed AS (
    SELECT id, row_number() OVER queue AS place, sum(characters) OVER queue AS characters,
           sum(attempts) OVER queue AS attempts
    FROM waiting
    WINDOW queue AS (ORDER BY created_at, id)
), taken AS (
    SELECT id FROM summed WHERE place = 1 OR (attempts = 0 AND characters <= %(most)s)
)
UPDATE inference_scan scan
SET state = 'running', attempts = scan.attempts + 1, scanned_characters = 0,
    lease_id = %(lease)s,
    lease_expires_at = statement_timestamp() + %(seconds)s * interval '1 second'
FROM taken, vault_envelope envelope
WHERE scan.id = taken.id AND envelope.id = scan.envelope_id
"""
_FINISH = """
UPDATE inference_scan
SET state = 'done', sealed_spans = %s, scanned_characters = %s, checkpoint = %s, error = '',
    lease_id = NULL, lease_expires_at = NULL, finished_at = %s
WHERE id = %s AND state = 'running' AND lease_id = %s
"""
_KEEP = "UPDATE inference_scan SET sealed_spans = %s, sealed_found = %s WHERE id = %s"
_consumers: dict[str, Consumer] = {}


def register_consumer(name: str, consumer: Consumer) -> None:
    """Make a consumer known; apps do this once when they are loaded."""
    _consumers[name] = consumer


def submit(
    *, envelope: Envelope, key: DataKey, text: str, consumer: str, operating_point: str
) -> Scan:
    """Insert a pending scan of a text; on commit the worker is woken.

    The caller holds a transaction, so that the object and its scan are stored together.
    """
    scan = new_scan(
        envelope=envelope, key=key, text=text, consumer=consumer, operating_point=operating_point
    )
    scan.save(force_insert=True)
    transaction.on_commit(wake_worker)
    return scan


def new_scan(
    *, envelope: Envelope, key: DataKey, text: str, consumer: str, operating_point: str
) -> Scan:
    """Return a pending scan of a text, sealed for its envelope and in its lane, not inserted."""
    is_long = len(text) > settings.LONG_TEXT_CHARACTERS
    return Scan(
        envelope=envelope,
        consumer=consumer,
        operating_point=operating_point,
        lane=Lane.LONG if is_long else Lane.SHORT,
        sealed_text=envelope.seal(key, text, "text"),
        characters=len(text),
    )


def wake_worker() -> None:
    """Tell the engine workers that there is work. Never raises: the sweep repeats it.

    Those that listen wake within a millisecond; if none does, a message waits for the next.
    """
    from inference.tasks import run_pending_scans

    if ring():
        return
    try:
        run_pending_scans.apply_async(retry=False)
    except Exception as exc:  # the broker's transport raises many kinds
        logger.warning("wake-up not sent (%s); the sweep will send it", type(exc).__name__)


def claim_batch(lane: Lane, max_characters: int) -> list[Claim]:
    """Lease the oldest pending scans of a lane, up to a budget but at least one.

    A scan that was tried before goes alone, so that a text that kills workers takes no other with
    it. Scans under a service key that this process was not given are left to others; those whose
    text does not open are failed here and now.
    """
    scans, envelopes = _columns(Scan, "sealed_spans"), _columns(Envelope)
    wanted: dict[str, Any] = {
        "lane": str(lane),
        "keys": [*settings.SERVICE_KEYS, ""],
        "most": max_characters,
        "lease": uuid.uuid4(),
        "seconds": settings.SCAN_LEASE_SECONDS,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_claim_statement(), wanted)
        rows = cursor.fetchall()
    taken = []
    for row in rows:
        scan = Scan.from_db(connection.alias, scans, row[: len(scans)])
        scan.envelope = Envelope.from_db(connection.alias, envelopes, row[len(scans) :])
        taken.append(scan)
    taken.sort(key=lambda scan: (scan.created_at, scan.pk))
    return [claim for scan in taken if (claim := _open(scan)) is not None]


def has_pending() -> bool:
    """Say whether a scan waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM inference_scan WHERE state = 'pending')")
        found = cursor.fetchone()
    return bool(found and found[0])


def do_not_wait_for_disk(*, for_session: bool = False) -> None:
    """Let the present transaction, or the session, commit before it is on disk.

    A crash of the database may then undo a commit as a whole. For a worker that is as good as
    never having claimed: the scan runs again.
    """
    scope = "SESSION" if for_session else "LOCAL"
    with connection.cursor() as cursor:
        cursor.execute(f"SET {scope} synchronous_commit TO off")


def _columns(model: type[models.Model], *left_out: str) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields if field.name not in left_out]


@functools.cache
def _claim_statement() -> str:
    names = [f"scan.{name}" for name in _columns(Scan, "sealed_spans")]
    names += [f"envelope.{name}" for name in _columns(Envelope)]
    return f"{_CLAIM} RETURNING {', '.join(names)}"


def _open(scan: Scan) -> Claim | None:
    """Return a claim's text, or fail the scan for good if it cannot be opened."""
    try:
        key = scan.envelope.open_for_service()
        return Claim(scan, key, scan.envelope.unseal(key, scan.sealed_text, "text"))
    except Exception as exc:
        logger.error("scan %s cannot be opened (%s)", scan.id, type(exc).__name__)
        fail(scan, "The sealed text could not be opened.", is_final=True)
        return None


def renew_leases(lease_ids: Collection[uuid.UUID]) -> int:
    """Prolong the leases of a worker that is still alive; returns how many scans they hold."""
    return Scan.objects.filter(state=ScanState.RUNNING, lease_id__in=lease_ids).update(
        lease_expires_at=Now() + _lease()
    )


def give_back(scan: Scan) -> None:
    """Return a claimed scan to the queue because its worker has to stop; no try is counted."""
    Scan.objects.filter(pk=scan.pk, state=ScanState.RUNNING, lease_id=scan.lease_id).update(
        state=ScanState.PENDING,
        attempts=models.F("attempts") - 1,
        lease_id=None,
        lease_expires_at=None,
    )


def report_progress(scan: Scan, scanned_characters: int) -> None:
    """Write how far a scan is. Raises LeaseLostError."""
    changed = Scan.objects.filter(
        pk=scan.pk, state=ScanState.RUNNING, lease_id=scan.lease_id
    ).update(scanned_characters=min(scanned_characters, scan.characters))
    if not changed:
        raise LeaseLostError


def finish(claim: Claim, spans: Sequence[Span], scanned_characters: int, checkpoint: str) -> None:
    """Write a scan's result and hand it to its consumer, in one transaction.

    A coverage under 100 % is a failure, never a truncation. Raises LeaseLostError.
    """
    if scanned_characters != claim.scan.characters:
        fail(claim.scan, "Part of the text could not be scanned.")
        return
    scan = claim.scan
    on_done = _consumers[scan.consumer].on_done
    if on_done is None:
        _end_done(claim, seal_spans(scan.envelope, claim.key, spans), checkpoint)
        transaction.on_commit(lambda: announce_end(scan.id))
        return
    with transaction.atomic():
        # Replaced below; a scan that is DONE has spans at every moment.
        _end_done(claim, b"", checkpoint)
        kept = on_done(scan, claim.key, claim.text, spans)
        written: list[Any] = [seal_spans(scan.envelope, claim.key, kept), scan.sealed_found]
        with prepared_cursor() as cursor:
            cursor.execute(_KEEP, [*written, scan.pk])
        transaction.on_commit(lambda: announce_end(scan.id))


def fail(scan: Scan, error: str, *, is_final: bool = False, if_abandoned: bool = False) -> None:
    """Give a scan back for another try, or end it as FAILED after the last one.

    error:        a sentence for people, without any of the text
    if_abandoned: only if the lease, as it stands now, is no longer held
    Raises LeaseLostError.
    """
    if not is_final and scan.attempts < MAX_ATTEMPTS:
        _end_lease(scan, state=ScanState.PENDING, if_abandoned=if_abandoned, error=error)
        return
    with transaction.atomic():
        _end_lease(scan, state=ScanState.FAILED, if_abandoned=if_abandoned, error=error)
        on_failed = _consumers[scan.consumer].on_failed
        if on_failed is not None:
            on_failed(scan)
        transaction.on_commit(lambda: announce_end(scan.id))
    logger.error("scan %s failed after %d tries: %s", scan.id, scan.attempts, error)


def return_expired_leases() -> int:
    """Give the scans of silent workers back, or fail those tried often enough; returns how many."""
    returned = 0
    for scan in Scan.objects.abandoned().select_related("envelope").defer("sealed_text"):
        try:
            error = "The detector stopped while it worked on this text."
            fail(scan, error, if_abandoned=True)
        except LeaseLostError:
            continue  # its worker came back, or another sweep was faster
        returned += 1
    return returned


def retry_failed(scan: Scan) -> bool:
    """Put a failed scan into the queue again; False if it has not failed."""
    changed = Scan.objects.filter(pk=scan.pk, state=ScanState.FAILED).update(
        state=ScanState.PENDING, attempts=0, error="", finished_at=None
    )
    transaction.on_commit(wake_worker)
    return bool(changed)


def scan_again(scan: Scan, *, operating_point: str, sealed_found: bytes) -> None:
    """Queue a scan that is done once more, at another operating point.

    sealed_found: what its consumer needs when it has ended. The spans stay until then.
    """
    Scan.objects.filter(pk=scan.pk, state=ScanState.DONE).update(
        state=ScanState.PENDING,
        operating_point=operating_point,
        sealed_found=sealed_found,
        scanned_characters=0,
        attempts=0,
        finished_at=None,
    )
    transaction.on_commit(wake_worker)


def call_off(scan: Scan, *, operating_point: str, sealed_found: bytes | None) -> None:
    """Let a scan that was queued again and failed stand as it was; for `on_failed`."""
    Scan.objects.filter(pk=scan.pk, state=ScanState.FAILED).update(
        state=ScanState.DONE,
        operating_point=operating_point,
        sealed_found=sealed_found,
        scanned_characters=models.F("characters"),
        attempts=0,
        error="",
    )


def seal_spans(envelope: Envelope, key: DataKey, spans: Sequence[Span]) -> bytes:
    """Seal spans with their object's key: which characters are private is private."""
    return envelope.seal_json(key, {"spans": [span.as_json() for span in spans]}, "spans")


def unseal_spans(scan: Scan, key: DataKey) -> list[Span]:
    """Return a finished scan's spans. Raises UnsealError."""
    if scan.sealed_spans is None:
        return []
    return spans_from(scan.envelope, key, scan.sealed_spans)


def spans_from(envelope: Envelope, key: DataKey, sealed: bytes | memoryview) -> list[Span]:
    """Return spans that `seal_spans` sealed. Raises UnsealError."""
    payload: Mapping[str, Any] = envelope.unseal_json(key, sealed, "spans")
    return [Span(**span) for span in payload["spans"]]


def _end_done(claim: Claim, sealed_spans: bytes, checkpoint: str) -> None:
    """Write that a scan is done, as `_end_lease` writes other ends. Raises LeaseLostError."""
    scan = claim.scan
    written: list[Any] = [
        sealed_spans,
        scan.characters,
        checkpoint,
        timezone.now(),
        scan.pk,
        scan.lease_id,
    ]
    with prepared_cursor() as cursor:
        cursor.execute(_FINISH, written)
        if not cursor.rowcount:
            raise LeaseLostError


def _end_lease(scan: Scan, *, state: ScanState, if_abandoned: bool = False, **changes: Any) -> None:
    """Write a scan's new state if its lease is still held; locks the row in a transaction.

    Raises LeaseLostError.
    """
    is_over = state in {ScanState.DONE, ScanState.FAILED}
    leased = Scan.objects.filter(pk=scan.pk, state=ScanState.RUNNING, lease_id=scan.lease_id)
    if if_abandoned:
        leased = leased.abandoned()
    changed = leased.update(
        state=state,
        lease_id=None,
        lease_expires_at=None,
        finished_at=timezone.now() if is_over else None,
        **changes,
    )
    if not changed:
        raise LeaseLostError


def _lease() -> timedelta:
    return timedelta(seconds=settings.SCAN_LEASE_SECONDS)
