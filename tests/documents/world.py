"""The cast and their documents, read and cleaned by the real work, found by a chosen engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from documents import work
from documents.models import Document
from documents.services import create_document
from inference.worker import ScanWorker
from tests.chosen_engine import ChosenEngine

NAME = "Margarethe Lindqvist"
MAIL = "m.lindqvist@mail.example"
CARD = "4929 1234 5678 9012"
# The last with its space: four digits stand in the microseconds of a time now and then.
SECRETS = (NAME, MAIL, CARD, "Margarethe", "Lindqvist", "4929 ")
FILE_NAME = f"Letter of {NAME}.txt"
TEXT = f"Dear {NAME},\n\nyour card {CARD} was charged.\nWrite to {MAIL}.\n"


@dataclass(frozen=True)
class MadeDocument:
    """A document and the token that opens it."""

    pid: str
    token: str

    @property
    def row(self) -> Document:
        """The document as it stands now."""
        return Document.objects.select_related("envelope", "clean_envelope").get(pk=self.pid)


MakeDocument = Callable[..., MadeDocument]


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds what the cast wants hidden."""
    return ChosenEngine({NAME: "private_person", MAIL: "private_email", CARD: "account_number"})


@pytest.fixture
def scan(detector: ChosenEngine) -> Callable[[], int]:
    """A function that does all pending scans; returns how many."""

    def run() -> int:
        worker = ScanWorker()
        worker.engine = detector  # type: ignore[assignment]
        return worker.run_pending()

    return run


@pytest.fixture
def make_document(scan: Callable[[], int]) -> MakeDocument:
    """A function that makes a document and, unless told otherwise, does all work on it."""

    def make(
        content: bytes = TEXT.encode(), name: str = FILE_NAME, until: str = "clean", **options: Any
    ) -> MadeDocument:
        created = create_document(content=content, name=name, **options)
        if until in {"read", "scanned", "clean"}:
            work.run_pending()
        if until in {"scanned", "clean"}:
            scan()
        if until == "clean":
            work.run_pending()
        return MadeDocument(created.document.pid, created.token)

    return make
