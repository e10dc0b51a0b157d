"""How far a document is, in words and numbers, for whoever waits."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from documents.models import CleanState, Document, State, Task
from inference.models import Lane
from inference.pace import SCANS, Pace, oldest_seconds

_STAGES = {
    "": "Opening the file",
    "reading": "Reading the file",
    "ocr": "Reading pictures of text",
    "writing": "Writing the clean file",
    "checking": "Checking the clean file",
}


# What is being worked on does not wait.
_OLDEST_FILE = """
SELECT extract(epoch FROM statement_timestamp() - min(created_at))::float
FROM documents_filejob WHERE lease_expires_at IS NULL
"""
_FILES = Pace(functools.partial(oldest_seconds, _OLDEST_FILE))


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """What a page says while work goes on.

    stage:    "queued", "reading", "ocr", "scanning", "writing", "checking", "ready", "failed"
    position: place in the queue from 1, None if it is not waiting
    percent:  None if it cannot be told
    """

    stage: str
    sentence: str
    done: int = 0
    total: int = 0
    position: int | None = None
    percent: int | None = None


def pause_of(document: Document, least: float) -> float:
    """Return after how many seconds to ask again how far a document is.

    least: where the queue is short
    """
    scan = document.scan if document.state == State.SCANNING else None
    if scan is not None:
        return SCANS[Lane(scan.lane)].seconds(least, scan.created_at)
    # The clean file may be made long after the document.
    is_new = document.state == State.RECEIVED
    return _FILES.seconds(least, document.created_at if is_new else None)


def progress_of(document: Document) -> DocumentProgress:
    """Return how far the reading is."""
    if document.state == State.FAILED:
        return DocumentProgress("failed", document.error)
    if document.state == State.READY:
        return DocumentProgress("ready", "Ready")
    if document.state == State.SCANNING:
        return _scan_progress(document)
    return _job_progress(document, Task.READ)


def clean_progress_of(document: Document) -> DocumentProgress:
    """Return how far the clean file is."""
    if document.has_clean_file:
        return DocumentProgress("ready", "The clean file is ready.")
    if document.clean_state in {CleanState.BLOCKED, CleanState.FAILED}:
        return DocumentProgress("failed", document.clean_error)
    return _job_progress(document, Task.CLEAN)


def _scan_progress(document: Document) -> DocumentProgress:
    scan = document.scan
    if scan is None or scan.state == "pending":
        position = scan.place_in_queue() if scan else None
        return DocumentProgress("scanning", "Waiting for the detector", position=position)
    percent = scan.progress_percent
    return DocumentProgress("scanning", "Looking for private details", percent=percent)


def _job_progress(document: Document, task: Task) -> DocumentProgress:
    job = document.jobs.filter(task=task).first()
    if job is None or not job.is_running:
        position = job.place_in_queue() if job else None
        return DocumentProgress("queued", "In the queue", position=position)
    sentence = _STAGES.get(job.stage, _STAGES[""])
    percent = None
    if job.total:
        sentence += f", page {min(job.done + 1, job.total)} of {job.total}"
        percent = min(100, 100 * job.done // job.total)
    return DocumentProgress(job.stage or "reading", sentence, job.done, job.total, percent=percent)
