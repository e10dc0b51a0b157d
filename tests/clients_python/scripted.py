"""A server that answers as it is told to, through httpx; pauses are counted and not made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from blackbar import Client

Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]
TEXT = "Canary-7731 Ann Lee"
REDACTED = {
    "redacted_text": "[PERSON_1]",
    "entities": [
        {
            "type": "PERSON",
            "label": "private_person",
            "subtype": None,
            "number": 1,
            "operator": "replace",
            "original": TEXT,
            "replacement": "[PERSON_1]",
            "start": 0,
            "end": len(TEXT),
            "redacted_start": 0,
            "redacted_end": 10,
            "score": 0.99,
            "detector": "model",
            "reason": "It is one.",
        }
    ],
    "counts": {"private_person": 1},
    "characters": len(TEXT),
    "offset_unit": "code_point",
}


class Script:
    """Answers in their order; keeps what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self._replies: Iterator[Reply] = iter(replies)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        reply = next(self._replies)
        if isinstance(reply, Exception):
            raise reply
        return reply(request) if callable(reply) else reply

    def client(self, **options: Any) -> Client:
        """Return a client of this server."""
        transport = httpx.MockTransport(self)
        return Client("https://blackbar.example", "k" * 20, transport=transport, **options)

    def asked(self) -> list[str]:
        """Return method and path of each request."""
        return [f"{request.method} {request.url.path}" for request in self.requests]


def told(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    """Return an answer in JSON."""
    return httpx.Response(status, json=body, headers=headers)


def problem(status: int, code: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
    """Return a problem document that says more than it should."""
    body = {"status": status, "code": code, "detail": TEXT, "type": "about:blank", **more}
    content = {"Content-Type": "application/problem+json"} | (headers or {})
    return httpx.Response(status, content=json.dumps(body).encode(), headers=content)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that would have been made."""
    made: list[float] = []
    monkeypatch.setattr("blackbar.runners.time.sleep", made.append)
    return made
