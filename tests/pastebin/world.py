"""The cast and their pastes.

alice owns pastes, bob was given a private link, charlie is signed in and a stranger, nobody is
not signed in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from inference.worker import ScanWorker
from pastebin.models import Paste
from pastebin.services import create_paste
from tests.chosen_engine import ChosenEngine

NAME = "Margarethe Lindqvist"
MAIL = "m.lindqvist@mail.example"
CARD = "4929 1234 5678 9012"
# The last with its space: four digits stand in the microseconds of a time now and then.
SECRETS = (NAME, MAIL, CARD, "Margarethe", "Lindqvist", "4929 ")
TITLE = f"Ticket of {NAME}"
TEXT = (
    f"Customer {NAME} wrote from {MAIL}.\n\n"
    f"2026-03-14 16:02 card={CARD} name={NAME}\n2026-03-14 16:03 state=closed\n\n"
    f"Please call {NAME} back."
)
# For tests in which something must be committed: threads, caches, hooks on commit.
committed = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))


@dataclass(frozen=True)
class Made:
    """A paste and the token that opens it."""

    pid: str
    token: str

    @property
    def public(self) -> str:
        """Path of the public page."""
        return f"/view/{self.pid}"

    @property
    def raw(self) -> str:
        """Path of the plain text."""
        return f"/view/{self.pid}/raw"

    @property
    def api(self) -> str:
        """Path of the JSON."""
        return f"/api/paste/{self.pid}"

    @property
    def private(self) -> str:
        """Path of the private link."""
        return f"/view/{self.pid}?token={self.token}"

    @property
    def original(self) -> str:
        """Path of the page with the original."""
        return f"/view/{self.pid}/original"

    @property
    def links(self) -> str:
        """Path of the progress and links page."""
        return f"/view/{self.pid}/links"

    @property
    def row(self) -> Paste:
        """The paste as it is stored now."""
        return Paste.objects.with_scan().get(pk=self.pid)

    @property
    def exists(self) -> bool:
        """Say whether the paste is stored."""
        return Paste.objects.filter(pk=self.pid).exists()


Make = Callable[..., Made]
Scan = Callable[[], int]


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds what the cast wants hidden."""
    return ChosenEngine({NAME: "private_person", MAIL: "private_email", CARD: "account_number"})


@pytest.fixture
def scan(detector: ChosenEngine) -> Scan:
    """A function that does all pending scans; returns how many."""

    def run() -> int:
        worker = ScanWorker()
        worker.engine = detector  # type: ignore[assignment]
        return worker.run_pending()

    return run


@pytest.fixture
def make(scan: Scan) -> Make:
    """A function that makes a paste and, unless told otherwise, has it scanned."""

    def make_paste(text: str = TEXT, *, scanned: bool = True, **options: Any) -> Made:
        created = create_paste(text=text, **options)
        if scanned:
            scan()
        return Made(created.paste.pid, created.token)

    return make_paste


def submit(client: Client, **fields: Any) -> Any:
    """Send the compose form; returns the response."""
    defaults = {
        "text": TEXT,
        "expires": "7d",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    return client.post("/", defaults | fields)


def made_by(client: Client, **fields: Any) -> str:
    """Send the compose form and return the new paste's id."""
    response = submit(client, **fields)
    assert response.status_code == 302, response.content
    found = re.fullmatch(r"/view/([\w-]{16})/links", response["Location"])
    assert found
    return found[1]


def open_link(client: Client, paste: Made) -> None:
    """Open a private link, as bob does."""
    assert client.get(paste.private).status_code == 302
