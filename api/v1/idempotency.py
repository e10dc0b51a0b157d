"""Requests that a program repeats because it never saw the answer: `Idempotency-Key`.

A repetition within a day is not counted again and finds what the first one made. What is kept of a
request are digests, of the key and of the body: with what it made, in the transaction that makes
it; of a request that makes nothing, in Valkey.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from accounts.models import MadeOnce
from accounts.quotas import QuotaExceededError, Use, give_back, spend
from api.callers import Caller
from api.v1.problems import Problem
from inference.events import valkey

_KEEP_SECONDS = 86_400
# Whoever is still at work after this holds a row that a repetition waits for.
_BUSY_SECONDS = 20
_MAX_KEY = 200
_PREFIX = "blackbar:idempotent:"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request to make something.

    uses:    what it was counted as
    earlier: id of what the same request made before; then nothing is to be made
    """

    uses: list[Use]
    earlier: str | None = None
    row: MadeOnce | None = None

    def remember(self, made: str) -> None:
        """Let a repetition of this request find what it made."""
        if self.row is not None:
            self.row.made = made
            self.row.save(update_fields=["made"])


@contextmanager
def attempt(caller: Caller, request: Request, body: bytes | None = None) -> Iterator[Attempt]:
    """Count a request that makes something, once for an idempotency key; in one transaction.

    body: what makes two requests the same; the raw body if not given
    What fails inside costs nothing and may be repeated. Raises QuotaExceededError, Problem.
    """
    key = _key(caller, request)
    if key is None:
        with _counted(caller) as uses:
            yield Attempt(uses)
        return
    digest = _digest(request, body)
    with _alone(key) as is_alone, transaction.atomic():
        row = _row(key, digest) if is_alone else _finished_row(key, digest)
        if row.made:
            yield Attempt([], row.made)
            return
        with _counted(caller) as uses:
            yield Attempt(uses, None, row)


def spend_for(caller: Caller, request: Request) -> list[Use]:
    """Count a request against the caller's limits, once for an idempotency key.

    Raises QuotaExceededError, Problem.
    """
    key = _key(caller, request)
    if key is not None and _is_repeated(_PREFIX + key, request):
        return []
    try:
        return spend(caller.limits())
    except QuotaExceededError:
        if key is not None:
            valkey().delete(_PREFIX + key)
        raise


def take_back(uses: Sequence[Use], caller: Caller, request: Request) -> None:
    """Forget a request that could not be served: it costs nothing, and may be repeated."""
    give_back(uses)
    key = _key(caller, request)
    if key is not None:
        valkey().delete(_PREFIX + key)


def remember_job(job_id: str, caller: Caller, request: Request) -> None:
    """Let a repetition of this request find its job."""
    key = _key(caller, request)
    if key is not None:
        valkey().set(_job(key), job_id, ex=_KEEP_SECONDS)


def remembered_job(caller: Caller, request: Request) -> str | None:
    """Return the job that the same request made before, if it made one."""
    key = _key(caller, request)
    found: Any = valkey().get(_job(key)) if key is not None else None
    return found.decode() if found else None


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


@contextmanager
def _counted(caller: Caller) -> Iterator[list[Use]]:
    """Count a request; what fails inside costs nothing. Raises QuotaExceededError."""
    uses = spend(caller.limits())
    try:
        yield uses
    except BaseException:
        give_back(uses)
        raise


@contextmanager
def _alone(key: str) -> Iterator[bool]:
    """Say whether no other request with this key is at work, and keep others out meanwhile.

    Without Valkey's memory a repetition waits for the first one's row instead.
    """
    busy = f"{_PREFIX}{key}:busy"
    is_alone = bool(valkey().set(busy, 1, nx=True, ex=_BUSY_SECONDS))
    try:
        yield is_alone
    finally:
        if is_alone:
            valkey().delete(busy)


def _row(key: str, body: str) -> MadeOnce:
    """Return what is kept of a request, new or from its first time. Raises Problem."""
    now = timezone.now()
    MadeOnce.objects.filter(pk=key, ends_at__lt=now).delete()
    new = MadeOnce(pk=key, body=body, ends_at=now + timedelta(seconds=_KEEP_SECONDS))
    MadeOnce.objects.bulk_create([new], ignore_conflicts=True)
    row = MadeOnce.objects.get(pk=key)
    _check_body(row.body, body)
    return row


def _finished_row(key: str, body: str) -> MadeOnce:
    """Return what is kept of a request that is over while another repeats it. Raises Problem."""
    row = MadeOnce.objects.filter(pk=key, ends_at__gte=timezone.now()).first()
    if row is None or not row.made:
        raise Problem(409, "in_progress", "The same request is still being worked on.")
    _check_body(row.body, body)
    return row


def _key(caller: Caller, request: Request) -> str | None:
    """Return a digest of a request's Idempotency-Key, None without one. Raises Problem."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > _MAX_KEY:
        raise Problem(422, "invalid", "Idempotency-Key is too long.")
    if not key:
        return None
    return hashlib.sha256(f"{caller.subject}\0{request.path}\0{key}".encode()).hexdigest()


def _job(key: str) -> str:
    return f"{_PREFIX}{key}:made"


def _digest(request: Request, body: bytes | None = None) -> str:
    said = request._request.body if body is None else body
    return salted_hmac("idempotency", said, algorithm="sha256").hexdigest()


def _is_repeated(row: str, request: Request) -> bool:
    """Say whether the same body came before. Raises Problem if another one came."""
    digest = _digest(request)
    if valkey().set(row, digest, nx=True, ex=_KEEP_SECONDS):
        return False
    earlier: Any = valkey().get(row)
    if earlier is not None:
        _check_body(earlier.decode(), digest)
    return True


def _check_body(earlier: str, digest: str) -> None:
    if earlier != digest:
        raise Problem(422, "idempotency_mismatch", "This Idempotency-Key came with another body.")
