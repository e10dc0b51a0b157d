"""The dialect of casola: POST /openai/v1/pii, and GET /api/jobs/<id> for its async mode.

Unlike the original nothing is truncated. Its document shows neither errors nor jobs: errors have
the shape of the API in whose namespace it lies, a job is `{"id", "object", "status", "result"}`.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Scope
from accounts.quotas import QuotaExceededError, give_back, spend
from anonymizer import redaction
from anonymizer.operators.apply import apply
from anonymizer.operators.policy import Naming, Operator, Policy
from anonymizer.redaction import Result
from api.callers import Caller, InvalidKeyError, bearer_of, caller_with_key
from api.dialects import OUTAGES, DialectView, TooLargeError, UnreadableError, answer, body_of
from inference.engine.operating_points import BALANCED

logger = logging.getLogger("blackbar.api")
_POLICY = Policy(default=Operator.CATEGORY, naming=Naming.LABEL)
_STATUS = {"queued": "queued", "running": "running", "done": "completed", "failed": "failed"}
_MAX_MODEL_NAME = 200
_JOB_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class _Refusal(Exception):
    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.retry_after = retry_after


class _Endpoint(DialectView):
    """Turns every way to fail into an answer of this dialect."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a call."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Exception as exc:
            refusal = _refusal_of(exc)
            if refusal is None:
                raise
            return self.open_to_browsers(_refused(refusal))


class Pii(_Endpoint):
    """Detection in one text or in many."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Return the spans of `input`, or a job with `"async": true`."""
        caller = _caller(request, Scope.REDACT)
        body = body_of(request)
        model, texts, is_async = _read(body)
        uses = spend(caller.limits())
        try:
            if is_async:
                submitted = redaction.submit(texts, operating_point=BALANCED)
                job = redaction.keep_as_job(
                    submitted, request={"dialect": "casola", "model": model}, owner=caller.user
                )
                return answer({"id": job.id, "object": "job", "status": "queued"}, 202)
            results = redaction.redact_now(
                texts, operating_point=BALANCED, wait_seconds=settings.API_WAIT_SECONDS
            )
        except redaction.StillRunningError as exc:
            redaction.discard(exc.submitted)
            give_back(uses)
            message = 'This takes too long for one request. Send it with "async": true.'
            raise _Refusal(504, "timeout", message) from exc
        except redaction.DetectionFailedError:
            give_back(uses)
            raise
        return answer(_detection(model, results))


class Job(_Endpoint):
    """A job of the async mode."""

    def get(self, request: HttpRequest, job_id: str) -> HttpResponse:
        """Return how far it is, and the result until it expires."""
        caller = _caller(request, Scope.READ)
        if not _JOB_ID.fullmatch(job_id):
            raise redaction.JobGoneError("There is no such job.")
        job = redaction.find_job(job_id, caller.user)
        status = _STATUS[redaction.progress_of(job).state]
        body: dict[str, Any] = {"id": job.id, "object": "job", "status": status}
        if status == "completed":
            asked, results = redaction.read_job(job)
            if asked.get("dialect") != "casola":
                raise redaction.JobGoneError("There is no such job.")
            body["result"] = _detection(asked["model"], results)
        elif status == "failed":
            body["error"] = {"message": "The detector could not read a text.", "code": "failed"}
        return answer(body)


def _caller(request: HttpRequest, scope: Scope) -> Caller:
    written = bearer_of(request)
    if not written:
        raise InvalidKeyError("There is no key.")
    caller = caller_with_key(request, written)
    if not caller.allows(scope):
        raise _Refusal(403, "scope_needed", f"The key lacks the scope {scope.value}.")
    return caller


def _read(body: dict[str, Any]) -> tuple[str, list[str], bool]:
    """Return model, texts, and whether it is a job. Raises _Refusal."""
    model, given, is_async = body.get("model"), body.get("input"), body.get("async", False)
    if not isinstance(model, str) or not 0 < len(model) <= _MAX_MODEL_NAME:
        raise _invalid("`model` must be a string.")
    texts = [given] if isinstance(given, str) else given
    is_list = isinstance(texts, list) and bool(texts)
    if not is_list or not all(isinstance(text, str) for text in texts or []):
        raise _invalid("`input` must be a string or an array of strings.")
    if not isinstance(is_async, bool):
        raise _invalid("`async` must be true or false.")
    assert texts is not None
    if len(texts) > settings.API_BATCH_TEXTS:
        raise _invalid(f"`input` may hold {settings.API_BATCH_TEXTS} texts.")
    if sum(map(len, texts)) > settings.MAX_PASTE_CHARACTERS:
        raise TooLargeError
    return model, texts, is_async


def _detection(model: str, results: list[Result]) -> dict[str, Any]:
    return {
        "object": "pii.detection",
        "model": model,
        "results": [
            {
                "spans": [
                    {
                        "label": span.label,
                        "start": span.start,
                        "end": span.end,
                        "score": round(span.score, 4),
                        "text": result.text[span.start : span.end],
                    }
                    for span in result.spans
                ],
                "redacted_text": apply(result.text, result.spans, _POLICY).text,
            }
            for result in results
        ],
    }


def _invalid(message: str) -> _Refusal:
    return _Refusal(400, "invalid_request", message)


def _refusal_of(exc: Exception) -> _Refusal | None:
    match exc:
        case _Refusal():
            return exc
        case InvalidKeyError():
            return _Refusal(401, "invalid_api_key", "The key is missing, unknown or expired.")
        case UnreadableError():
            return _invalid("The body must be a JSON object.")
        case TooLargeError():
            return _Refusal(413, "too_large", "The texts are larger than this server takes.")
        case QuotaExceededError():
            left = exc.limit.seconds_left
            return _Refusal(429, "rate_limit_exceeded", "Too many requests.", left)
        case redaction.JobGoneError():
            return _Refusal(404, "not_found", "There is no such job.")
        case redaction.NotReadyError():
            return _Refusal(409, "not_ready", str(exc))
        case redaction.DetectionFailedError():
            return _Refusal(500, "server_error", "The detector could not read a text.")
        case _ if isinstance(exc, OUTAGES):
            logger.warning("pii not served (%s)", type(exc).__name__)
            return _Refusal(503, "unavailable", "A part of the server is out of reach.", 10)
    return None


def _refused(refusal: _Refusal) -> HttpResponse:
    kind = "server_error" if refusal.status >= 500 else "invalid_request_error"
    error = {"message": refusal.message, "type": kind, "code": refusal.code}
    headers = {"Retry_After": str(refusal.retry_after)} if refusal.retry_after else {}
    return answer({"error": error}, refusal.status, **headers)
