"""The cast and a PDF of two pages: read for real, scanned by a chosen engine, its clean file given.

alice owns it, bob was given its private link, charlie is signed in and a stranger, nobody is not
signed in. What the workers do in processes of their own is done here in the test's transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pymupdf
import pytest
from django.db import transaction
from django.test import Client

from documents import certificates, formats, services
from documents.formats.model import Check, Kind, ReadOptions
from documents.models import CleanState, Document, FileJob
from tests.documents.world import CARD, MAIL, NAME, SECRETS

PDF_NAME = f"Letter of {NAME}.pdf"
LINES = (
    (f"Dear {NAME},", f"your card {CARD} was charged.", "Kind regards"),
    (f"Write to {MAIL}, and ask for {NAME}.", "This is the second page."),
)
CLEAN = b"%PDF-1.7 a clean file\n"
__all__ = ("CARD", "MAIL", "NAME", "SECRETS")


@dataclass(frozen=True)
class Made:
    """A document and the token that opens it."""

    pid: str
    token: str

    def path(self, rest: str = "") -> str:
        """Return the path of one of its pages; the public one without `rest`."""
        return f"/documents/{self.pid}{rest}"

    @property
    def private(self) -> str:
        """Path of the private link."""
        return f"/documents/{self.pid}?token={self.token}"

    @property
    def row(self) -> Document:
        """The document as it is stored now."""
        return Document.objects.with_scan().get(pk=self.pid)


Make = Callable[..., Made]


def pdf(pages: tuple[tuple[str, ...], ...] = LINES) -> bytes:
    """Return a PDF with some lines on each page."""
    document = pymupdf.open()
    for lines in pages:
        page = document.new_page()
        for number, line in enumerate(lines):
            page.insert_text((72, 96 + 40 * number), line)
    return bytes(document.tobytes())


def give_clean_file(document: Document) -> None:
    """Do what the worker does once a clean file has passed its checks."""
    certificate = certificates.issue(
        kind=Kind(document.kind),
        source_sha256="0" * 64,
        clean_sha256=hashlib.sha256(CLEAN).hexdigest(),
        checkpoint="chosen 1.0",
        labels=["private_person", "private_email"],
        checks=[Check("text", 2), Check("pages", 2), Check("pictures left out", 7)],
        removed=["1 attachment was removed."],
    )
    with transaction.atomic():
        services.store_clean(document, document.revision, CLEAN, certificate)


@pytest.fixture
def make(scan: Callable[[], int]) -> Make:
    """A function that makes a document; until "received", "read", "scanned" or "clean"."""

    def make_document(
        content: bytes | None = None, name: str = PDF_NAME, until: str = "clean", **options: Any
    ) -> Made:
        content = pdf() if content is None else content
        created = services.create_document(content=content, name=name, **options)
        document = created.document
        if until != "received":
            key = document.envelope.open_with_token(created.token)
            services.submit_scan(document, key, formats.read(content, name, ReadOptions()))
            FileJob.objects.all().delete()
        if until in {"scanned", "clean"}:
            scan()
        if until == "clean":
            FileJob.objects.all().delete()
            give_clean_file(Document.objects.with_scan().get(pk=document.pk))
        return Made(document.pid, created.token)

    return make_document


def open_link(client: Client, document: Made) -> None:
    """Open a private link, as bob does."""
    assert client.get(document.private).status_code == 302


def block(document: Made, places: tuple[str, ...] = ("page 2",)) -> None:
    """Do what the worker does when a check found something."""
    sentence = "A hidden value was still found in the clean file, so it is not handed out."
    services.block_clean(document.row, CleanState.BLOCKED, sentence, places)


def body_of(response: Any) -> bytes:
    """Return what an answer holds, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content
