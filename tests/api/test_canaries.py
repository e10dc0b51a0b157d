"""What was sent to be redacted is nowhere after the answer: database, Valkey, logs."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.models import Plan, Scope
from inference.events import valkey
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    get,
    new_key,
    own_network,
    send,
)

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
CANARY = "Canary-7731-owl"
NAME = "Ann Lee"
TEXT = f"{CANARY} {NAME} ann@mail.example"


def _forms_of(value: str) -> list[bytes]:
    raw = value.encode()
    return [raw, raw.hex().encode(), json.dumps(value).encode(), raw[::-1]]


def _dump() -> bytes:
    """Return all rows of all tables, as a backup would hold them."""
    out = io.BytesIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for chunk in copy:
                    out.write(bytes(chunk))
    return out.getvalue()


def _everything_in_valkey() -> bytes:
    """Return all keys and values."""
    server: Any = valkey()
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": server.get,
        b"list": lambda key: b"".join(server.lrange(key, 0, -1)),
        b"set": lambda key: b"".join(server.smembers(key)),
        b"hash": lambda key: str(server.hgetall(key)).encode(),
    }
    found = b""
    for key in server.scan_iter("*"):
        read = readers.get(server.type(key))
        found += key + ((read(key) or b"") if read else b"")
    return found


def _assert_nowhere(logged: str, *values: str) -> None:
    kept = _dump() + _everything_in_valkey() + logged.encode()
    for value in values:
        for form in _forms_of(value):
            assert form not in kept


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/redact", {"text": TEXT}),
        ("/api/v1/redact", {"text": TEXT, "operator": "surrogate", "hash_key": CANARY + "0" * 9}),
        ("/api/v1/redact", {"text": TEXT + " poison"}),
        ("/api/v1/redact", {"text": [TEXT]}),
        ("/api/v1/batch", {"texts": [{"id": CANARY, "text": TEXT}] * 3}),
        ("/api/v1/restore", {"text": "[PERSON_1]", "map": {"[PERSON_1]": TEXT}}),
        ("/api/redact", {"text": TEXT}),
        ("/api/redact", {"text": TEXT + " poison"}),
        ("/api/redact", {"text": TEXT, "mode": CANARY}),
        ("/api/redact/batch", {"documents": [{"id": CANARY, "text": TEXT}]}),
        ("/openai/v1/pii", {"model": CANARY, "input": TEXT}),
        ("/openai/v1/pii", {"model": CANARY, "input": [TEXT + " poison"]}),
    ],
)
def test_nothing_sent_is_kept_after_the_answer(
    client: Client,
    new_key: NewKeyMaker,
    caplog: pytest.LogCaptureFixture,
    path: str,
    body: dict[str, Any],
) -> None:
    key = new_key(Scope.REDACT, Scope.READ, plan=Plan.UNLIMITED)
    sent = body | ({"license_key": key.license_key} if path.startswith("/api/redact") else {})
    headers = {"Idempotency-Key": CANARY + uuid.uuid4().hex}
    with caplog.at_level(logging.DEBUG):
        answer = send(client, path, sent, key, **headers)
    assert answer.status_code in {200, 400, 422, 500, 502}
    _assert_nowhere(caplog.text, CANARY, NAME, key.bearer, key.license_key)


def test_a_waiting_job_holds_its_text_sealed_only(client: Client, new_key: NewKeyMaker) -> None:
    key = new_key()
    sent = {"texts": [{"id": CANARY, "text": TEXT}], "wait": 0}
    where = send(client, "/api/v1/batch", sent, key)["Location"]
    assert get(client, where, key).json()["state"] == "queued"
    _assert_nowhere("", CANARY, NAME)
