"""The queue of work on files: rows are the queue, messages only wake a worker.

    submit -> waiting -> claim -> running (lease) -> end
                 ^                    |-> give_back, or the worker died and the lease ran out

Whoever lost the lease can no longer end the job. Leases are set and judged by the database's
clock alone: hosts may disagree. A document's row is locked before its jobs are changed, so that a
job asked for while another ends is never lost.
"""

from __future__ import annotations

import logging
import uuid

from django.db import transaction
from django.db.models.functions import Now

from documents.formats.model import Progress
from documents.models import LEASE, Document, FileJob, Task

logger = logging.getLogger("blackbar.documents")
# Read in seconds; one slot of each worker is kept for these.
SMALL_FILE_BYTES = 1_000_000


class JobLostError(Exception):
    """Raised when a job that is to be ended was cancelled or given to another worker."""


def submit(document: Document, task: Task) -> None:
    """Ask for work on a document, once; on commit a worker is woken.

    The caller holds a transaction in which it changed or locked the document.
    """
    FileJob.objects.get_or_create(
        document=document, task=task, defaults={"size_bytes": document.size_bytes}
    )
    transaction.on_commit(wake_worker)


def wake_worker() -> None:
    """Tell a worker that there is work. Never raises: the sweep repeats it."""
    from documents.tasks import run_pending_files

    try:
        run_pending_files.apply_async(retry=False)
    except Exception as exc:  # the broker's transport raises many kinds
        logger.warning("wake-up not sent (%s); the sweep will send it", type(exc).__name__)


@transaction.atomic
def claim(*, only_small: bool) -> FileJob | None:
    """Lease the oldest waiting job, or None; only_small leaves large files to others."""
    jobs = FileJob.objects.claimable()
    if only_small:
        jobs = jobs.filter(size_bytes__lte=SMALL_FILE_BYTES)
    job = jobs.select_for_update(skip_locked=True, of=("self",)).first()
    if job is None:
        return None
    job.lease_id = uuid.uuid4()
    job.attempts += 1
    job.stage, job.done, job.total = "", 0, 0
    job.save(update_fields=["lease_id", "attempts", "stage", "done", "total"])
    FileJob.objects.filter(pk=job.pk).update(lease_expires_at=Now() + LEASE)
    return job


def renew(job: FileJob, progress: Progress) -> bool:
    """Prolong a lease and write how far the job is; False if the job is no longer held."""
    return bool(
        FileJob.objects.filter(pk=job.pk, lease_id=job.lease_id).update(
            lease_expires_at=Now() + LEASE,
            stage=progress.stage[:16],
            done=progress.done,
            total=progress.total,
        )
    )


def end(job: FileJob) -> None:
    """Remove a job that is done. Raises JobLostError; the caller's transaction then rolls back."""
    if not FileJob.objects.filter(pk=job.pk, lease_id=job.lease_id).delete()[0]:
        raise JobLostError


def give_back(job: FileJob, *, counts: bool) -> None:
    """Let a job wait again. counts: the try counts, so that it is not made for ever."""
    FileJob.objects.filter(pk=job.pk, lease_id=job.lease_id).update(
        lease_id=None,
        lease_expires_at=None,
        attempts=job.attempts if counts else job.attempts - 1,
    )


def put_off(job: FileJob) -> None:
    """Let a job wait for a whole lease, because it is not at fault; no try is counted."""
    FileJob.objects.filter(pk=job.pk, lease_id=job.lease_id).update(
        lease_id=None,
        lease_expires_at=Now() + LEASE,
        attempts=job.attempts - 1,
    )
