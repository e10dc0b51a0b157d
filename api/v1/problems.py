"""Errors as problem documents (RFC 9457): a stable code for programs, a sentence for people.

Nothing of what was sent is echoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import redis
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, JsonResponse
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.proof import ProofError
from accounts.quotas import QuotaExceededError
from anonymizer.corrections import CorrectionError
from anonymizer.redaction import DetectionFailedError, JobGoneError, NotReadyError
from inference.models import Lane
from inference.pace import SCANS, retry_after
from inference.room import QueueFullError
from sharing.services import ConflictError, GoneError
from vault.files import is_full

_CONTENT_TYPE = "application/problem+json"
_DISK_FULL = "The server's disk is full: it takes no files until its owner makes room."


class Code(NamedTuple):
    """What a code stands for: its status, and the sentence where none is said."""

    status: int
    sentence: str


# Every code that the native API answers with; programs rely on them.
CODES: Mapping[str, Code] = {
    "malformed": Code(400, "The body cannot be read."),
    "invalid_key": Code(401, "The key is unknown, expired or revoked."),
    "key_needed": Code(401, "Send a key as Authorization: Bearer <key>."),
    "forbidden": Code(403, "This is not allowed."),
    "proof_needed": Code(403, "Without a key this needs a proof of work."),
    "scope_needed": Code(403, "The key lacks a scope that this needs."),
    "not_found": Code(404, "There is no such thing, or it is not yours to see."),
    "method_not_allowed": Code(405, "This address does not take that method."),
    "not_ready": Code(409, "It is still at work. Ask again later."),
    "conflict": Code(
        409, "It was changed elsewhere meanwhile. Fetch it again, then repeat your step."
    ),
    "in_progress": Code(409, "The same request is still being worked on."),
    "failed": Code(409, "It could not be read, so there is nothing to fetch."),
    "clean_making": Code(409, "The clean file is being made."),
    "clean_blocked": Code(409, "A private value survived in the clean file; it is not given out."),
    "clean_failed": Code(409, "The clean file could not be made."),
    "burns": Code(409, "This opens only once; opening it destroys it."),
    "does_not_burn": Code(409, "This stays when it is read."),
    "no_key": Code(409, "The server holds no key to this."),
    "scan_failed": Code(409, "The detector could not read this text."),
    "disabled": Code(409, "This is switched off."),
    "too_many_webhooks": Code(409, "There are too many webhooks. Delete one first."),
    "too_many_keys": Code(409, "There are too many keys. Revoke one first."),
    "too_large": Code(413, "The request is larger than this server takes."),
    "unsupported_media_type": Code(415, "This address does not take a body of this type."),
    "invalid": Code(422, "Some of what was sent makes no sense; `errors` says what."),
    "idempotency_mismatch": Code(422, "This Idempotency-Key came with another body."),
    "rate_limited": Code(429, "Too many requests. Wait as long as Retry-After says."),
    "credits_used": Code(429, "All requests that were allowed in all are used."),
    "server_error": Code(500, "Something went wrong on the server. Its log says where."),
    "detection_failed": Code(502, "The detector could not read a text."),
    "busy": Code(503, "So much waits that nothing more is taken in just now. Try again later."),
    "unavailable": Code(503, "A part of the server is out of reach. Try again in a few seconds."),
}

# What ends by itself, and when it is worth asking again.
RETRY_SECONDS: Mapping[str, int] = {"not_ready": 1, "in_progress": 1, "clean_making": 2}


class Problem(exceptions.APIException):
    """An error with a code and a sentence of its own."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or CODES[code].sentence, code)
        self.status_code, self.code, self.errors = status, code, errors
        waits = {"Retry-After": str(RETRY_SECONDS[code])} if code in RETRY_SECONDS else {}
        if code == "not_ready":
            waits["Retry-After"] = retry_after(SCANS[Lane.SHORT].seconds(1.0))
        self.headers = {**waits, **(headers or {})}


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception into a problem document; None for what is a fault of the server."""
    problem = _problem_of(exc)
    if problem is None:
        return None
    set_rollback()
    response = Response(_as_json(problem), problem.status_code, headers=problem.headers)
    response.content_type = _CONTENT_TYPE
    # Read where errors are counted.
    response.problem_code = problem.code  # type: ignore[attr-defined]
    return response


def unforeseen() -> JsonResponse:
    """Return the answer for a fault of the server, which is logged elsewhere."""
    return JsonResponse(
        _as_json(Problem(500, "server_error")), status=500, content_type=_CONTENT_TYPE
    )


def _as_json(problem: Problem) -> dict[str, Any]:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "code": problem.code,
        "detail": str(problem.detail),
    }
    if problem.errors:
        body["errors"] = problem.errors
    return body


def _problem_of(exc: Exception) -> Problem | None:
    match exc:
        case Problem():
            return exc
        case exceptions.AuthenticationFailed():
            return Problem(401, "invalid_key", headers={"WWW-Authenticate": "Bearer"})
        case ProofError():
            return Problem(403, "proof_needed", str(exc))
        case QuotaExceededError():
            left = exc.limit.seconds_left
            if left is None:
                return Problem(429, "credits_used")
            return Problem(429, "rate_limited", headers={"Retry-After": str(left)})
        case QueueFullError():
            return Problem(503, "busy", headers={"Retry-After": "30"})
        case redis.RedisError() | OperationalError() | InterfaceError() | PoolTimeout():
            return Problem(503, "unavailable", headers={"Retry-After": "10"})
        case OSError() if is_full(exc):
            return Problem(503, "unavailable", _DISK_FULL, headers={"Retry-After": "60"})
        case DetectionFailedError():
            return Problem(502, "detection_failed", str(exc))
        case NotReadyError():
            return Problem(409, "not_ready", str(exc))
        case JobGoneError():
            return Problem(404, "not_found")
        case Http404() | GoneError() | exceptions.NotFound():
            return Problem(404, "not_found")
        case ConflictError():
            return Problem(409, "conflict")
        case CorrectionError():
            return Problem(422, "invalid", str(exc))
        case RequestDataTooBig():
            return Problem(413, "too_large")
        case PermissionDenied() | exceptions.PermissionDenied() | exceptions.NotAuthenticated():
            return Problem(403, "forbidden")
        case exceptions.MethodNotAllowed():
            return Problem(405, "method_not_allowed")
        case exceptions.UnsupportedMediaType():
            return Problem(415, "unsupported_media_type")
        case exceptions.ParseError() | RecursionError():
            return Problem(400, "malformed")
        case exceptions.APIException():
            return Problem(exc.status_code, "invalid")
    return None
