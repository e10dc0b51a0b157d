"""The cast that every address faces, and how they knock.

alice owns, bob was given the private link, charlie is signed in and a stranger, nobody is not
signed in.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

import pytest
from django.test import Client

from accounts.models import User
from inference import status

CAST = ("alice", "bob", "charlie", "nobody")
STRANGERS = ("charlie", "nobody")
UNKNOWN = "AAAAAAAAAAAAAAAA"
SPANS = json.dumps(
    {"revision": 0, "edits": [{"op": "add", "start": 0, "end": 6, "label": "secret"}]}
)
Visitors = dict[str, Client]


class Row(NamedTuple):
    """What each of the cast is answered; "login" leads to sign-in, "public" to the public page."""

    method: str
    alice: int | str
    bob: int | str
    charlie: int | str
    nobody: int | str
    data: Any = None
    shows_original: bool = False

    def call(self, client: Client, path: str, method: str | None = None) -> Any:
        """Ask as the row says, or by another method."""
        if (method or self.method) == "GET":
            return client.get(path)
        if isinstance(self.data, str):
            return client.post(path, self.data, content_type="application/json")
        return client.post(path, self.data)


def assert_look_alike(forbidden: Any, unknown: Any, pid: str, name: str) -> None:
    """Assert that a stranger learns from neither answer which item exists."""
    if forbidden.status_code == 200:
        assert unknown.status_code == 404, name
        return
    assert unknown.status_code == forbidden.status_code, name
    assert unknown.content == forbidden.content, name
    assert set(unknown.headers) == set(forbidden.headers), name
    if "Location" in forbidden:
        assert forbidden["Location"].replace(pid, UNKNOWN) == unknown["Location"], name


def token_in(response: Any) -> str | None:
    """Return the token of the private link that a page shows, or None."""
    found = re.search(r"\?token=([\w-]+)", response.content.decode())
    return found[1] if found else None


@pytest.fixture(autouse=True)
def fresh_status(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of the detector is not carried from test to test."""
    monkeypatch.setattr(status, "_kept", None)


@pytest.fixture
def alice() -> User:
    """The owner."""
    return User.objects.create_user("alice")


@pytest.fixture
def charlie() -> User:
    """A stranger who is signed in."""
    return User.objects.create_user("charlie")


@pytest.fixture
def visitors(alice: User, charlie: User) -> Visitors:
    """A browser for each of the cast; bob still has to open his link."""
    cast = {name: Client() for name in CAST}
    cast["alice"].force_login(alice)
    cast["charlie"].force_login(charlie)
    return cast
