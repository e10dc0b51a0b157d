"""The cast and a picture, read by the real OCR, found by a chosen engine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from documents import sandbox
from documents.formats.model import ReadOptions
from documents.formats.survivors import HiddenValues
from tests.chosen_engine import ChosenEngine
from tests.documents.world import MadeDocument, MakeDocument, make_document, scan
from tests.images.drawn import CARD, MAIL, NAME, encoded, letter

__all__ = ("make_document", "scan")

MakePicture = Callable[..., MadeDocument]
Visitors = dict[str, Client]


_remembered: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _each_picture_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remember what the child answered for the same bytes and wishes: OCR takes seconds."""
    for name in ("read", "write_clean", "verify"):
        monkeypatch.setattr(sandbox, name, _remembering(name, getattr(sandbox, name)))


def _remembering(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    def answer(*args: Any, **options: Any) -> Any:
        asked = [_as_asked(value) for value in (*args, *options.values())]
        wish = hashlib.sha256(repr([name, *asked]).encode()).hexdigest()
        if wish not in _remembered:
            _remembered[wish] = call(*args, **options)
        return _remembered[wish]

    return answer


def _as_asked(value: Any) -> Any:
    if isinstance(value, ReadOptions):
        return value.limits, value.password, value.languages
    if isinstance(value, HiddenValues):
        return value.folded_values
    return None if callable(value) else value


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds what is private in the letter."""
    return ChosenEngine({NAME: "private_person", MAIL: "private_email", CARD: "account_number"})


@pytest.fixture
def make_picture(make_document: MakeDocument) -> MakePicture:
    """A function that makes a picture and does all work on it, unless told otherwise."""

    def make(
        content: bytes | None = None, name: str = "letter.png", **options: object
    ) -> MadeDocument:
        return make_document(content or encoded(letter()), name, **options)

    return make


@pytest.fixture
def picture(make_picture: MakePicture, alice: User) -> MadeDocument:
    """A picture of alice's, clean."""
    return make_picture(owner=alice)


@pytest.fixture
def alice() -> User:
    """Who owns the picture."""
    return User.objects.create_user("alice")


@pytest.fixture
def visitors(alice: User, picture: MadeDocument) -> Visitors:
    """The cast: alice owns, bob holds the private link, charlie is a stranger, nobody too."""
    cast = {name: Client() for name in ("alice", "bob", "charlie", "nobody")}
    cast["alice"].force_login(alice)
    cast["charlie"].force_login(User.objects.create_user("charlie"))
    answer = cast["bob"].get(f"/documents/{picture.pid}?token={picture.token}", follow=True)
    assert answer.status_code == 200
    return cast
