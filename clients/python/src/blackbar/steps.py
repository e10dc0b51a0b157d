"""Calls as steps, apart from any network: what is sent, when it is sent again, what went wrong.

An operation is a generator. It yields a Request and is given the Answer, or yields a Pause or a
Search; its return value is the result. `Client` and `AsyncClient` run the same generators.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, TypeVar

from blackbar.errors import (
    DetectionFailedError,
    ProblemError,
    TransportError,
    UnexpectedAnswerError,
    problem_class,
)
from blackbar.proof import HEADER, MOST_BITS, PATH, Search

T = TypeVar("T")
_FIRST_PAUSE_SECONDS = 0.5
_CODE = re.compile(r"[a-z][a-z_]{0,39}")
_PART = re.compile(r"[A-Za-z0-9_-]{1,64}")
# Answers that say that a later try may go well.
_PASSING = frozenset({429, 502, 503, 504})
_PASSING_CODES = frozenset({"in_progress"})
_CHALLENGE = ("challenge", "bits")
_SENTENCES = {
    "malformed": "The request could not be read.",
    "invalid": "Some of what was sent makes no sense to the server.",
    "invalid_key": "The key is unknown, expired or revoked.",
    "key_needed": "This needs a key. Set BLACKBAR_API_KEY.",
    "scope_needed": "The key has not the scope that this needs.",
    "proof_needed": "Without a key this server takes it with a proof of work only.",
    "forbidden": "This is not allowed.",
    "not_found": "There is no such thing, or it expired, or it is not yours.",
    "not_ready": "The work on it still goes on.",
    "conflict": "It was changed elsewhere meanwhile.",
    "in_progress": "The same request is still being worked on.",
    "clean_making": "The clean file is being made.",
    "clean_blocked": "A private value survived in the clean file, so there is none.",
    "clean_failed": "The clean file could not be made.",
    "too_many_keys": "There are too many keys.",
    "too_many_webhooks": "There are too many webhooks.",
    "disabled": "The webhook is switched off.",
    "too_large": "This is more than the server takes at once.",
    "idempotency_mismatch": "This Idempotency-Key came with another body before.",
    "rate_limited": "Too many requests.",
    "detection_failed": "The detector could not read a text. Nothing was kept.",
    "busy": "So much waits that nothing more is taken in just now. Try again later.",
    "unavailable": "A part of the server is out of reach.",
}


@dataclass(frozen=True, slots=True, repr=False)
class Upload:
    """A file on its way to the server; a stream is read from its present place."""

    name: str
    content: bytes | BinaryIO


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """What is to be sent.

    path:          below the server's address
    body:          JSON, if there is any
    is_repeatable: sending it twice does no more than sending it once
    sink:          takes the bytes of a good answer, which then has no body
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    upload: Upload | None = None
    sink: BinaryIO | None = None
    is_repeatable: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back. headers: names in lower case"""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as plain values. Raises UnexpectedAnswerError."""
        try:
            return json.loads(self.body)
        except ValueError:
            pass
        # Not in the handler: the parser's error holds the body, and would come along as context.
        raise UnexpectedAnswerError("The server's answer is no JSON. Is this a Blackbar server?")

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the server asks to wait; None if it does not say."""
        written = self.headers.get("retry-after", "").strip()
        if written.isdecimal() and len(written) < 10:
            return float(written)
        try:
            then = parsedate_to_datetime(written)
        except ValueError:
            return None
        if then.tzinfo is None:
            then = then.replace(tzinfo=UTC)
        left: float = (then - datetime.now(UTC)).total_seconds()
        return max(0.0, left)


@dataclass(frozen=True, slots=True)
class Pause:
    """Time to let pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a request is sent again, and the longest wait for it that is worth while."""

    retries: int
    longest_pause_seconds: float = 30.0


Step = Request | Pause | Search
Steps = Generator[Step, Answer, T]


def address(*parts: str | int) -> str:
    """Return where something is, below the server's address. Raises ValueError for a strange id."""
    if not all(_PART.fullmatch(str(part)) for part in parts):
        raise ValueError("This is no id of anything on the server.")
    return "/".join(("/api/v1", *map(str, parts)))


def encoded(value: Any) -> bytes:
    """Return JSON, with lone surrogates escaped."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return written.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def with_patience(steps: Steps[T], patience: Patience) -> Steps[T]:
    """Take steps, repeating requests where that may help and does no harm.

    The steps are told of whatever interrupts them, and may send something to clean up.
    Raises ProblemError for an answer that says no, TransportError.
    """
    try:
        step = next(steps)
        while True:
            try:
                answer = yield from (
                    _exchanged(step, patience) if isinstance(step, Request) else _taken(step)
                )
            except BaseException as exc:  # The steps raise it again.
                if not isinstance(exc, Exception):
                    patience = Patience(retries=0)
                step = steps.throw(exc)
            else:
                step = steps.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result


def _taken(step: Pause | Search) -> Steps[Answer]:
    return (yield step)


def _exchanged(request: Request, patience: Patience) -> Steps[Answer]:
    """Send a request until it is answered for good."""
    tries = 0
    start = request.sink.tell() if request.sink is not None and request.sink.seekable() else None
    while True:
        tries += 1
        asked_pause = None
        if request.sink is not None and start is not None and tries > 1:
            request.sink.seek(start)
            request.sink.truncate()
        try:
            answer = yield request
        except TransportError as exc:
            if tries > patience.retries or (exc.was_sent and not request.is_repeatable):
                raise
        else:
            if answer.status < 300:
                return answer
            if tries > 1 and request.method == "DELETE" and answer.status == 404:
                return answer  # The try before did it, and its answer was lost.
            problem = problem_of(answer)
            if problem.code == "proof_needed" and tries <= patience.retries:
                request = yield from _with_proof(request, problem)
                continue
            asked_pause = problem.retry_after_seconds
            is_worth_it = tries <= patience.retries and _may_pass(problem, request)
            if not is_worth_it or (asked_pause or 0) > patience.longest_pause_seconds:
                raise problem
        yield Pause(max(asked_pause or 0, _growing_pause(tries)))


def _with_proof(request: Request, problem: ProblemError) -> Steps[Request]:
    """Return a request with a proof of work. Raises what refused it if none is to be had."""
    answer = yield Request("GET", PATH, is_repeatable=True)
    if answer.status != 200:
        raise problem
    told = answer.json()
    challenge, bits = (told.get(name) if isinstance(told, dict) else None for name in _CHALLENGE)
    if not isinstance(challenge, str) or not isinstance(bits, int) or not 0 < bits <= MOST_BITS:
        raise problem
    search = Search(challenge, bits)
    while not (proof := (yield search).body):
        search = search.after()
    return replace(request, headers={**request.headers, HEADER: proof.decode()})


def _may_pass(problem: ProblemError, request: Request) -> bool:
    if problem.code in _PASSING_CODES:
        return True
    if isinstance(problem, DetectionFailedError) or problem.status not in _PASSING:
        return False
    # A request that was refused for its number was not acted upon.
    return request.is_repeatable or problem.status == 429


def _growing_pause(tries: int) -> float:
    # Spread, so that clients that failed together do not come back together.
    return _FIRST_PAUSE_SECONDS * 2.0 ** (tries - 1) * random.uniform(0.5, 1.0)


def problem_of(answer: Answer) -> ProblemError:
    """Return the error for an answer that says no. Raises UnexpectedAnswerError for a redirect."""
    status = answer.status
    if status < 400:
        raise UnexpectedAnswerError(
            f"The server sends elsewhere ({status}), which is not followed. Check the address."
        )
    told: Any = None
    if "json" in answer.headers.get("content-type", ""):
        try:
            told = json.loads(answer.body)
        except ValueError:
            told = None
    told = told if isinstance(told, dict) else {}
    code = told.get("code")
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    errors = told.get("errors")
    fields = [
        name
        for name in (errors if isinstance(errors, dict) else {})
        if isinstance(name, str) and _CODE.fullmatch(name)
    ]
    message = (
        f"{_SENTENCES.get(code, 'The server refused.')} ({status}{' ' + code if code else ''})"
    )
    if fields:
        message += f" Fields: {', '.join(fields)}."
    detail = told.get("detail")
    return problem_class(status, code)(
        message,
        status=status,
        code=code,
        detail=detail if isinstance(detail, str) else "",
        fields=fields,
        retry_after_seconds=answer.retry_after_seconds,
    )
