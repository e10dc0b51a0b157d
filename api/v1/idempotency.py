"""Requests that a program repeats because it never saw the answer: `Idempotency-Key`.

A repetition within a day is not counted again and finds what the first one made. Only digests are
remembered, in Valkey: of the key, and of the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from accounts.quotas import QuotaExceededError, Use, give_back, spend
from api.callers import Caller
from api.v1.problems import Problem
from inference.events import valkey

_KEEP_SECONDS = 86_400
# No request takes longer to make something; one whose process died leaves its place after this.
_BUSY_SECONDS = 60
_MAX_KEY = 200


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to make something.

    uses:    what it was counted as
    earlier: id of what the same request made before; then nothing is to be made
    """

    uses: list[Use]
    earlier: str | None = None
    row: str | None = None

    def remember(self, made: str) -> None:
        """Let a repetition of this request find what it made."""
        if self.row is not None:
            valkey().set(_made(self.row), made, ex=_KEEP_SECONDS)


@contextmanager
def attempt(caller: Caller, request: Request, body: bytes | None = None) -> Iterator[Attempt]:
    """Count a request that makes something, once for an idempotency key.

    body: what makes two requests the same; the raw body if not given
    What fails inside costs nothing and may be repeated. Raises QuotaExceededError, Problem.
    """
    row = _row(caller, request)
    if row is None:
        uses = spend(caller.limits())
        try:
            yield Attempt(uses)
        except BaseException:
            give_back(uses)
            raise
        return
    _is_repeated(row, request, body)
    if earlier := _earlier(row):
        yield Attempt([], earlier)
        return
    if not valkey().set(f"{row}:busy", 1, nx=True, ex=_BUSY_SECONDS):
        detail = "The same request is still being worked on."
        raise Problem(409, "in_progress", detail)
    uses = []
    try:
        uses = spend(caller.limits())
        yield Attempt(uses, None, row)
    except BaseException:
        valkey().delete(row)
        give_back(uses)
        raise
    finally:
        valkey().delete(f"{row}:busy")


def spend_for(caller: Caller, request: Request) -> list[Use]:
    """Count a request against the caller's limits, once for an idempotency key.

    Raises QuotaExceededError, Problem.
    """
    row = _row(caller, request)
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
    row = _row(caller, request)
    if row is not None:
        valkey().delete(row)


def remember_job(job_id: str, caller: Caller, request: Request) -> None:
    """Let a repetition of this request find its job."""
    Attempt([], None, _row(caller, request)).remember(job_id)


def remembered_job(caller: Caller, request: Request) -> str | None:
    """Return the job that the same request made before, if it made one."""
    row = _row(caller, request)
    return _earlier(row) if row is not None else None


def upload_as_bytes(request: Request) -> bytes:
    """Return what stands for a request with files: a form's own bytes differ from try to try."""
    digest = hashlib.sha256()
    data: Any = request.data
    for name in sorted(set(data) - set(request.FILES)):
        digest.update(repr((name, data.getlist(name))).encode("utf-8", "backslashreplace"))
    for name in sorted(request.FILES):
        for upload in request.FILES.getlist(name):
            digest.update(repr((name, upload.name, upload.size)).encode("utf-8", "replace"))
            for chunk in upload.chunks():
                digest.update(chunk)
            upload.seek(0)
    return digest.digest()


def _earlier(row: str) -> str | None:
    found: Any = valkey().get(_made(row))
    return found.decode() if found else None


def _made(row: str) -> str:
    return f"{row}:made"


def _row(caller: Caller, request: Request) -> str | None:
    """Return where a request's Idempotency-Key is remembered, for a day. Raises Problem."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _MAX_KEY:
        raise Problem(422, "invalid", "Idempotency-Key is too long.")
    if not key:
        return None
    digest = hashlib.sha256(f"{caller.subject}\0{request.path}\0{key}".encode()).hexdigest()
    return f"blackbar:idempotent:{digest}"


def _is_repeated(row: str, request: Request, body: bytes | None = None) -> bool:
    """Say whether the same body came before; only a keyed digest of it is remembered.

    Raises Problem if another body came under the key.
    """
    said = request._request.body if body is None else body
    digest = salted_hmac("idempotency", said, algorithm="sha256").hexdigest()
    if valkey().set(row, digest, nx=True, ex=_KEEP_SECONDS):
        return False
    earlier: Any = valkey().get(row)
    if earlier is not None and earlier.decode() != digest:
        raise Problem(422, "idempotency_mismatch", "This Idempotency-Key came with another body.")
    return True
