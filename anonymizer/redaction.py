"""Detection for a request that waits: texts that belong to nobody and are kept nowhere.

    submit -> wait (woken, no polling) -> take      the rows go in the transaction that reads them
                        |-> keep_as_job -> read_job / take_job / cancel_job

A text lies sealed in the queue like any other. What nobody fetched, `sweep` removes.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from anonymizer import fleeting
from anonymizer.fleeting import Submitted
from anonymizer.models import RedactJob, RedactPart
from inference import queue
from inference.engine.spans import Span
from inference.events import follow, wait_for_end
from inference.models import Scan, ScanState
from inference.room import check_room
from vault.models import Envelope
from webhooks.models import Delivery, Event, Webhook
from webhooks.services import announce, wake_announcer

if TYPE_CHECKING:
    from accounts.models import User

SCAN_CONSUMER = "redact"
# No request waits this long: what is older and no job was left by a process that died.
ORPHAN_AFTER = timedelta(minutes=5)


class RedactionError(Exception):
    """Base of what redaction raises; the message is a sentence for the user."""


class DetectionFailedError(RedactionError):
    """Raised when the detector could not read a text; nothing of it is kept."""


class NotReadyError(RedactionError):
    """Raised when a result is asked for that is not there yet."""


class StillRunningError(RedactionError):
    """Raised when a request has waited long enough; its texts are still in the queue."""

    def __init__(self, submitted: Sequence[Submitted]) -> None:
        super().__init__("The texts are still being scanned.")
        self.submitted = submitted


class JobGoneError(RedactionError):
    """Raised when a job is unknown, expired, fetched, cancelled, or somebody else's."""


@dataclass(frozen=True, slots=True, repr=False)
class Result:
    """A text with what was found in it; spans are sorted and disjoint."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: state is "queued", "running", "done" or "failed"."""

    state: str
    texts: int
    texts_done: int
    percent: int
    position: int | None


def submit(texts: Sequence[str], *, operating_point: str) -> list[Submitted]:
    """Seal texts and queue their scans, all at once. Raises QueueFullError."""
    check_room()
    return fleeting.insert(texts, consumer=SCAN_CONSUMER, operating_point=operating_point)


def redact_now(texts: Sequence[str], *, operating_point: str, wait_seconds: float) -> list[Result]:
    """Return what is private in texts, all scanned at once, and keep nothing of them.

    Raises DetectionFailedError, or StillRunningError: then the caller keeps them as a job, or
    discards them.
    """
    submitted = submit(texts, operating_point=operating_point)
    wait(submitted, wait_seconds)
    try:
        return take(submitted)
    except NotReadyError as exc:
        raise StillRunningError(submitted) from exc


@transaction.atomic
def discard(submitted: Sequence[Submitted]) -> None:
    """Remove texts for which nobody waits any more."""
    fleeting.remove([one.envelope.pk for one in submitted])


def wait(submitted: Sequence[Submitted], seconds: float) -> bool:
    """Wait until all texts are scanned; False if the time was up, or events do not come."""
    deadline = time.monotonic() + seconds
    return all(wait_for_end(one.scan_id, deadline - time.monotonic()) for one in submitted)


def take(submitted: Sequence[Submitted]) -> list[Result]:
    """Return what was found and remove every trace of the texts.

    Raises NotReadyError, then nothing is removed, or DetectionFailedError.
    """
    ids = [one.scan_id for one in submitted]
    sealed = fleeting.take(ids)
    if not sealed and Scan.objects.filter(pk__in=ids).exists():
        raise NotReadyError("The texts are still being scanned.")
    results = []
    for one in submitted:
        spans = sealed.get(one.scan_id)
        if spans is None:
            raise DetectionFailedError("The detector could not read a text.")
        results.append(Result(one.text, tuple(queue.spans_from(one.envelope, one.key, spans))))
    return results


@transaction.atomic
def keep_as_job(
    submitted: Sequence[Submitted], *, request: Mapping[str, Any], owner: User | None
) -> RedactJob:
    """Let texts that are under way be fetched later; request is what to do with the results."""
    envelope, key = Envelope.create_for_service()
    job = RedactJob.objects.create(
        owner=owner,
        envelope=envelope,
        sealed_request=envelope.seal_json(key, request, "request"),
        expires_at=timezone.now() + timedelta(minutes=settings.JOB_MINUTES),
    )
    RedactPart.objects.bulk_create(
        RedactPart(job=job, position=position, envelope=one.envelope)
        for position, one in enumerate(submitted)
    )
    if owner is not None and Webhook.objects.filter(owner=owner, disabled_at=None).exists():
        ids = [one.scan_id for one in submitted]
        transaction.on_commit(lambda: _tell_at_end(ids))
    return job


def find_job(job_id: str, owner: User | None) -> RedactJob:
    """Return a live job: its owner's, or of whoever knows its id if nobody owns it.

    Raises JobGoneError.
    """
    job = RedactJob.objects.live().select_related("envelope").filter(pk=job_id).first()
    if job is None or (job.owner_id is not None and (owner is None or job.owner_id != owner.pk)):
        raise JobGoneError("There is no such job.")
    return job


def progress_of(job: RedactJob) -> JobProgress:
    """Return how far a job is."""
    scans = list(_scans_of(job).defer("sealed_text", "sealed_spans"))
    done = sum(scan.is_done for scan in scans)
    characters = sum(scan.characters for scan in scans)
    scanned = sum(scan.scanned_characters for scan in scans)
    pending = [scan for scan in scans if scan.state == ScanState.PENDING]
    if any(scan.state == ScanState.FAILED for scan in scans):
        state = "failed"
    elif done == len(scans):
        state = "done"
    else:
        state = "queued" if len(pending) == len(scans) else "running"
    position = min((scan.place_in_queue() for scan in pending[:1]), default=None)
    percent = 100 * scanned // max(characters, 1) if state != "done" else 100
    return JobProgress(state, len(scans), done, percent, position)


@transaction.atomic
def read_job(job: RedactJob) -> tuple[dict[str, Any], list[Result]]:
    """Return what was asked for and what was found. The job stays until it expires.

    Raises NotReadyError, DetectionFailedError, JobGoneError.
    """
    locked = RedactJob.objects.live().select_for_update(of=("self",)).select_related("envelope")
    held = locked.filter(pk=job.pk).first()
    if held is None:
        raise JobGoneError("There is no such job.")
    request = held.envelope.unseal_json(
        held.envelope.open_for_service(), held.sealed_request, "request"
    )
    results = []
    for scan in _scans_of(held):
        if scan.state == ScanState.FAILED:
            raise DetectionFailedError("The detector could not read a text.")
        if not scan.is_done:
            raise NotReadyError("The texts are still being scanned.")
        key = scan.envelope.open_for_service()
        text = scan.envelope.unseal(key, scan.sealed_text, "text")
        results.append(Result(text, tuple(queue.unseal_spans(scan, key))))
    return request, results


@transaction.atomic
def take_job(job: RedactJob) -> tuple[dict[str, Any], list[Result]]:
    """Return what `read_job` does, and remove every trace of the job. Raises the same."""
    request, results = read_job(job)
    cancel_job(job)
    return request, results


@transaction.atomic
def cancel_job(job: RedactJob) -> None:
    """Remove a job with its texts and results."""
    parts = list(RedactPart.objects.filter(job=job).values_list("envelope_id", flat=True))
    RedactPart.objects.filter(job=job).delete()
    RedactJob.objects.filter(pk=job.pk).delete()
    fleeting.remove([*parts, job.envelope_id])


def announce_ended_jobs() -> None:
    """Tell the webhooks of accounts which jobs have ended.

    Asked when the last text of a job has ended (`pass_on_end`), and at every sweep of theirs.
    """
    listening = Webhook.objects.filter(owner=OuterRef("owner"), disabled_at=None)
    told = Delivery.objects.filter(thing_id=OuterRef("pk"))
    scans = Scan.objects.filter(envelope__redact_part__job=OuterRef("pk"))
    ended = (
        RedactJob.objects.live()
        .filter(Exists(listening), ~Exists(told), ~Exists(scans.unfinished()))
        .annotate(
            has_failed=Exists(scans.filter(state=ScanState.FAILED)),
            ended_at=Max("parts__envelope__scan__finished_at"),
        )
    )
    rows = ended.values_list("pk", "owner_id", "has_failed", "ended_at")[:500]
    for pk, owner_id, has_failed, ended_at in rows:
        event = Event.JOB_FAILED if has_failed else Event.JOB_DONE
        announce(owner_id=owner_id, event=event, thing_id=pk, occurred_at=ended_at)


def pass_on_end(scan_id: UUID) -> None:
    """Wake who announces ended jobs, if this scan was the last one of its job."""
    job = RedactPart.objects.filter(envelope__scan=scan_id).values("job")[:1]
    if not Scan.objects.filter(envelope__redact_part__job=job).unfinished().exists():
        wake_announcer()


def _tell_at_end(scan_ids: Sequence[UUID]) -> None:
    """Have webhooks told at once when a job ends; what is lost here, their sweep finds."""
    follow(scan_ids, int(settings.JOB_MINUTES * 60))
    # What ended before anybody followed it tells nobody.
    if not Scan.objects.filter(pk__in=scan_ids).unfinished().exists():
        wake_announcer()


def erase_jobs_of(user: User) -> None:
    """Remove all jobs of a person."""
    for job in RedactJob.objects.filter(owner=user):
        cancel_job(job)


def sweep() -> int:
    """Remove expired jobs, and texts whose request died; returns how many went."""
    expired = list(RedactJob.objects.filter(expires_at__lte=timezone.now())[:500])
    for job in expired:
        cancel_job(job)
    with transaction.atomic():
        orphans = list(
            Scan.objects.filter(
                consumer=SCAN_CONSUMER,
                created_at__lt=timezone.now() - ORPHAN_AFTER,
                envelope__redact_part=None,
            )
            .select_for_update(of=("self",), skip_locked=True)
            .values_list("envelope_id", flat=True)[:500]
        )
        fleeting.remove(orphans)
    return len(expired) + len(orphans)


def _scans_of(job: RedactJob) -> Any:
    parts = Scan.objects.filter(envelope__redact_part__job=job)
    return parts.select_related("envelope").order_by("envelope__redact_part__position")
