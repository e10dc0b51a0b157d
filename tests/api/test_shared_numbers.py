"""Texts of programs under a policy that numbers alike in all items: its numbers, nothing kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from accounts.keys import NewKey
from accounts.models import Scope, User
from anonymizer.rules import Rules
from inference.worker import ScanWorker
from policies import services
from policies.models import Pseudonym
from policies.pseudonyms import Value, give_numbers, lend_numbers, numbers_of
from tests.api.wire import Beside, NewKeyMaker, chosen, committed, get, new_key, own_network, send
from tests.workspaces.cast import Team, make_team

__all__ = ("chosen", "new_key", "own_network")
pytestmark = committed
V1 = "/api/v1"
ANN, MAIL = Value("PERSON", "Ann Lee"), Value("EMAIL", "ann@mail.example")
TEXT = "Ann Lee, ann@mail.example"


@pytest.fixture
def crew(db: None) -> Team:
    """A team."""
    return make_team()


@pytest.fixture
def alice(crew: Team) -> User:
    """The owner of keys that name nobody."""
    return crew.people["olga"]


@pytest.fixture
def engine(chosen: Any) -> Iterator[Beside]:
    """The chosen engine at work."""
    with Beside(chosen) as beside:
        yield beside


@pytest.fixture
def policy(crew: Team) -> str:
    """A policy under which values have the same number everywhere; the workspace knows some."""
    _know(crew, Value("PERSON", "Bo Ek"), ANN)
    rules = Rules(shared_numbers=True)
    version = services.create_policy(
        workspace=crew.workspace, name="Alike", rules=rules, actor=crew.people["olga"]
    )
    return str(version.policy_id)


@pytest.fixture
def keys(crew: Team, new_key: NewKeyMaker) -> dict[str, NewKey]:
    """A key with all scopes for each of the cast who has an account."""
    return {who: new_key(*Scope, owner=person) for who, person in crew.people.items()}


def _know(crew: Team, *values: Value) -> dict[Value, int]:
    with transaction.atomic():
        return give_numbers(crew.workspace, values)[0]


@pytest.mark.usefixtures("engine")
def test_who_may_add_gets_the_workspace_s_numbers_and_leaves_nothing(
    client: Client, crew: Team, policy: str, keys: dict[str, NewKey]
) -> None:
    before = set(Pseudonym.objects.values_list("pk", flat=True))
    body = {"texts": ["ann@mail.example", TEXT, "Ann Lee again"], "policy": policy}
    answer = send(client, f"{V1}/batch", body, keys["eddie"]).json()
    said = [one["redacted_text"] for one in answer["results"]]
    assert said == ["[EMAIL_1]", "[PERSON_2], [EMAIL_1]", "[PERSON_2] again"]
    assert answer["results"][1]["entities"][0]["number"] == 2
    assert set(Pseudonym.objects.values_list("pk", flat=True)) == before
    assert numbers_of(crew.workspace, [MAIL]) == {}
    # A number that was lent is nobody else's, ever: the map of the workspace restores no other.
    assert _know(crew, Value("EMAIL", "bo@mail.example")) == {Value("EMAIL", "bo@mail.example"): 2}
    restoring = {"text": "[PERSON_2], [EMAIL_1]", "workspace": crew.wid}
    restored = send(client, f"{V1}/restore", restoring, keys["eddie"]).json()
    assert restored["text"] == "Ann Lee, [EMAIL_1]"


@pytest.mark.usefixtures("engine")
def test_who_may_only_open_gets_the_text_s_own(
    client: Client, policy: str, keys: dict[str, NewKey]
) -> None:
    answer = send(client, f"{V1}/redact", {"text": TEXT, "policy": policy}, keys["rita"])
    assert answer.json()["redacted_text"] == "[PERSON_1], [EMAIL_1]"


def test_a_job_has_them_too(
    client: Client, crew: Team, policy: str, keys: dict[str, NewKey], chosen: Any
) -> None:
    body = {"text": TEXT, "policy": policy, "wait": 0}
    job = send(client, f"{V1}/redact", body, keys["eddie"]).json()
    worker = ScanWorker()
    worker.engine = chosen
    worker.run_pending()
    answer = get(client, job["result"], keys["eddie"]).json()
    assert answer["redacted_text"] == "[PERSON_2], [EMAIL_1]"


def test_what_a_text_calls_itself_is_no_other_value_s_number(crew: Team) -> None:
    assert lend_numbers(crew.workspace, [MAIL], {"EMAIL_1", "EMAIL_2"}) == {MAIL: 3}
    assert lend_numbers(crew.workspace, [MAIL]) == {MAIL: 4}
    assert _know(crew, MAIL) == {MAIL: 5}
    assert lend_numbers(crew.workspace, [MAIL]) == {MAIL: 5}
