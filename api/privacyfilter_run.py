"""The dialect of privacyfilter.run: POST /api/redact and /api/redact/batch.

Its document is followed to the letter; what it leaves open (the shape of errors, what a batch
costs) is decided here: `{"error", "code"}`, and one request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Scope
from accounts.quotas import QuotaExceededError, give_back, spend
from anonymizer import redaction
from anonymizer.operators.apply import Redacted, apply
from anonymizer.operators.policy import Naming, Numbering, Operator, Policy
from api.callers import Caller, InvalidKeyError, caller_with_key
from api.dialects import OUTAGES, DialectView, TooLargeError, UnreadableError, answer, body_of
from api.plans import allowance_of, limits_of
from inference.engine.operating_points import BALANCED

logger = logging.getLogger("blackbar.api")
_MODES = {
    "replace": Operator.REPLACE,
    "mask": Operator.MASK,
    "tag": Operator.TAG,
}
_MESSAGES = {
    "TEXT_TOO_LONG": "Text exceeds the character limit for your plan.",
    "INVALID_LICENSE": "License key not found or expired.",
    "QUOTA_EXHAUSTED": "All credits in a Redact Pack have been used.",
    "RATE_LIMITED": "Too many requests.",
    "UPSTREAM_ERROR": "Upstream model error. Retry with exponential back-off.",
    "INVALID_REQUEST": "The request makes no sense; see the documentation.",
    "TOO_MANY_DOCUMENTS": "The batch holds more documents than your plan allows.",
}
_STATUS = {
    "INVALID_LICENSE": 401,
    "QUOTA_EXHAUSTED": 402,
    "RATE_LIMITED": 429,
    "UPSTREAM_ERROR": 500,
}


class _Refusal(Exception):
    def __init__(self, code: str, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.code, self.retry_after = code, retry_after


class _Endpoint(DialectView):
    """Turns every way to fail into an answer of this dialect."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Answer a call."""
        try:
            return answer(self.answer_for(request, body_of(request)))
        except UnreadableError:
            return _refused("INVALID_REQUEST")
        except TooLargeError:
            return _refused("TEXT_TOO_LONG")
        except InvalidKeyError:
            return _refused("INVALID_LICENSE")
        except QuotaExceededError as exc:
            if exc.limit.window_seconds is None:
                return _refused("QUOTA_EXHAUSTED")
            return _refused("RATE_LIMITED", exc.limit.seconds_left)
        except OUTAGES as exc:
            logger.warning("redact not served (%s)", type(exc).__name__)
            return _refused("UPSTREAM_ERROR")
        except _Refusal as exc:
            return _refused(exc.code, exc.retry_after)

    def answer_for(self, request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a good answer."""
        raise NotImplementedError


class Redact(_Endpoint):
    """One document."""

    def answer_for(self, request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
        """Redact `text`."""
        started = time.monotonic()
        caller, policy = _caller(request, body), _policy(body)
        (redacted,) = _redact(caller, [body.get("text")], policy)
        return {
            **_as_json(redacted),
            "char_count": len(body["text"]),
            "entities": _entities(redacted),
            "processing_ms": round((time.monotonic() - started) * 1000),
        }


class Batch(_Endpoint):
    """Several documents, each by itself."""

    def answer_for(self, request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
        """Redact `documents`."""
        caller, policy = _caller(request, body), _policy(body)
        most = allowance_of(caller).batch_texts
        if most is None:
            raise _Refusal("INVALID_LICENSE")
        documents = body.get("documents")
        if not isinstance(documents, list) or not documents:
            raise _Refusal("INVALID_REQUEST")
        if len(documents) > most:
            raise _Refusal("TOO_MANY_DOCUMENTS")
        if not all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in documents):
            raise _Refusal("INVALID_REQUEST")
        redacted = _redact(caller, [one.get("text") for one in documents], policy)
        results = [
            {"id": one["id"], **_as_json(done), "entities": _entities(done)}
            for one, done in zip(documents, redacted, strict=True)
        ]
        return {
            "results": results,
            "total_processed": len(results),
            "total_entities": sum(len(done.hidden) for done in redacted),
        }


def _caller(request: HttpRequest, body: dict[str, Any]) -> Caller:
    license_key = body.get("license_key")
    if license_key is not None and not isinstance(license_key, str):
        raise _Refusal("INVALID_LICENSE")
    caller = caller_with_key(request, license_key)
    if not caller.allows(Scope.REDACT):
        raise _Refusal("INVALID_LICENSE")
    return caller


def _policy(body: dict[str, Any]) -> Policy:
    mode = body.get("mode")
    if mode is None:
        mode = "replace"
    if not isinstance(mode, str) or mode not in _MODES:
        raise _Refusal("INVALID_REQUEST")
    return Policy(
        default=_MODES[mode], naming=Naming.PLAIN, numbering=Numbering.ALL, mask_length=None
    )


def _redact(caller: Caller, texts: Sequence[Any], policy: Policy) -> list[Redacted]:
    if not all(isinstance(text, str) for text in texts):
        raise _Refusal("INVALID_REQUEST")
    if max(map(len, texts)) > allowance_of(caller).characters:
        raise _Refusal("TEXT_TOO_LONG")
    uses = spend([*limits_of(caller), *caller.limits()])
    try:
        results = redaction.redact_now(
            texts, operating_point=BALANCED, wait_seconds=settings.API_WAIT_SECONDS
        )
    except redaction.StillRunningError as exc:
        redaction.discard(exc.submitted)
        give_back(uses)
        raise _Refusal("UPSTREAM_ERROR") from exc
    except redaction.DetectionFailedError as exc:
        give_back(uses)
        raise _Refusal("UPSTREAM_ERROR") from exc
    return [apply(result.text, result.spans, policy) for result in results]


def _as_json(redacted: Redacted) -> dict[str, Any]:
    return {"redacted_text": redacted.text, "entity_count": len(redacted.hidden)}


def _entities(redacted: Redacted) -> list[dict[str, Any]]:
    return [
        {
            "index": one.number,
            "type": one.type,
            "original": one.original,
            "replacement": one.replacement,
            "start": one.span.start,
            "end": one.span.end,
        }
        for one in redacted.hidden
    ]


def _refused(code: str, retry_after: int | None = None) -> HttpResponse:
    headers = {"Retry_After": str(retry_after)} if retry_after else {}
    status = _STATUS.get(code, 400)
    return answer({"error": _MESSAGES[code], "code": code}, status, **headers)
