"""The worker's side: read files, write clean ones, check them.

What touches a file's bytes happens in a child process (documents.sandbox); this process fetches,
judges and stores. A heartbeat thread holds the lease, writes progress, and learns of a cancel.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import close_old_connections, connection, transaction

from documents import certificates, queue, sandbox, services
from documents.formats.model import (
    Check,
    Cleaned,
    FormatError,
    Hidden,
    Kind,
    Progress,
    ReadOptions,
    no_report,
)
from documents.formats.survivors import HiddenValues
from documents.limits import bounds, limits
from documents.models import MAX_ATTEMPTS, CleanState, Document, FileJob, Task
from documents.pictures import bars_for
from documents.sandbox import CancelledError, DiedError
from sharing.services import GoneError, lock
from vault.envelope import DataKey, UnsealError
from vault.files import is_full

logger = logging.getLogger("blackbar.documents")
_BEAT_SECONDS = 0.5
# A worker that is asked to stop gives the file at hand so long, and then hands it back.
STOP_SECONDS = 5.0
_slots = threading.BoundedSemaphore(settings.FILE_JOBS)
# One slot is kept for small files, so that a rush of large ones does not hold them up.
_large_slots = threading.BoundedSemaphore(max(1, settings.FILE_JOBS - 1))


_stopping_at: float | None = None


def stop() -> None:
    """Take no more jobs, and soon hand back those at hand. Safe in a signal handler."""
    global _stopping_at
    _stopping_at = time.monotonic()


def is_stopping(seconds: float = 0.0) -> bool:
    """Say whether the worker was asked to stop, so many seconds ago."""
    return _stopping_at is not None and time.monotonic() >= _stopping_at + seconds


def run_pending() -> int:
    """Do waiting jobs until there are none, or at once nothing if all slots are taken.

    Returns how many were done.
    """
    if not _slots.acquire(blocking=False):
        return 0
    done = 0
    try:
        while not is_stopping() and _run_next():
            done += 1
    finally:
        _slots.release()
    return done


def _run_next() -> bool:
    close_old_connections()
    may_be_large = _large_slots.acquire(blocking=False)
    try:
        job = queue.claim(only_small=not may_be_large)
        if job is not None and may_be_large and job.size_bytes <= queue.SMALL_FILE_BYTES:
            _large_slots.release()
            may_be_large = False
        if job is not None:
            _run(job)
        return job is not None
    finally:
        if may_be_large:
            _large_slots.release()


def _run(job: FileJob) -> None:
    document = Document.objects.select_related("envelope", "clean_envelope").get(pk=job.document_id)
    try:
        if job.attempts > MAX_ATTEMPTS:
            _fail(job, document, "stopped", "The worker stopped three times at this file.")
            return
        with _heartbeat(job) as beat:
            try:
                key = document.envelope.open_for_service()
            except UnsealError:
                error = "The server no longer holds the key to this file."
                _fail(job, document, "sealed", error)
                return
            if job.task == Task.READ:
                _read(job, document, key, beat)
            else:
                _clean(job, document, key, beat)
    except (CancelledError, queue.JobLostError, GoneError):
        logger.info("job %s: lease lost, cancelled or handed back", job.id)
        if is_stopping():
            queue.give_back(job, counts=False)
    except DiedError:
        logger.warning("job %s: the child that had the file died", job.id)
        queue.give_back(job, counts=True)
    except Exception as exc:
        # Only the type: a library's message may quote the file.
        logger.error("job %s interrupted (%s)", job.id, type(exc).__name__)
        close_old_connections()
        if is_full(exc):
            queue.put_off(job)
        else:
            queue.give_back(job, counts=True)


class Beat:
    """What the heartbeat thread and the working thread tell each other."""

    def __init__(self) -> None:
        self.progress = Progress("")
        self.is_over = threading.Event()
        self._lost = threading.Event()

    def report(self, progress: Progress) -> None:
        """Note how far the work is."""
        self.progress = progress

    def lose(self) -> None:
        """Note that the job is no longer held."""
        self._lost.set()

    def is_lost(self) -> bool:
        """Say whether somebody cancelled, the lease went to another, or the worker has to stop."""
        return self._lost.is_set() or is_stopping(STOP_SECONDS)


@contextmanager
def _heartbeat(job: FileJob) -> Iterator[Beat]:
    """Hold a job's lease while the body runs."""
    beat = Beat()

    def hold() -> None:
        while not beat.is_over.wait(_BEAT_SECONDS):
            try:
                if not queue.renew(job, beat.progress):
                    beat.lose()
                    break
            except Exception as exc:  # the database may be back before the lease is over
                logger.warning("job %s: lease not renewed (%s)", job.id, type(exc).__name__)
                connection.close()
        connection.close()

    thread = threading.Thread(target=hold, name="lease", daemon=True)
    thread.start()
    try:
        yield beat
    finally:
        beat.is_over.set()
        thread.join()


def _read(job: FileJob, document: Document, key: DataKey, beat: Beat) -> None:
    envelope = document.envelope
    options = read_options(document, key, beat)
    name = envelope.unseal(key, document.sealed_name, "name")
    content = b"".join(services.read_source(document, key))
    beat.report(Progress("reading"))
    try:
        extracted = sandbox.read(content, name, options, bounds=bounds(), cancelled=beat.is_lost)
    except CancelledError:
        raise
    except FormatError as exc:
        if isinstance(exc, DiedError) and job.attempts < MAX_ATTEMPTS:
            raise
        _fail(job, document, exc.code, str(exc))
        return
    close_old_connections()  # the one from before may be gone by now
    with transaction.atomic():
        locked = lock(document, for_work=True)
        queue.end(job)
        services.submit_scan(locked, key, extracted)


def _clean(job: FileJob, document: Document, key: DataKey, beat: Beat) -> None:
    wish = (document.revision, document.rasterise)
    original = services.read_original(document, key)
    source = b"".join(services.read_source(document, key))
    checks: tuple[Check, ...] = ()
    cleaned, error = None, ""
    beat.report(Progress("writing"))
    try:
        cleaned, checks = write_checked(document, key, original, source, beat)
    except CancelledError:
        raise
    except FormatError as exc:
        if isinstance(exc, DiedError) and job.attempts < MAX_ATTEMPTS:
            raise
        error = str(exc)
    close_old_connections()  # the one from before may be gone by now
    with transaction.atomic():
        locked = lock(document, for_work=True)
        if (locked.revision, locked.rasterise) != wish:
            queue.give_back(job, counts=False)  # corrected meanwhile: once more
            return
        queue.end(job)
        places = [place for check in checks for place in check.survivors]
        if cleaned is None:
            services.block_clean(locked, CleanState.FAILED, error, [])
        elif places:
            sentence = "A hidden value was still found in the clean file, so it is not handed out."
            services.block_clean(locked, CleanState.BLOCKED, sentence, places)
        else:
            certificate = certificates.issue(
                kind=Kind(locked.kind),
                source_sha256=hashlib.sha256(source).hexdigest(),
                clean_sha256=hashlib.sha256(cleaned.content).hexdigest(),
                checkpoint=locked.scan.checkpoint,
                labels=[span.label for span in original.spans],
                checks=checks,
                removed=cleaned.removed,
            )
            services.store_clean(locked, wish[0], cleaned.content, certificate)
        services.end_cleaning(locked)


def write_checked(
    document: Document, key: DataKey, original: services.Original, source: bytes, beat: Beat
) -> tuple[Cleaned, tuple[Check, ...]]:
    """Write the clean file and open it again by other means. Raises FormatError."""
    options = read_options(document, key, beat)
    redaction = services.redaction_of(document, original)
    start = document.text_start
    hidden = [
        Hidden(
            span.start - start,
            span.end - start,
            span.label,
            redaction.text[bar.start : bar.end],
        )
        for span, bar in zip(original.spans, redaction.bars, strict=True)
        if span.start >= start
    ]
    extracted = services.read_extracted(document, key, original)
    bars = bars_for(document, key, extracted, hidden)
    cleaned = sandbox.write_clean(
        source,
        extracted,
        hidden,
        options=options,
        rasterise=document.rasterise,
        bars=bars,
        bounds=bounds(),
        cancelled=beat.is_lost,
    )
    beat.report(Progress("checking"))
    values = HiddenValues(
        (original.text[span.start : span.end] for span in original.spans), redaction.text
    )
    checks = sandbox.verify(
        cleaned.content,
        extracted.kind,
        values,
        options=options,
        bars=bars or (),
        bounds=bounds(),
        cancelled=beat.is_lost,
    )
    return cleaned, checks


def read_options(document: Document, key: DataKey, beat: Beat | None = None) -> ReadOptions:
    """Return the limits, the languages and the password with which a document is opened."""
    sealed = document.sealed_password
    return ReadOptions(
        limits=limits(),
        password=document.envelope.unseal(key, sealed, "password") if sealed else "",
        languages=settings.OCR_LANGUAGES,
        report=beat.report if beat else no_report,
    )


def _fail(job: FileJob, document: Document, code: str, error: str) -> None:
    with transaction.atomic():
        locked = lock(document, for_work=True)
        queue.end(job)
        if job.task == Task.READ:
            services.fail(locked, code, error)
        else:
            services.block_clean(locked, CleanState.FAILED, error, [])
            services.end_cleaning(locked)
