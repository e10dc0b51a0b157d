"""The Python client's errors and values say nothing of what was sent or received."""

from __future__ import annotations

import pickle
import traceback
from typing import Any

import httpx
import pytest

from blackbar import (
    AuthenticationError,
    BlackbarError,
    ConflictError,
    DetectionFailedError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    NotReadyError,
    ProblemError,
    RateLimitedError,
    ServerError,
    TooLargeError,
    TransportError,
    UnexpectedAnswerError,
)
from tests.clients_python.scripted import REDACTED, TEXT, Script, problem, told

CODES = {
    "malformed": (400, InvalidError),
    "invalid_key": (401, AuthenticationError),
    "key_needed": (401, AuthenticationError),
    "forbidden": (403, ForbiddenError),
    "scope_needed": (403, ForbiddenError),
    "not_found": (404, NotFoundError),
    "method_not_allowed": (405, InvalidError),
    "not_ready": (409, NotReadyError),
    "conflict": (409, ConflictError),
    "clean_making": (409, NotReadyError),
    "clean_blocked": (409, ConflictError),
    "too_many_keys": (409, ConflictError),
    "too_large": (413, TooLargeError),
    "unsupported_media_type": (415, InvalidError),
    "invalid": (422, InvalidError),
    "idempotency_mismatch": (422, InvalidError),
    "rate_limited": (429, RateLimitedError),
    "detection_failed": (502, DetectionFailedError),
    "busy": (503, ServerError),
    "unavailable": (503, ServerError),
}


def said(error: BaseException) -> str:
    """Return all that a log or an error report shows of an error, and of those behind it."""
    found = "".join(traceback.format_exception(error)) + repr(error) + str(error.args)
    for behind in (error.__cause__, error.__context__):
        if behind is not None:
            found += said(behind) + repr(vars(behind))
    return found


@pytest.mark.parametrize(("code", "expected"), CODES.items())
def test_every_code_has_its_class_and_echoes_nothing(code: str, expected: Any) -> None:
    status, kind = expected
    errors = {"text": [TEXT], TEXT: ["x"]}
    script = Script(problem(status, code, errors=errors))
    with script.client(retries=0) as client, pytest.raises(ProblemError) as caught:
        client.redact(TEXT)
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.status, error.fields, error.detail) == (code, status, ("text",), TEXT)
    assert "Canary" not in said(error)
    assert code in str(error)


@pytest.mark.parametrize(
    "failure",
    [httpx.ReadTimeout(TEXT), httpx.ConnectError(TEXT), httpx.RemoteProtocolError(TEXT)],
)
def test_a_broken_connection_does_not_carry_the_request_along(failure: Exception) -> None:
    with Script(failure).client(retries=0) as client, pytest.raises(TransportError) as caught:
        client.redact(TEXT)
    assert "Canary" not in said(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=TEXT.encode()),
        httpx.Response(200, content=b"[]"),
        httpx.Response(200, json={"redacted_text": 7, TEXT: TEXT}),
        httpx.Response(200, json=REDACTED | {"entities": [TEXT]}),
        httpx.Response(302, headers={"Location": f"https://other.example/{TEXT}"}),
        httpx.Response(502, content=f"<h1>{TEXT}</h1>".encode()),
    ],
    ids=["no JSON", "no object", "wrong type", "wrong entity", "redirect", "a proxy's page"],
)
def test_an_answer_of_another_kind_is_not_repeated_in_the_error(answer: httpx.Response) -> None:
    with Script(answer).client(retries=0) as client, pytest.raises(BlackbarError) as caught:
        client.redact(TEXT)
    assert isinstance(caught.value, UnexpectedAnswerError | ServerError)
    assert "Canary" not in said(caught.value)


def test_values_hide_texts_maps_and_secrets() -> None:
    key = {"id": 7, "name": "k", "prefix": "00", "scopes": ["read"], "plan": "own"}
    secret = {"created_at": "2026-11-21T09:00:00+00:00", "secret": TEXT, "license_key": TEXT}
    restored = {"text": TEXT, "restored": 1, "missing": []}
    with Script(told(REDACTED), told(restored), told(key | secret, 201)).client() as client:
        redacted = client.redact(TEXT)
        values = [
            redacted,
            redacted.entities,
            client.restore("[PERSON_1]", redacted),
            client.keys.create("k", ["read"]),
            client,
            client.target,
        ]
    assert redacted.map == {"[PERSON_1]": TEXT}
    for value in values:
        assert "Canary" not in f"{value!r} {value!s}"
        assert "PERSON_1" not in repr(value)
        assert "kkkk" not in repr(value)


def test_errors_survive_the_way_between_processes() -> None:
    script = Script(problem(429, "rate_limited", {"Retry-After": "99"}))
    with script.client() as client, pytest.raises(RateLimitedError) as caught:
        client.usage()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.code, again.retry_after_seconds) == ("rate_limited", 99)


def test_any_text_can_be_sent() -> None:
    sent = "\ud800 \0 \u2028 👍 \r\n"
    script = Script(told(REDACTED))
    with script.client() as client:
        client.redact(sent)
    assert b"\\ud800" in script.requests[0].content
