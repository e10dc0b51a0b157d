"""What views of the native API share: who may call, limits and their headers, bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.crypto import salted_hmac
from rest_framework.authentication import SessionAuthentication
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.quotas import QuotaExceededError, Use, give_back, spend
from api.callers import Caller, KeyAuthentication, caller_of
from api.rendering import ExactJSONRenderer
from api.v1.problems import Problem
from inference.events import valkey

_IDEMPOTENT_SECONDS = 86_400
_MAX_IDEMPOTENCY_KEY = 200


class NativeView(APIView):
    """A view for programs and for pages; `scopes` says by method what a caller must be allowed."""

    authentication_classes = (KeyAuthentication, SessionAuthentication)
    parser_classes: Sequence[type[BaseParser]] = (JSONParser,)
    renderer_classes = (ExactJSONRenderer,)
    scopes: ClassVar[Mapping[str, str]] = {}
    needs_account: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and check what the caller may do."""
        super().initial(request, *args, **kwargs)
        caller = caller_of(request)
        if self.needs_account and caller.user is None:
            raise Problem(401, "key_needed", "Send a key as Authorization: Bearer <key>.")
        scope = self.scopes.get(request.method or "")
        if scope is not None and not caller.allows(scope):
            raise Problem(
                403 if caller.user else 401,
                "scope_needed" if caller.user else "key_needed",
                f"This needs a key with the scope {scope}.",
            )


def fields_of(request: Request, known: Sequence[str]) -> dict[str, Any]:
    """Return the body's fields. Raises Problem for what is no object or has unknown fields."""
    data = request.data
    if not isinstance(data, dict):
        raise Problem(422, "invalid", "The body must be a JSON object.")
    if not set(data) <= set(known):
        # Names of fields may be text that slipped in; they are not repeated.
        raise Problem(422, "invalid", f"Known fields are {', '.join(sorted(known))}.")
    return dict(data)


def spend_for(caller: Caller, request: Request) -> list[Use]:
    """Count a request against the caller's limits, once for an idempotency key.

    Raises QuotaExceededError, Problem.
    """
    row = _idempotency_row(caller, request)
    if row is not None and _is_repeated(row, request):
        return []
    try:
        return spend(caller.limits())
    except QuotaExceededError:
        if row is not None:
            valkey().delete(row)
        raise


def take_back(uses: Sequence[Use], caller: Caller, request: Request) -> None:
    """Forget a request that could not be served: it costs nothing, and may be repeated."""
    give_back(uses)
    row = _idempotency_row(caller, request)
    if row is not None:
        valkey().delete(row)


def remember_job(job_id: str, caller: Caller, request: Request) -> None:
    """Let a repetition of this request find its job."""
    row = _idempotency_row(caller, request)
    if row is not None:
        valkey().set(f"{row}:job", job_id, ex=_IDEMPOTENT_SECONDS)


def remembered_job(caller: Caller, request: Request) -> str | None:
    """Return the job that the same request made before, if it made one."""
    row = _idempotency_row(caller, request)
    found: Any = valkey().get(f"{row}:job") if row is not None else None
    return found.decode() if found else None


def _idempotency_row(caller: Caller, request: Request) -> str | None:
    """Return where a request's Idempotency-Key is remembered, for a day. Raises Problem."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _MAX_IDEMPOTENCY_KEY:
        raise Problem(422, "invalid", "Idempotency-Key is too long.")
    if not key:
        return None
    digest = hashlib.sha256(f"{caller.subject}\0{request.path}\0{key}".encode()).hexdigest()
    return f"blackbar:idempotent:{digest}"


def _is_repeated(row: str, request: Request) -> bool:
    """Say whether the same body came before; only a keyed digest of it is remembered.

    Raises Problem if another body came under the key.
    """
    body = salted_hmac("idempotency", request._request.body, algorithm="sha256").hexdigest()
    if valkey().set(row, body, nx=True, ex=_IDEMPOTENT_SECONDS):
        return False
    earlier: Any = valkey().get(row)
    if earlier is not None and earlier.decode() != body:
        raise Problem(422, "idempotency_mismatch", "This Idempotency-Key came with another body.")
    return True


def with_limits(response: Response, uses: Sequence[Use]) -> Response:
    """Say in the headers what the limits are and what is left (draft-ietf-httpapi-ratelimit)."""
    if uses:
        policies, states = [], []
        for use in uses:
            limit, window = use.limit, use.limit.window_seconds
            policies.append(
                f'"{limit.name}";q={limit.requests}' + (f";w={window}" if window else "")
            )
            left = limit.seconds_left
            states.append(f'"{limit.name}";r={use.left}' + (f";t={left}" if left else ""))
        response["RateLimit-Policy"] = ", ".join(policies)
        response["RateLimit"] = ", ".join(states)
    return response
