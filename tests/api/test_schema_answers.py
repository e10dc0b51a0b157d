"""A good answer of every operation, held against its description: no field more, none less."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker

import webhooks.services
from accounts.keys import NewKey
from accounts.models import Scope
from api.schema.serve import schema
from documents import work
from inference.worker import ScanWorker
from tests.api.description import tightened
from tests.api.wire import Beside, NewKeyMaker, alice, committed, new_key, own_network
from tests.chosen_engine import ChosenEngine
from tests.images.conftest import _each_picture_is_read_once
from tests.images.drawn import encoded, letter

__all__ = ("_each_picture_is_read_once", "alice", "new_key", "own_network")
pytestmark = committed


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds Ann."""
    return ChosenEngine({"Ann Lee": "private_person"}, poison="poison")


@pytest.fixture
def scan(detector: ChosenEngine) -> Callable[[], int]:
    """A function that does all pending scans."""

    def run() -> int:
        worker = ScanWorker()
        worker.engine = detector  # type: ignore[assignment]
        return worker.run_pending()

    return run


@dataclass(slots=True)
class Program:
    """Calls operations by name, and checks each answer."""

    client: Client
    key: NewKey
    document: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(schema()))
    answered: set[str] = field(default_factory=set)

    def call(self, name: str, body: Any = None, token: str = "", **places: Any) -> Any:
        """Call an operation; returns the JSON of its answer, or its bytes."""
        path, method, operation = next(
            (path, method, operation)
            for path, methods in self.document["paths"].items()
            for method, operation in methods.items()
            if operation["operationId"] == name
        )
        headers = {"Authorization": f"Bearer {self.key.bearer}"}
        if token:
            headers["Reveal-Token"] = token
        address, send = path.format(**places), getattr(self.client, method)
        if isinstance(body, dict) and "file" in body:
            answer = send(address, body, headers=headers)
        elif method == "get":
            answer = send(address, headers=headers)
        else:
            content = "" if body is None else json.dumps(body)
            answer = send(address, content, content_type="application/json", headers=headers)
        assert 200 <= answer.status_code < 300, (name, answer.content)
        self.answered.add(name)
        return self._checked(name, answer, operation["responses"][str(answer.status_code)])

    def _checked(self, name: str, answer: Any, described: dict[str, Any]) -> Any:
        assert set(described.get("headers", {})) - set(answer.headers) <= {
            "RateLimit", "RateLimit-Policy", "Retry-After",
        }, name  # fmt: skip
        if "content" not in described:
            assert not answer.content
            return None
        kind = described["content"][answer["Content-Type"]]["schema"]
        raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer["Content-Type"] != "application/json":
            return raw
        whole = tightened({**kind, "components": self.document["components"]})
        body = json.loads(raw)
        errors = list(Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(body))
        assert not errors, f"{name}: {errors[0].message} at {errors[0].json_path}"
        return body


@pytest.fixture
def program(client: Client, new_key: NewKeyMaker, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A program with a key that may do everything."""
    monkeypatch.setattr(webhooks.services, "wake_sender", lambda: None)
    return Program(client, new_key(*Scope))


def _redaction(program: Program, detector: ChosenEngine, scan: Callable[[], int]) -> None:
    with Beside(detector):
        body = program.call("redact", {"text": "👍 Ann Lee", "offset_unit": "utf16"})
        program.call("redactBatch", {"texts": ["Ann Lee", {"id": "b", "text": "x"}]})
    program.call("restore", {"text": body["redacted_text"], "entities": body["entities"]})
    for name, sent in (("redact", {"text": "Ann Lee"}), ("redactBatch", {"texts": ["Ann Lee"]})):
        job = program.call(name, sent | {"wait": 0})["id"]
        program.call("getJob", job_id=job)
        scan()
        program.call("getJob", job_id=job)
        program.call("takeJobResult", job_id=job)
    job = program.call("redact", {"text": "Ann Lee", "wait": 0})["id"]
    program.call("cancelJob", job_id=job)


def _keys(program: Program) -> None:
    made = program.call("createKey", {"name": "n", "scopes": ["read"]})["id"]
    program.call("getKey", key_id=made)
    program.call("rotateKey", {"overlap_seconds": 60}, key_id=made)
    program.call("listKeys")
    program.call("revokeKey", key_id=made)
    program.call("getUsage")


def _webhooks(program: Program) -> None:
    sent = {"url": "https://hooks.example.org/a", "events": ["job.done"]}
    made = program.call("createWebhook", sent)["id"]
    program.call("getWebhook", webhook_id=made)
    program.call("listWebhooks")
    program.call("renewWebhookSecret", webhook_id=made)
    delivery = program.call("testWebhook", webhook_id=made)["id"]
    program.call("listDeliveries", webhook_id=made)
    program.call("redeliver", webhook_id=made, delivery_id=delivery)
    program.call("changeWebhook", {"active": False}, webhook_id=made)
    program.call("deleteWebhook", webhook_id=made)


EDIT = {"op": "add", "start": 0, "end": 3, "label": "secret"}


def _pastes(program: Program, detector: ChosenEngine, scan: Callable[[], int]) -> None:
    with Beside(detector):
        program.call("createPaste", {"text": "Ann Lee", "wait": 5, "expires": "never"})
    made = program.call("createPaste", {"text": "Ann Lee called", "title": "of Ann Lee"})
    place = {"pid": made["id"]}
    program.call("getPaste", **place)
    scan()
    program.call("getPaste", **place)
    program.call("getPasteText", **place)
    program.call("getPasteOriginal", token=made["reveal_token"], **place)
    program.call("correctPaste", {"revision": 0, "edits": [EDIT]}, **place)
    program.call("setPasteExpiry", {"expires": "1h"}, **place)
    program.call("renewPasteLink", **place)
    program.call("revokePasteLink", **place)
    program.call("listPastes")
    program.call("deletePaste", **place)
    failed = program.call("createPaste", {"text": "poison"})
    scan()
    program.call("getPaste", pid=failed["id"])
    program.call("retryPaste", pid=failed["id"])
    burning = program.call("createPaste", {"text": "Ann Lee", "burn": True})
    scan()
    program.call("openPaste", token=burning["reveal_token"], pid=burning["id"])


def _documents(program: Program, scan: Callable[[], int]) -> None:
    file = SimpleUploadedFile("of Ann Lee.txt", b"Dear Ann Lee,\n\nyours")
    made = program.call("createDocument", {"file": file, "style": "numbered"})
    place = {"pid": made["id"]}
    program.call("getDocument", **place)
    work.run_pending()
    program.call("getDocument", **place)
    scan()
    program.call("getDocument", **place)
    work.run_pending()
    program.call("getDocument", **place)
    for name in ("Text", "Original", "File", "Source", "Certificate"):
        program.call(f"getDocument{name}", **place)
    program.call("correctDocument", {"revision": 0, "edits": [EDIT]}, **place)
    program.call("makeDocumentFile", {"rasterise": False}, **place)
    program.call("setDocumentExpiry", {"expires": "never"}, **place)
    program.call("renewDocumentLink", **place)
    program.call("revokeDocumentLink", **place)
    program.call("listDocuments")
    program.call("deleteDocument", **place)
    failed = program.call("createDocument", {"file": SimpleUploadedFile("x.pdf", b"\x7fELF" * 30)})
    work.run_pending()
    program.call("getDocument", pid=failed["id"])
    program.call("retryDocument", {"password": "x"}, pid=failed["id"])


def _images(program: Program, picture: bytes, scan: Callable[[], int]) -> None:
    made = program.call("createImage", {"file": SimpleUploadedFile("a.png", picture)})
    place = {"pid": made["id"]}
    work.run_pending()
    scan()
    work.run_pending()
    program.call("getImage", **place)
    state = program.call("getImageBars", **place)
    program.call("getImageFile", **place)
    program.call("getImageSource", **place)
    bar = {"id": "d-1", "x": 1, "y": 2, "width": 30, "height": 7, "label": "secret"}
    sent = {"revision": state["revision"], "fill": "black", "bars": [bar]}
    program.call("setImageBars", sent, **place)
    program.call("listImages")
    program.call("deleteImage", **place)


def _policies(program: Program, detector: ChosenEngine) -> None:
    terms = {"exact": ["Ottilie Kranz"]}
    rules = {"always": [{"label": "secret", "terms": terms}], "shared_numbers": True}
    sent = {"workspace": "personal", "name": "Files", "rules": rules, "note": "the first"}
    made = program.call("createPolicy", sent)["id"]
    place = {"policy_id": made}
    program.call("getPolicy", **place)
    program.call("listPolicies")
    program.call("createPolicyVersion", {"rules": {}, "if_version": 1}, **place)
    program.call("createPolicyVersion", {"rules": {}, "if_version": 2}, **place)
    program.call("listPolicyVersions", **place)
    program.call("getPolicyVersion", number=1, **place)
    with Beside(detector):
        program.call("tryPolicy", {"text": "Ann Lee", "policy": f"{made}@1", "rules": {}})
        program.call("redact", {"text": "Ann Lee", "policy": f"{made}@1"})
    program.call("changePolicy", {"name": "Cases", "default": True}, **place)


def test_every_good_answer_is_as_described(
    program: Program, detector: ChosenEngine, scan: Callable[[], int]
) -> None:
    _redaction(program, detector, scan)
    _keys(program)
    _webhooks(program)
    _policies(program, detector)
    _pastes(program, detector, scan)
    _documents(program, scan)
    _images(program, encoded(letter()), scan)
    assert program.answered == {
        operation["operationId"]
        for methods in program.document["paths"].values()
        for operation in methods.values()
    }


def test_the_first_example_is_true(program: Program, detector: ChosenEngine) -> None:
    content = program.document["paths"]["/api/v1/redact"]["post"]["requestBody"]["content"]
    responses = program.document["paths"]["/api/v1/redact"]["post"]["responses"]["200"]["content"]
    (said,) = responses["application/json"]["examples"].values()
    with Beside(detector):
        body = program.call(
            "redact", content["application/json"]["examples"]["Placeholders"]["value"]
        )
    differing = {"score", "detector", "reason"}
    for one in (*body["entities"], *said["value"]["entities"]):
        for name in differing:
            del one[name]
    assert body == said["value"]
