"""Wrong reveal tokens of programs are counted where wrong private links are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from api.schema.serve import schema
from documents.formats.model import Kind
from documents.models import Document
from documents.services import create_document
from pastebin.services import create_paste
from tests.api.wire import alice, own_network

__all__ = ("alice", "own_network")
pytestmark = pytest.mark.django_db
HERE, THERE = "192.0.2.1", "198.51.100.7"
MOST = 3


@dataclass(frozen=True, slots=True)
class Made:
    """An item with its token.

    address: what only who may open the original may ask for
    page:    what anybody may see
    """

    address: str
    page: str
    token: str


@pytest.fixture(autouse=True)
def few(settings: Settings) -> None:
    settings.WRONG_LINKS_PER_MINUTE = MOST


def _paste(owner: User | None = None) -> Made:
    created = create_paste(text="Nothing to hide.", owner=owner)
    pid = created.paste.pid
    return Made(f"/api/v1/pastes/{pid}/retry", f"/view/{pid}", created.token)


def _document() -> Made:
    created = create_document(content=b"Nothing to hide.", name="a.txt")
    pid = created.document.pid
    return Made(f"/api/v1/documents/{pid}/source", f"/documents/{pid}", created.token)


def _picture() -> Made:
    made = _document()
    Document.objects.update(kind=Kind.PICTURE)
    return Made(made.address.replace("documents", "images"), made.page, made.token)


def _ask(
    address: str, token: str | None, *, network: str = HERE, person: User | None = None
) -> Any:
    client, headers = Client(), {} if token is None else {"Reveal-Token": token}
    if person is not None:
        client.force_login(person)
    method = client.post if address.endswith("/retry") else client.get
    return method(address, headers=headers, REMOTE_ADDR=network)


def _guess_often(address: str, network: str = HERE) -> None:
    for guess in range(MOST):
        assert _ask(address, f"guess {guess}", network=network).status_code == 404


def _assert_later(answer: Any) -> None:
    assert (answer.status_code, answer["Content-Type"]) == (429, "application/problem+json")
    assert answer.json()["code"] == "rate_limited"
    assert 0 < int(answer["Retry-After"]) <= 60


@pytest.mark.parametrize("make", [_paste, _document, _picture])
def test_wrong_tokens_wait_and_right_ones_never(make: Callable[[], Made]) -> None:
    made = make()
    _guess_often(made.address)
    _assert_later(_ask(made.address, "again"))
    assert _ask(made.address, made.token).status_code in {200, 202}
    assert _ask(made.address, "again", network=THERE).status_code == 404
    # Without a token nothing is guessed.
    assert _ask(made.address, None).status_code == 404


def test_links_and_tokens_are_one_count() -> None:
    made = _paste()
    for guess in range(MOST):
        assert Client().get(f"{made.page}?token={guess}", REMOTE_ADDR=HERE).status_code == 200
    _assert_later(_ask(made.address, "again"))
    _guess_often(made.address, network=THERE)
    assert Client().get(f"{made.page}?token=again", REMOTE_ADDR=THERE).status_code == 429


def test_the_limit_does_not_tell_what_there_is() -> None:
    made, nowhere = _paste(), "/api/v1/pastes/AAAAAAAAAAAAAAAA/retry"
    _guess_often(nowhere)
    _assert_later(_ask(made.address, "again"))
    _guess_often(made.address, network=THERE)
    _assert_later(_ask(nowhere, "again", network=THERE))


def test_a_member_is_not_refused_for_a_wrong_token(alice: User) -> None:
    made = _paste(alice)
    _guess_often(made.address)
    _assert_later(_ask(made.address, "again"))
    for _ in range(MOST):
        assert _ask(made.address, "old", person=alice).status_code == 202


def test_without_valkey_nothing_is_counted(settings: Settings) -> None:
    made = _document()
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    for _ in range(MOST + 1):
        assert _ask(made.address, "wrong").status_code == 404


def test_each_address_that_takes_a_token_says_so() -> None:
    opened = [
        operation
        for methods in schema()["paths"].values()
        for operation in methods.values()
        if isinstance(operation, dict) and {"revealToken": []} in operation.get("security", ())
    ]
    assert len(opened) > 10
    for operation in opened:
        described = operation["responses"]["429"]
        assert "rate_limited" in described["description"]
        assert "Retry-After" in described["headers"]
