"""Made requests against the whole native API: none fails, none is answered in an unknown way.

For a long run: BLACKBAR_FUZZ=200 ./test tests/api/test_schema_fuzz.py
"""

from __future__ import annotations

import copy
import functools
import json
import random
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from pytest_django import Settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from accounts.keys import NewKey
from accounts.models import Scope, User
from api.schema.serve import schema
from config.wsgi import application
from pastebin.services import create_paste
from tests.api.description import tightened
from tests.api.made_requests import EXAMPLES, NEGATIVE, POSITIVE, make_requests
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    new_key,
    own_network,
)
from tests.documents.world import MakeDocument, detector, make_document, scan

__all__ = (
    "alice", "chosen", "chosen_at_work", "detector", "make_document", "new_key", "own_network",
    "scan",
)  # fmt: skip
pytestmark = committed
SHAPE = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]
# Who calls: the scopes of the key, None without one; requests that fit the description, and others.
CALLERS = {
    "all": (tuple(Scope), EXAMPLES, EXAMPLES),
    "nobody": (None, max(1, EXAMPLES // 3), max(1, EXAMPLES // 3)),
    **{scope.value: ((scope,), max(1, EXAMPLES // 6), 0) for scope in Scope},
}
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8"
    "ffff3f0005fe02fea7a61ef60000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def described() -> Any:
    """The description as schemathesis reads it; answers may hold nothing that it does not name."""
    document = copy.deepcopy(schema())
    for name, component in document["components"]["schemas"].items():
        if not name.endswith("Request"):
            document["components"]["schemas"][name] = tightened(component)
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app = application
    return loaded


@dataclass(frozen=True, slots=True)
class Things:
    """What there is for requests to name: ids by kind, and tokens that open some of them."""

    ids: dict[str, list[str]]
    tokens: list[str]


@pytest.fixture
def things(alice: User, make_document: MakeDocument, scan: Callable[[], int]) -> Things:
    """Pastes and documents in several states, of alice and of nobody."""
    pastes = [
        create_paste(text="Ann Lee", title="of Ann", owner=alice),
        create_paste(text="Ann Lee", owner=alice, burn=True),
        create_paste(text="Ann Lee"),
    ]
    scan()
    documents = [
        make_document(owner=alice),
        make_document(),
        make_document(b"\x7fELF" + bytes(100), "x.pdf", owner=alice),
        make_document(until="received", owner=alice),
    ]
    unknown = "AAAAAAAAAAAAAAAA"
    return Things(
        {
            "pastes": [unknown, *(made.paste.pid for made in pastes)],
            "documents": [unknown, *(made.pid for made in documents)],
            "images": [unknown, documents[3].pid],
        },
        [*(made.token for made in pastes), *(made.token for made in documents)],
    )


@pytest.fixture(autouse=True)
def no_limits(settings: Settings) -> None:
    """Nothing is counted, and nobody waits long."""
    settings.API_ANONYMOUS_PER_MINUTE = 0
    settings.API_WAIT_SECONDS = 0.2
    settings.MAX_PASTE_CHARACTERS = 5000


@dataclass(slots=True)
class Sender:
    """Sends made requests of one caller and keeps what is wrong with their answers."""

    things: Things
    key: NewKey | None
    dice: random.Random
    wrong: list[str]

    def send(self, case: Any, mode: GenerationMode) -> None:
        """Send a request, to something that exists where its address names something."""
        operation = case.operation
        ids = self.things.ids.get(operation.path.split("/")[3])
        names_a_thing = "pid" in (case.path_parameters or {})
        if ids and names_a_thing:
            case.path_parameters["pid"] = self.dice.choice(ids)
        checks = [*SHAPE, repeats_nothing]
        if self.key is not None and set(self.key.key.scopes) == set(Scope):
            if mode is POSITIVE:
                make_acceptable(case)
                checks.append(positive_data_acceptance)
            elif not names_a_thing:
                checks.append(negative_data_rejection)
        try:
            case.validate_response(case.call(headers=self._headers()), checks=checks)
        except FailureGroup as failures:
            self.wrong += [
                f"{operation.label} ({mode.value}): {one.title}: {one.message}"
                f" <- {case.body!r:.300} {case.query!r:.200}"
                for one in failures.exceptions
            ]

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.key.bearer}"} if self.key else {}
        if self.dice.random() < 0.4:
            headers["Reveal-Token"] = self.dice.choice(self.things.tokens)
        return headers


def make_acceptable(case: Any) -> None:
    """Give a request what a description cannot ask for: times to come, pictures, real cursors.

    Nor workspaces and policies that are there, and rules that make sense.

    And no key of an earlier request, under which another body is refused.
    """
    (case.query or {}).pop("cursor", None)
    (case.query or {}).pop("workspace", None)
    (case.headers or {}).pop("Idempotency-Key", None)
    if not isinstance(case.body, dict):
        return
    if case.body.get("expires_at"):
        case.body["expires_at"] = (timezone.now() + timedelta(days=1)).isoformat()
    if "file" in case.body:
        is_picture = case.operation.path.endswith("/images")
        case.body["file"] = PICTURE if is_picture else b"Ann Lee called."
    if "url" in case.body:
        case.body["url"] = "https://1.1.1.1/hook"
    case.body.pop("policy", None)
    if "workspace" in case.body:
        case.body["workspace"] = "personal"
    if "rules" in case.body or case.operation.path.endswith("/try"):
        # Patterns are expressions, and names of categories have letters.
        case.body["rules"] = {"operators": {"private_person": "mask"}}
    if "/policies" in case.operation.path and "name" in case.body:
        case.body["name"] = uuid.uuid4().hex
    if "note" in case.body:
        case.body["note"] = "Made by a test"
    for name, value in case.body.items():
        # JSON Schema takes 5.0 for an integer; no program writes one so.
        if isinstance(value, float) and value.is_integer() and name != "wait":
            case.body[name] = int(value)


def repeats_nothing(context: Any, response: Any, case: Any) -> None:
    """Check that a problem document holds nothing that was sent."""
    if response.status_code < 400:
        return
    answer = json.dumps(json.loads(response.text), ensure_ascii=False)
    for value in strings_of([case.body, case.query, case.path_parameters, case.headers]):
        said = value.strip()
        if len(said) > 5 and said in answer and said not in vocabulary():
            raise AssertionError(f"A problem document repeats {said!r}.")


def strings_of(value: Any) -> Iterator[str]:
    """Yield every string in a value, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from strings_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings_of(one)


@functools.cache
def vocabulary() -> str:
    """Return all words of the description, which a problem may use whatever was sent."""
    return re.sub(r"\s+", " ", json.dumps(schema(), ensure_ascii=False))


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize("who", CALLERS)
def test_every_answer_is_described_and_repeats_nothing(
    described: Any, things: Things, new_key: NewKeyMaker, who: str
) -> None:
    scopes, fitting, others = CALLERS[who]
    sender = Sender(things, new_key(*scopes) if scopes else None, random.Random(7731), [])
    for found in described.get_all_operations():
        for mode, count in ((POSITIVE, fitting), (NEGATIVE, others)):
            if count:
                make_requests(found.ok(), mode, count, sender.send)
    assert not sender.wrong, "\n\n".join(dict.fromkeys(sender.wrong))
