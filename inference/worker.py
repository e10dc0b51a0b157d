"""The engine's worker: claims scans, runs the detector, writes results back.

One process, one engine. Short texts go first, many in one pass where the model gains by it; a
long text is scanned piece by piece, and whatever short texts came meanwhile are done in between.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from inference import queue
from inference.engine.engine import Detection, Engine
from inference.engine.errors import CheckpointError
from inference.engine.spans import Span
from inference.models import EngineWorker, Lane
from inference.queue import Claim, LeaseLostError

logger = logging.getLogger("blackbar.worker")
_PROGRESS_SECONDS = 0.5
_RELOAD_SECONDS = 5.0
# Short texts after which a worker looks at its connection and at everything else anew.
_ROUND_TEXTS = 500
# Until the worker has seen texts of its own.
_CHARACTERS_PER_TOKEN = 3.0


class StoppingError(Exception):
    """Raised inside a long scan when the worker was asked to stop."""


@dataclass(slots=True)
class Work:
    """What a worker did since it started; busy_seconds is time spent on detection."""

    texts: int = 0
    characters: int = 0
    tokens: int = 0
    batches: int = 0
    largest_batch: int = 0
    busy_seconds: float = 0.0

    def add(self, group: Sequence[Claim], detections: Sequence[Detection], seconds: float) -> None:
        """Count a batch that went through together."""
        self.texts += len(group)
        self.characters += sum(len(claim.text) for claim in group)
        self.tokens += sum(detection.tokens for detection in detections)
        self.batches += 1
        self.largest_batch = max(self.largest_batch, len(group))
        self.busy_seconds += seconds

    @property
    def characters_per_token(self) -> float:
        """Mean of the texts so far."""
        if not self.tokens:
            return _CHARACTERS_PER_TOKEN
        return max(0.5, self.characters / self.tokens)


class ScanWorker:
    """The state of one worker process: its engine, its leases, its pulse."""

    def __init__(self) -> None:
        self.work = Work()
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.engine: Engine | None = None
        self.error = ""
        self._next_load_at = 0.0
        self._leases: set[uuid.UUID] = set()
        self.stopping = threading.Event()
        # Short texts side by side; where this is None they go one after the other.
        self._lanes: ThreadPoolExecutor | None = None
        self._lane_count = 1
        # Two ways wake it, a message and the doorbell; it works for one at a time.
        self._at_work = threading.Lock()
        self._hurried: object = None

    def start(self) -> None:
        """Load the engine and begin to report. Called once, when the process is up."""
        threading.Thread(target=self._beat, name="pulse", daemon=True).start()
        self._load_engine()
        self._report()

    def stop(self) -> None:
        """Ask the worker to end after the window it works on. Safe in a signal handler."""
        self.stopping.set()

    def run_pending(self) -> int:
        """Do pending scans until there are none; returns how many were ended."""
        with self._at_work:
            return self._run_all()

    def _run_all(self) -> int:
        self._hurry()
        ended = 0
        while not self.stopping.is_set() and self._load_engine():
            ended += (done := self._run_short())
            if done and queue.has_pending():
                continue
            if done:
                return ended
            long_claims = queue.claim_batch(Lane.LONG, 0)
            if not long_claims:
                return ended
            for claim in long_claims:
                self._run_long(claim)
                ended += 1
        return ended

    def _hurry(self) -> None:
        """Let this connection's commits not wait for the disk; said once to each connection."""
        connection.ensure_connection()
        if connection.connection is not self._hurried:
            queue.do_not_wait_for_disk(for_session=True)
            self._hurried = connection.connection

    def _run_short(self) -> int:
        """Do one batch of short texts; returns its size."""
        claims = self._claim_short()
        try:
            if self._lanes is None or len(claims) == 1:
                for group in self._groups(claims):
                    if self.stopping.is_set():
                        self._give_back(group)
                    else:
                        self._detect(group)
            else:
                self._detect_side_by_side(claims, self._lanes)
        finally:
            self._let_go(claims)
        return len(claims)

    def _claim_short(self) -> list[Claim]:
        claims = queue.claim_batch(Lane.SHORT, self._batch_characters())
        self._hold(claims)
        return claims

    def _detect_side_by_side(self, claims: list[Claim], lanes: ThreadPoolExecutor) -> None:
        """Detect and finish texts, as many at once as there are lanes.

        What comes meanwhile joins in before a lane has nothing to do, and is added to the claims.
        """
        waiting = {lanes.submit(self._timed, [claim]): claim for claim in claims}
        may_join = True
        try:
            while waiting:
                ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ended:
                    claim = waiting.pop(future)
                    if future.cancelled():
                        self._give_back([claim])
                    else:
                        self._end([claim], future)
                if self.stopping.is_set():
                    for future in waiting:
                        future.cancel()
                elif may_join and len(waiting) <= self._lane_count and len(claims) < _ROUND_TEXTS:
                    more = self._claim_short()
                    claims += more
                    if any(claim.scan.attempts > 1 for claim in more):
                        # It is done alone, so that it takes no other with it.
                        self._give_back(more)
                        may_join = False
                    else:
                        waiting |= {lanes.submit(self._timed, [one]): one for one in more}
        finally:
            for future in waiting:
                future.cancel()  # for when the database went away: others will claim them

    def _give_back(self, group: Sequence[Claim]) -> None:
        """Hand back what was claimed and not begun, because the worker has to stop."""
        for claim in group:
            queue.give_back(claim.scan)

    def _batch_characters(self) -> int:
        """Return how many characters of short texts to claim: what one pass takes, if texts
        share passes."""
        assert self.engine is not None
        tokens = self.engine.model.batch_tokens
        fitting = int(tokens * self.work.characters_per_token)
        return min(settings.BATCH_CHARACTERS, fitting) if tokens else settings.BATCH_CHARACTERS

    def _groups(self, claims: Sequence[Claim]) -> list[list[Claim]]:
        """Split a batch into what goes through the model together: same operating point, and
        one by one where the model gains nothing from batches."""
        assert self.engine is not None
        if not self.engine.model.batch_tokens:
            return [[claim] for claim in claims]
        groups: dict[str, list[Claim]] = {}
        for claim in claims:
            groups.setdefault(claim.scan.operating_point, []).append(claim)
        return list(groups.values())

    def _detect(self, group: Sequence[Claim]) -> None:
        """Detect and finish a group."""
        future: Future[tuple[list[Detection], float]] = Future()
        try:
            future.set_result(self._timed(group))
        except Exception as exc:
            future.set_exception(exc)
        self._end(group, future)

    def _timed(self, group: Sequence[Claim]) -> tuple[list[Detection], float]:
        """Return what is in a group of texts, and how many seconds that took."""
        assert self.engine is not None
        started = time.monotonic()
        texts = [claim.text for claim in group]
        found = self.engine.detect(texts, group[0].scan.operating_point)
        return found, time.monotonic() - started

    def _end(self, group: Sequence[Claim], detected: Future[tuple[list[Detection], float]]) -> None:
        """Finish a group; if it failed as a group, each text is tried alone."""
        exc = detected.exception()
        if exc is not None:
            # Only the type: a library's message may quote the text.
            logger.error("detection failed (%s) on %d texts", type(exc).__name__, len(group))
            if len(group) > 1:
                for claim in group:
                    self._detect([claim])
            else:
                self._fail(group[0])
            return
        detections, seconds = detected.result()
        self.work.add(group, detections, seconds)
        for claim, detection in zip(group, detections, strict=True):
            self._finish(claim, detection.spans, detection.scanned_chars)

    def _run_long(self, claim: Claim) -> None:
        """Scan one long text, doing short ones in between."""
        assert self.engine is not None
        scanned, next_report = 0, 0.0
        started, elsewhere = time.monotonic(), 0.0

        def on_progress(characters: int) -> None:
            nonlocal scanned, next_report, elsewhere
            scanned += characters
            if self.stopping.is_set():
                raise StoppingError
            if time.monotonic() >= next_report:
                queue.report_progress(claim.scan, scanned)
                next_report = time.monotonic() + _PROGRESS_SECONDS
            left = time.monotonic()
            while self._run_short():
                pass
            elsewhere += time.monotonic() - left

        self._hold([claim])
        try:
            (detection,) = self.engine.detect(
                [claim.text], claim.scan.operating_point, on_progress=on_progress
            )
            self.work.add([claim], [detection], time.monotonic() - started - elsewhere)
            self._finish(claim, detection.spans, detection.scanned_chars)
        except StoppingError:
            queue.give_back(claim.scan)
        except LeaseLostError:
            logger.warning("scan %s: lease lost", claim.scan.id)
        except DatabaseError:
            raise
        except Exception as exc:
            logger.error("detection failed (%s) on scan %s", type(exc).__name__, claim.scan.id)
            self._fail(claim)
        finally:
            self._let_go([claim])

    def _finish(self, claim: Claim, spans: Sequence[Span], scanned: int) -> None:
        assert self.engine is not None
        try:
            queue.finish(claim, spans, scanned, self.checkpoint)
        except LeaseLostError:
            logger.warning("scan %s: lease lost", claim.scan.id)
        except DatabaseError:
            raise
        except Exception as exc:
            logger.error("result of scan %s not stored (%s)", claim.scan.id, type(exc).__name__)
            self._fail(claim)

    def _fail(self, claim: Claim) -> None:
        try:
            queue.fail(claim.scan, "The detector could not read this text.")
        except LeaseLostError:
            logger.warning("scan %s: lease lost", claim.scan.id)

    @property
    def checkpoint(self) -> str:
        """Name and revision of the loaded checkpoint, or an empty string."""
        return f"{self.engine.name[:100]}@{self.engine.revision}" if self.engine else ""

    def _load_engine(self) -> bool:
        """Load the engine if it is not; False if it cannot be now (tried again later)."""
        if self.engine is not None:
            return True
        if time.monotonic() < self._next_load_at:
            return False
        self._next_load_at = time.monotonic() + _RELOAD_SECONDS
        cores = os.cpu_count() or 2
        threads = settings.ENGINE_THREADS or max(1, cores - 1)
        # A long text takes the core too that is left for pages: they seldom need all of it.
        lanes = settings.ENGINE_THREADS or cores
        try:
            self.engine = Engine.load(
                settings.CHECKPOINT,
                threads,
                settings.ENGINE_DEVICE,
                settings.ENGINE_DTYPE,
                lanes,
            )
        except Exception as exc:
            is_known = isinstance(exc, CheckpointError)
            self.error = str(exc) if is_known else "The checkpoint could not be loaded."
            logger.error("no checkpoint (%s): %s", type(exc).__name__, self.error)
            self._report()
            return False
        self.error = ""
        if lanes > 1 and not self.engine.model.batch_tokens:
            self._lanes = ThreadPoolExecutor(lanes, thread_name_prefix="lane")
            self._lane_count = lanes
        logger.info("checkpoint %s loaded, %d threads", self.checkpoint, threads)
        self._report()
        return True

    def _hold(self, claims: Sequence[Claim]) -> None:
        self._leases.update(claim.scan.lease_id for claim in claims if claim.scan.lease_id)

    def _let_go(self, claims: Sequence[Claim]) -> None:
        self._leases.difference_update(c.scan.lease_id for c in claims if c.scan.lease_id)

    def _beat(self) -> None:
        """Renew leases and report, until the process ends."""
        period = min(settings.SCAN_LEASE_SECONDS / 3, 4)
        while not self.stopping.wait(period):
            try:
                close_old_connections()
                if leases := tuple(self._leases):
                    queue.renew_leases(leases)
                self._report()
            except Exception as exc:
                logger.warning("pulse failed (%s)", type(exc).__name__)
        connection.close()

    def _report(self) -> None:
        """Write this worker's row, which pages and health checks read."""
        try:
            EngineWorker.objects.update_or_create(
                name=self.name,
                defaults={
                    "checkpoint": self.checkpoint,
                    "error": self.error[:300],
                    "seen_at": timezone.now(),
                    "texts": self.work.texts,
                    "tokens": self.work.tokens,
                    "batches": self.work.batches,
                    "largest_batch": self.work.largest_batch,
                    "busy_seconds": self.work.busy_seconds,
                },
            )
        except DatabaseError as exc:
            logger.warning("pulse failed (%s)", type(exc).__name__)
