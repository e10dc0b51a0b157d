"""Made requests in the dialects: each answer is one that their description knows.

For a long run: BLACKBAR_FUZZ=200 ./test tests/api/test_schema_dialects_fuzz.py
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.test import Client
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import Scope
from api.gradio import detached
from api.schema.dialects import schema
from config.wsgi import application
from tests.api.made_requests import EXAMPLES, NEGATIVE, POSITIVE, make_requests
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    new_key,
    own_network,
    send,
)

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
# An error that nobody foresaw is a page, which no operation knows: the dialects' own have status
# 500 too, so that no check may look at the status alone.
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# By whose key: the scopes of a good one, or what is written instead.
CALLERS: dict[str, tuple[Scope, ...] | str] = {
    "all": tuple(Scope),
    "read": (Scope.READ,),
    "nobody": "",
    "wrong": "blackbar_wrong",
}
GRADIO = "/gradio_api"


@pytest.fixture(autouse=True)
def few_limits(settings: Settings) -> None:
    """Nothing is counted, and a call that is waited for does not hold a test up."""
    settings.API_ANONYMOUS_PER_MINUTE = 0
    settings.API_WAIT_SECONDS = 1.0
    settings.MAX_PASTE_CHARACTERS = 5000


@pytest.fixture(autouse=True)
def no_stream_is_left_open() -> Iterator[None]:
    """Each stream is closed: the process has few."""
    yield
    assert detached._attached._value == detached.MOST_ATTACHED


@dataclass(slots=True)
class Sender:
    """Sends made requests of one caller and keeps what is wrong with their answers."""

    who: str
    bearer: str
    client: Client = field(default_factory=Client)
    dice: random.Random = field(default_factory=lambda: random.Random(7731))
    wrong: list[str] = field(default_factory=list)
    answered: set[tuple[str, int]] = field(default_factory=set)

    @property
    def examples(self) -> int:
        """How many requests of a kind; few of who is let in nowhere."""
        return EXAMPLES if self.who in {"all", "nobody"} else max(1, EXAMPLES // 3)

    @property
    def headers(self) -> dict[str, str]:
        """How the caller is known."""
        return {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}

    def send(self, case: Any, mode: GenerationMode) -> None:
        """Send a request and check its answer. schemathesis closes streams that it has read."""
        operation = case.operation
        name = operation.definition.raw["operationId"]
        checks = [*CHECKS, repeats_nothing]
        if name.startswith("privacyfilter") and isinstance(case.body, dict):
            case.body["license_key"] = self.bearer or None
        if mode is POSITIVE and self.dice.random() < 0.7:
            self._mean_it(name, case)
        if self.who == "all":
            if mode is POSITIVE:
                checks.append(positive_data_acceptance)
            elif not name.startswith("gradio"):
                # Gradio's clients look for such errors in the stream of a call that has begun.
                checks.append(negative_data_rejection)
        try:
            answer = case.call(headers=self.headers)
            self.answered.add((name, answer.status_code))
            case.validate_response(answer, checks=checks)
        except FailureGroup as failures:
            self.wrong += [
                f"{operation.label} ({mode.value}): {one.title}: {one.message}"
                f" <- {case.body!r:.300} {case.path_parameters!r:.200} {case.query!r:.200}"
                for one in failures.exceptions
            ]

    def _mean_it(self, name: str, case: Any) -> None:
        """Let a request be of something that is there, and ask for something that works."""
        match name:
            case "casolaJob":
                case.path_parameters["job_id"] = self._post(
                    "/openai/v1/pii", {"model": "m", "input": "Ann Lee", "async": True}, "id"
                )
            case "gradioCall" | "gradioRun" | "gradioApi":
                case.path_parameters["name"] = "create_paste"
                case.body = {"data": ["Ann Lee"]}
            case "gradioCallV2":
                case.path_parameters["name"] = "create_paste"
                case.body = {"text": "Ann Lee", "ttl": "1h"}
            case "gradioCallEvents":
                case.path_parameters["event_id"] = self._begun()
            case "gradioCancel" | "gradioReset":
                case.body = {"event_id": self._begun()}
            case "gradioData":
                texts = [["Ann Lee"], ["", "never"], [5]]
                sent = {"session_hash": "s1", "fn_index": 0, "data": self.dice.choice(texts)}
                self._post(f"{GRADIO}/queue/join", sent, "event_id")
                case.query = {"session_hash": "s1"}

    def _begun(self) -> str:
        return self._post(f"{GRADIO}/call/create_paste", {"data": ["Ann Lee"]}, "event_id")

    def _post(self, path: str, body: Any, field: str) -> str:
        """Return a field of the answer; for who may not ask, an id of nothing."""
        answer = send(self.client, path, body, **self.headers)
        return str(answer.json().get(field, "0" * 32))


def repeats_nothing(context: Any, response: Any, case: Any) -> None:
    """Check that an error holds nothing that was sent."""
    if response.status_code >= 400 and isinstance(case.body, dict):
        for value in case.body.values():
            if isinstance(value, str) and len(value) > 5 and value in response.text:
                raise AssertionError("An error repeats what was sent.")


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize("who", CALLERS)
def test_every_answer_is_described(new_key: NewKeyMaker, who: str) -> None:
    known = CALLERS[who]
    sender = Sender(who, known if isinstance(known, str) else new_key(*known).bearer)
    loaded: Any = schemathesis.openapi.from_dict(copy.deepcopy(schema()))
    loaded.app = application
    for found in loaded.get_all_operations():
        for mode in (POSITIVE, NEGATIVE):
            make_requests(found.ok(), mode, sender.examples, sender.send)
    assert not sender.wrong, "\n\n".join(dict.fromkeys(sender.wrong))
    if who == "all":
        good = {name for name, status in sender.answered if status < 300}
        # The path of a result is nothing that can be made up.
        assert good == {name for name, _ in sender.answered} - {"gradioFile"}
