"""Jobs: redactions that take longer than a request waits."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from datetime import datetime

from blackbar.answers import Fields
from blackbar.errors import BlackbarError, DeadlineError, NotReadyError
from blackbar.steps import Answer, Pause, Request, Steps, address

DEFAULT_TIMEOUT_SECONDS = 600.0
_FIRST_PAUSE_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """How far a job is.

    state:    "queued", "running", "done" or "failed"
    percent:  None if it cannot be told
    position: in the queue, from 1; None if it is not waiting
    """

    id: str
    state: str
    texts: int
    texts_done: int
    percent: int | None
    position: int | None
    created_at: datetime
    expires_at: datetime


class Waiting:
    """The pauses of somebody who waits: growing, at least as long as the server asks."""

    def __init__(self, timeout_seconds: float) -> None:
        self._end = time.monotonic() + timeout_seconds
        self._next = _FIRST_PAUSE_SECONDS

    def pause(self, asked_seconds: float | None) -> Pause | None:
        """Return the next pause, None if the time is up."""
        left = self._end - time.monotonic()
        if left <= 0:
            return None
        seconds = max(self._next, asked_seconds or 0.0)
        self._next = min(self._next * 1.5, _LONGEST_PAUSE_SECONDS)
        return Pause(min(seconds, left))


def get(job_id: str) -> Steps[Job]:
    """Return how far a job is; takes a key with the scope read.

    Raises NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request("GET", address("jobs", job_id), is_repeatable=True)
    told = Fields(answer.json())
    return Job(
        id=told.text("id"),
        state=told.text("state"),
        texts=told.whole("texts"),
        texts_done=told.whole("texts_done"),
        percent=told.whole_or_none("percent"),
        position=told.whole_or_none("position"),
        created_at=told.time("created_at"),
        expires_at=told.time("expires_at"),
    )


def cancel(job_id: str) -> Steps[None]:
    """End a job and remove its texts. Raises NotFoundError, ProblemError, TransportError."""
    yield Request("DELETE", address("jobs", job_id), is_repeatable=True)


def finished(answer: Answer, timeout: float, *, is_ours: bool = True) -> Steps[Answer]:
    """Return an answer that is one, or else what its job finds.

    is_ours: nobody else knows the job, so it is cancelled when the wait is interrupted
    Raises DeadlineError, ProblemError, TransportError.
    """
    if answer.status != 202:
        return answer
    job_id = Fields(answer.json()).text("id")
    waiting = Waiting(timeout)
    try:
        while True:
            try:
                # Not its state: a key that may only redact may not ask for it.
                where = address("jobs", job_id, "result")
                return (yield Request("GET", where, is_repeatable=True))
            except NotReadyError as exc:
                asked = exc.retry_after_seconds
            pause = waiting.pause(asked)
            if pause is None:
                break
            yield pause
    except (BlackbarError, GeneratorExit):
        raise
    except BaseException:
        if is_ours:
            with contextlib.suppress(BlackbarError):
                yield from cancel(job_id)
        raise
    raise DeadlineError("The job is not done in time. It goes on at the server.", id=job_id)
