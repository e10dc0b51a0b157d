"""Errors as problem documents (RFC 9457): a stable code for programs, a sentence for people.

Nothing of what was sent is echoed.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import redis
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from psycopg_pool import PoolTimeout
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.quotas import QuotaExceededError
from anonymizer.corrections import CorrectionError
from anonymizer.redaction import DetectionFailedError, JobGoneError, NotReadyError
from sharing.services import ConflictError, GoneError

_SENTENCES = {
    "not_found": "There is no such thing, or it is not yours to see.",
    "invalid": "Some of what was sent makes no sense; `errors` says what.",
    "forbidden": "This is not allowed.",
    "too_large": "The request is larger than this server takes.",
    "conflict": "It was changed elsewhere meanwhile. Fetch it again, then repeat your step.",
    "method_not_allowed": "This address does not take that method.",
    "unsupported_media_type": "Send the file as multipart/form-data.",
    "malformed": "The body cannot be read.",
    "invalid_key": "The key is unknown, expired or revoked.",
    "rate_limited": "Too many requests. Wait as long as Retry-After says.",
    "unavailable": "A part of the server is out of reach. Try again in a few seconds.",
}


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
        super().__init__(detail or _SENTENCES.get(code, ""), code)
        self.status_code, self.code, self.errors = status, code, errors
        self.headers = headers or {}


def handle(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn an exception into a problem document; None for what is a fault of the server."""
    problem = _problem_of(exc)
    if problem is None:
        return None
    set_rollback()
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "code": problem.code,
        "detail": str(problem.detail),
    }
    if problem.errors:
        body["errors"] = problem.errors
    response = Response(body, problem.status_code, headers=problem.headers)
    response.content_type = "application/problem+json"
    return response


def _problem_of(exc: Exception) -> Problem | None:
    match exc:
        case Problem():
            return exc
        case exceptions.AuthenticationFailed():
            return Problem(401, "invalid_key", headers={"WWW-Authenticate": "Bearer"})
        case QuotaExceededError():
            left = exc.limit.seconds_left
            headers = {"Retry-After": str(left)} if left else {}
            return Problem(429, "rate_limited", headers=headers)
        case redis.RedisError() | OperationalError() | InterfaceError() | PoolTimeout():
            return Problem(503, "unavailable", headers={"Retry-After": "10"})
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
