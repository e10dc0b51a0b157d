"""What a document is, as the server tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blackbar.answers import Fields
from blackbar.spans import Span, spans_from


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is. percent, position: None where they cannot be told"""

    stage: str
    done: int
    total: int
    position: int | None
    percent: int | None


@dataclass(frozen=True, slots=True, repr=False)
class CleanFile:
    """How far the clean file is.

    state:       "none", "making", "ready", "blocked" or "failed"
    places:      where a private value was found in it, if it is blocked
    certificate: signed; None until it is ready
    """

    state: str
    places: tuple[Any, ...]
    certificate: Mapping[str, Any] | None

    def __repr__(self) -> str:
        return f"<CleanFile, {self.state}>"


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A document, as everybody may see it.

    state:        "received", "scanning", "ready" or "failed"
    name:         redacted; empty until it is ready, and so are the fields after it
    reveal_token: opens the original; only the answer to an upload has it
    """

    id: str
    state: str
    kind: str | None
    progress: Progress
    revision: int
    created_at: datetime
    expires_at: datetime | None
    public_url: str
    error_code: str
    name: str
    pages: int | None
    counts: Mapping[str, int]
    notes: tuple[Any, ...]
    clean: CleanFile | None
    reveal_token: str | None = None

    def __repr__(self) -> str:
        return f"<Document {self.id}, {self.state}>"


@dataclass(frozen=True, slots=True, repr=False)
class OriginalDocument:
    """What stands in a file, and what of it is private. blocks: role, start, end and page"""

    name: str
    revision: int
    text: str
    spans: tuple[Span, ...]
    blocks: tuple[Mapping[str, Any], ...]

    def __repr__(self) -> str:
        return f"<OriginalDocument, revision {self.revision}, {len(self.spans)} spans>"


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A part of a list. next_cursor: for the part after it; None after the last"""

    documents: tuple[Document, ...]
    next_cursor: str | None


def document_from(told: Fields) -> Document:
    """Return a document of an answer. Raises UnexpectedAnswerError."""
    error, clean = told.inner("error"), told.inner("clean_file")
    return Document(
        id=told.text("id"),
        state=told.text("state"),
        kind=told.text_or_none("kind"),
        progress=_progress_from(told.inner("progress") or Fields({})),
        revision=told.whole("revision"),
        created_at=told.time("created_at"),
        expires_at=told.time_or_none("expires_at"),
        public_url=told.text("public_url"),
        error_code=(error.text_or_none("code") or "") if error else "",
        name=told.text_or_none("name") or "",
        pages=told.whole_or_none("pages"),
        counts=told.counts("counts"),
        notes=tuple(told.listed("notes")),
        clean=_clean_from(clean) if clean else None,
        reveal_token=told.text_or_none("reveal_token"),
    )


def original_from(told: Fields) -> OriginalDocument:
    """Return an original of an answer. Raises UnexpectedAnswerError."""
    return OriginalDocument(
        name=told.text("name"),
        revision=told.whole("revision"),
        text=told.text("text"),
        spans=spans_from(told),
        blocks=tuple(told.listed("blocks")),
    )


def _progress_from(told: Fields) -> Progress:
    return Progress(
        stage=told.text_or_none("stage") or "",
        done=told.whole_or_none("done") or 0,
        total=told.whole_or_none("total") or 0,
        position=told.whole_or_none("position"),
        percent=told.whole_or_none("percent"),
    )


def _clean_from(told: Fields) -> CleanFile:
    return CleanFile(told.text("state"), tuple(told.listed("places")), told.plain("certificate"))
