"""What was sent to be redacted is nowhere after the answer: database, Valkey, logs."""

from __future__ import annotations

import logging
import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Plan, Scope
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
from tests.stored import everything_stored, forms_of

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
CANARY = "Canary-7731-owl"
NAME = "Ann Lee"
TEXT = f"{CANARY} {NAME} ann@mail.example"


def _assert_nowhere(logged: str, *values: str) -> None:
    kept = everything_stored() + logged.encode()
    for value in values:
        for form in forms_of(value):
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
