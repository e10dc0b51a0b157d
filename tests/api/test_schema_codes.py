"""Every code that the API can answer with is provoked, described, and repeats nothing sent."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from jsonschema import Draft202012Validator
from pytest_django import Settings

import api.v1.pastes
import api.v1.redact
import webhooks.services
from accounts import keys
from accounts.models import Scope, User
from api.schema.serve import schema
from api.v1.problems import CODES
from documents.models import CleanState, Document
from inference import room
from inference.worker import ScanWorker
from pastebin.services import CreatedPaste, create_paste
from tests.api.wire import Beside, NewKeyMaker, alice, chosen, committed, new_key, own_network, send
from tests.chosen_engine import ChosenEngine
from tests.documents.world import MadeDocument, MakeDocument, detector, make_document, scan

__all__ = ("alice", "chosen", "detector", "make_document", "new_key", "own_network", "scan")
pytestmark = committed
CANARY = "Canary-7731"
ROOT = Path(__file__).parents[2]
V1 = "/api/v1"


@dataclass(slots=True)
class World:
    """What a provocation needs."""

    client: Client
    alice: User
    new_key: NewKeyMaker
    make_document: MakeDocument
    chosen: ChosenEngine
    settings: Settings
    monkeypatch: pytest.MonkeyPatch

    def send(self, path: str, body: Any = None, scopes: Any = None, **headers: str) -> Any:
        """Post JSON below /api/v1/, with a key if there are scopes."""
        key = self.new_key(*scopes) if scopes else None
        return send(self.client, V1 + path, {} if body is None else body, key, **headers)

    def get(self, path: str, token: str = "") -> Any:
        """Get below /api/v1/."""
        return self.client.get(V1 + path, headers={"Reveal-Token": token} if token else {})

    def paste(self, text: str = CANARY, **options: Any) -> CreatedPaste:
        """Make a paste and scan it."""
        made = create_paste(text=text, **options)
        worker = ScanWorker()
        worker.engine = self.chosen  # type: ignore[assignment]
        worker.run_pending()
        return made


@pytest.fixture
def world(
    client: Client,
    alice: User,
    new_key: NewKeyMaker,
    make_document: MakeDocument,
    chosen: ChosenEngine,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    """Everything."""
    return World(client, alice, new_key, make_document, chosen, settings, monkeypatch)


def _forbidden(world: World) -> Any:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.alice)
    return send(browser, f"{V1}/restore", {"text": CANARY, "map": {}})


def _malformed(world: World) -> Any:
    return world.client.post(f"{V1}/redact", '{"text": "' + CANARY, "application/json")


def _unsupported(world: World) -> Any:
    return world.client.post(f"{V1}/redact", {"text": CANARY})


def _in_progress(world: World) -> Any:
    headers = {"Idempotency-Key": CANARY}
    answers = []
    made = api.v1.pastes._create

    def create(*args: Any) -> CreatedPaste:
        answers.append(world.send("/pastes", {"text": CANARY}, **headers))
        return made(*args)

    world.monkeypatch.setattr(api.v1.pastes, "_create", create)
    world.send("/pastes", {"text": CANARY}, **headers)
    return answers[0]


def _conflict(world: World) -> Any:
    made = world.make_document()
    edits = [{"op": "add", "start": 0, "end": 4, "label": "secret"}]
    body = {"revision": 5, "edits": edits}
    return world.send(f"/documents/{made.pid}/spans", body, **{"Reveal-Token": made.token})


def _without_clean_file(world: World, state: CleanState) -> Any:
    made: MadeDocument = world.make_document()
    Document.objects.filter(pk=made.pid).update(clean_state=state, clean_error="It is so.")
    return world.get(f"/documents/{made.pid}/file")


def _failed(world: World) -> Any:
    made = world.make_document(b"\x7fELF" + CANARY.encode() + bytes(100), f"{CANARY}.pdf")
    return world.get(f"/documents/{made.pid}/text")


def _burns(world: World) -> Any:
    made = world.paste(burn=True)
    return world.get(f"/pastes/{made.paste.pid}/spans", made.token)


def _does_not_burn(world: World) -> Any:
    made = world.paste()
    return world.send(f"/pastes/{made.paste.pid}/opening", **{"Reveal-Token": made.token})


def _no_key(world: World) -> Any:
    made = world.paste(owner=world.alice)
    made.paste.envelope.forget_service()
    return world.send(f"/pastes/{made.paste.pid}/link", scopes=[Scope.REVEAL])


def _disabled(world: World) -> Any:
    world.monkeypatch.setattr(webhooks.services, "wake_sender", lambda: None)
    made = webhooks.services.create_webhook(
        owner=world.alice, url=f"https://hooks.example.org/{CANARY}", events=[]
    )
    webhooks.services.switch_off(made.webhook, CANARY)
    return world.send(f"/webhooks/{made.webhook.pk}/test", scopes=[Scope.ADMIN])


def _too_many_webhooks(world: World) -> Any:
    world.monkeypatch.setattr(webhooks.services, "MAX_WEBHOOKS", 0)
    body = {"url": f"https://hooks.example.org/{CANARY}"}
    return world.send("/webhooks", body, scopes=[Scope.ADMIN])


def _too_many_keys(world: World) -> Any:
    key = world.new_key(Scope.ADMIN)
    world.monkeypatch.setattr(keys, "MAX_KEYS", 1)
    return send(world.client, f"{V1}/keys", {"name": CANARY, "scopes": ["admin"]}, key)


def _too_large(world: World) -> Any:
    world.settings.MAX_PASTE_CHARACTERS = 3
    return world.send("/redact", {"text": CANARY})


def _mismatch(world: World) -> Any:
    headers = {"Idempotency-Key": CANARY}
    world.send("/restore", {"text": "x", "map": {}}, **headers)
    return world.send("/restore", {"text": CANARY, "map": {}}, **headers)


def _rate_limited(world: World) -> Any:
    world.settings.API_ANONYMOUS_PER_MINUTE = 1
    body = {"text": CANARY, "map": {}}
    # A minute may begin in between.
    answers = [world.send("/restore", body) for _ in range(3)]
    return next(answer for answer in answers if answer.status_code != 200)


def _credits_used(world: World) -> Any:
    world.settings.API_KEY_CREDITS = 1
    key = world.new_key(Scope.REDACT)
    body = {"text": CANARY, "map": {}}
    return [send(world.client, f"{V1}/restore", body, key) for _ in range(2)][1]


def _detection_failed(world: World) -> Any:
    with Beside(world.chosen):
        return world.send("/redact", {"text": f"poison {CANARY}"})


def _unavailable(world: World) -> Any:
    world.settings.REDIS_URL = "redis://127.0.0.1:1/0"
    return world.send("/restore", {"text": CANARY, "map": {}})


def _server_error(world: World) -> Any:
    def fails(*_: Any) -> None:
        raise ValueError(CANARY)

    world.monkeypatch.setattr(api.v1.redact, "restore", fails)
    return world.send("/restore", {"text": CANARY, "map": {}})


def _wrong_choice(world: World) -> Any:
    file = SimpleUploadedFile(f"{CANARY}.txt", b"Ann Lee")
    return world.client.post(f"{V1}/documents", {"file": file, "style": CANARY, "expires": CANARY})


def _busy(world: World) -> Any:
    create_paste(text=CANARY)
    world.settings.QUEUE_SCANS = 1
    world.monkeypatch.setattr(room, "_kept", room._Kept())
    return world.send("/redact", {"text": CANARY})


def _proof_needed(world: World) -> Any:
    world.settings.PROOF_BITS = 8
    return world.send("/pastes", {"text": CANARY}, **{"Proof-Of-Work": CANARY})


PROVOCATIONS: dict[str, Callable[[World], Any]] = {
    "malformed": _malformed,
    "invalid_key": lambda w: w.send("/redact", {"text": CANARY}, Authorization=f"Bearer {CANARY}"),
    "key_needed": lambda w: w.get("/keys"),
    "forbidden": _forbidden,
    "proof_needed": _proof_needed,
    "scope_needed": lambda w: w.send("/redact", {"text": CANARY}, [Scope.READ]),
    "not_found": lambda w: w.get(f"/documents/{CANARY}"),
    "method_not_allowed": lambda w: w.client.put(f"{V1}/redact", CANARY),
    "not_ready": lambda w: w.get(f"/documents/{w.make_document(until='received').pid}/text"),
    "conflict": _conflict,
    "in_progress": _in_progress,
    "failed": _failed,
    "clean_making": lambda w: _without_clean_file(w, CleanState.MAKING),
    "clean_blocked": lambda w: _without_clean_file(w, CleanState.BLOCKED),
    "clean_failed": lambda w: _without_clean_file(w, CleanState.FAILED),
    "burns": _burns,
    "does_not_burn": _does_not_burn,
    "no_key": _no_key,
    "scan_failed": lambda w: w.get(f"/pastes/{w.paste(f'poison {CANARY}').paste.pid}/text"),
    "disabled": _disabled,
    "too_many_webhooks": _too_many_webhooks,
    "too_many_keys": _too_many_keys,
    "too_large": _too_large,
    "unsupported_media_type": _unsupported,
    "invalid": _wrong_choice,
    "idempotency_mismatch": _mismatch,
    "rate_limited": _rate_limited,
    "credits_used": _credits_used,
    "server_error": _server_error,
    "detection_failed": _detection_failed,
    "busy": _busy,
    "unavailable": _unavailable,
}


def test_every_code_has_a_provocation_and_a_line_in_the_documentation() -> None:
    assert set(PROVOCATIONS) == set(CODES)
    written = (ROOT / "docs" / "api.md").read_text()
    table = written.partition("## Errors")[2].partition("\n## ")[0]
    said = {
        (code, int(status))
        for line in table.splitlines()
        if (row := re.match(r"\| ([\d, ]+) \| (`[^|]+) \|", line))
        for status in row[1].split(", ")
        for code in re.findall(r"`(\w+)`", row[2])
    }
    assert {code for code, _ in said} == set(CODES)
    assert {(code, one.status) for code, one in CODES.items()} <= said


def test_the_code_uses_no_other_codes() -> None:
    used = set()
    for file in (ROOT / "api" / "v1").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                status, code = node.args[:2]
                if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                    used.add((code.value, status.value))
    assert used <= {(code, one.status) for code, one in CODES.items()}
    assert len(used) > 15


@pytest.mark.parametrize("code", CODES)
def test_the_code_is_answered_as_described_and_repeats_nothing(world: World, code: str) -> None:
    answer = PROVOCATIONS[code](world)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (CODES[code].status, code)
    assert answer["Content-Type"] == "application/problem+json"
    assert "canary" not in answer.content.decode().lower()
    Draft202012Validator(_described(answer)).validate(body)
    if answer.status_code == 429 and code == "rate_limited":
        assert 0 < int(answer["Retry-After"]) <= 60


def _described(answer: Any) -> dict[str, Any]:
    """Return the schema of this very answer; any problem where only a method is refused."""
    document = schema()
    components = {"components": document["components"]}
    if answer.status_code == 405:
        return components | {"$ref": "#/components/schemas/Problem"}
    method, path = answer.request["REQUEST_METHOD"].lower(), answer.request["PATH_INFO"]
    for template, methods in document["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", template), path):
            response = methods[method]["responses"][str(answer.status_code)]
            return components | response["content"]["application/problem+json"]["schema"]
    raise LookupError(path)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for name, one in value.items() for leaf in _leaves(one, (*path, name))]
    if isinstance(value, list):
        return [leaf for index, one in enumerate(value) for leaf in _leaves(one, (*path, index))]
    return [path]


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    changed = json.loads(json.dumps(value))
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = new
    return changed


def test_no_field_is_repeated_whatever_stands_in_it(world: World) -> None:
    key = world.new_key(*Scope)
    tried = 0
    for path, methods in schema()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            for example in content.get("application/json", {}).get("examples", {}).values():
                body = example["value"]
                wrong = [_with(body, leaf, [CANARY]) for leaf in _leaves(body)]
                wrong += [_with(body, leaf, CANARY) for leaf in _leaves(body)]
                for one in [*wrong, body | {CANARY: CANARY}]:
                    answer = world.client.generic(
                        method.upper(),
                        re.sub(r"\{\w+\}", "1234567", path),
                        json.dumps(one | {"wait": 0} if "wait" in one else one),
                        "application/json",
                        headers={"Authorization": f"Bearer {key.bearer}"},
                    )
                    if answer.status_code >= 400:
                        assert CANARY not in answer.content.decode(), (path, one)
                        tried += 1
    assert tried > 40
