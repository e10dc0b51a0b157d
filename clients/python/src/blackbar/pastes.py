"""Pastes: texts that are shared redacted, with a private link to the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypedDict, Unpack
from uuid import uuid4

from blackbar import sharing
from blackbar.answers import Fields
from blackbar.documents import OperatingPoint, paging
from blackbar.errors import DeadlineError, DocumentFailedError
from blackbar.jobs import DEFAULT_TIMEOUT_SECONDS, Waiting
from blackbar.sharing import Expiry, Link
from blackbar.spans import Edit, Span, correction, spans_from
from blackbar.steps import Request, Steps, address, encoded

_PASTES = "pastes"


class PasteOptions(TypedDict, total=False):
    """How a text is shared; the API's documentation says what each means.

    burn: the private link opens the original once, which destroys the paste
    wait: seconds that the server holds the request for the paste to get ready
    """

    title: str
    style: Literal["placeholder", "numbered", "mask"]
    operating_point: OperatingPoint
    expires: Expiry
    burn: bool
    wait: float


@dataclass(frozen=True, slots=True)
class PasteSpan:
    """A hidden place of a redacted text, in code points, half-open."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True, repr=False)
class Paste:
    """A paste, as everybody may see it.

    state:        "scanning", "ready" or "failed"
    text:         redacted, title first; None until it is ready, and in lists
    text_start:   where the text begins behind its title
    reveal_token: opens the original; only the answer that made the paste, or its link, has it
    private_url:  the link with that token
    """

    id: str
    state: str
    style: str
    title: str | None
    counts: Mapping[str, int]
    percent: int | None
    position: int | None
    revision: int
    created_at: datetime
    expires_at: datetime | None
    public_url: str
    text: str | None
    text_start: int | None
    spans: tuple[PasteSpan, ...]
    reveal_token: str | None = None
    private_url: str | None = None

    def __repr__(self) -> str:
        return f"<Paste {self.id}, {self.state}>"


@dataclass(frozen=True, slots=True, repr=False)
class OriginalPaste:
    """What was pasted, title first, and what of it is private."""

    revision: int
    text: str
    text_start: int
    spans: tuple[Span, ...]

    def __repr__(self) -> str:
        return f"<OriginalPaste, revision {self.revision}, {len(self.spans)} spans>"


@dataclass(frozen=True, slots=True)
class PastePage:
    """A part of a list. next_cursor: for the part after it; None after the last"""

    pastes: tuple[Paste, ...]
    next_cursor: str | None


Which = Paste | str


def create(
    text: str, *, idempotency_key: str | None = None, **options: Unpack[PasteOptions]
) -> Steps[Paste]:
    """Share a text. Raises InvalidError, ForbiddenError, ProblemError, TransportError."""
    answer = yield Request(
        "POST",
        address(_PASTES),
        body=encoded({**options, "text": text}),
        headers={"Idempotency-Key": idempotency_key or uuid4().hex},
        is_repeatable=True,
    )
    return _paste_from(Fields(answer.json()))


def get(paste: Which) -> Steps[Paste]:
    """Return a paste with its redacted text. Raises NotFoundError, ProblemError, TransportError."""
    answer = yield Request("GET", address(_PASTES, _id_of(paste)), is_repeatable=True)
    fresh = _paste_from(Fields(answer.json()))
    if isinstance(paste, Paste):
        return replace(fresh, reveal_token=paste.reveal_token, private_url=paste.private_url)
    return fresh


def wait(paste: Which, *, timeout: float = DEFAULT_TIMEOUT_SECONDS) -> Steps[Paste]:
    """Wait until a paste is ready.

    timeout: in seconds
    Raises DocumentFailedError, DeadlineError, ProblemError, TransportError.
    """
    waiting = Waiting(timeout)
    while True:
        now = yield from get(paste)
        if now.state == "failed":
            raise DocumentFailedError(
                "The text could not be scanned.", id=now.id, code="scan_failed"
            )
        if now.state == "ready":
            return now
        pause = waiting.pause(None)
        if pause is None:
            raise DeadlineError("The paste is not done in time. It goes on.", id=now.id)
        yield pause


def list_pastes(*, cursor: str | None = None, limit: int | None = None) -> Steps[PastePage]:
    """Return one's own pastes, newest first; takes a key with the scope read.

    cursor: of the part of the list before
    Raises ProblemError, TransportError.
    """
    answer = yield Request("GET", address(_PASTES), query=paging(cursor, limit), is_repeatable=True)
    told = Fields(answer.json())
    pastes = [_paste_from(one) for one in told.objects("pastes")]
    return PastePage(tuple(pastes), told.text_or_none("next_cursor"))


def original(paste: Which, *, reveal_token: str | None = None) -> Steps[OriginalPaste]:
    """Return the original, for who may open it.

    Raises NotFoundError, NotReadyError, ConflictError for one that burns, TransportError.
    """
    where, headers = address(_PASTES, _id_of(paste), "spans"), _opening(paste, reveal_token)
    answer = yield Request("GET", where, headers=headers, is_repeatable=True)
    return _original_from(Fields(answer.json()))


def burn(paste: Which, *, reveal_token: str | None = None) -> Steps[OriginalPaste]:
    """Return the original of a paste that opens once, and destroy the paste.

    Raises NotFoundError, ConflictError for one that does not burn, TransportError.
    """
    where, headers = address(_PASTES, _id_of(paste), "opening"), _opening(paste, reveal_token)
    answer = yield Request("POST", where, headers=headers, body=b"{}")
    return _original_from(Fields(answer.json()))


def correct(
    paste: Which,
    edits: Sequence[Edit],
    *,
    revision: int,
    all_mentions: bool = False,
    reveal_token: str | None = None,
) -> Steps[OriginalPaste]:
    """Correct the spans; the redacted text follows at once.

    revision:     of the original that the edits speak of
    all_mentions: each edit goes for every place that reads the same
    Raises ConflictError, InvalidError, NotFoundError, ProblemError, TransportError.
    """
    answer = yield Request(
        "POST",
        address(_PASTES, _id_of(paste), "spans"),
        headers=_opening(paste, reveal_token),
        body=encoded(correction(edits, revision, all_mentions)),
    )
    return _original_from(Fields(answer.json()))


def retry(paste: Which, *, reveal_token: str | None = None) -> Steps[Paste]:
    """Have a paste scanned again whose scan failed; nothing happens to another.

    Raises NotFoundError, ProblemError, TransportError.
    """
    where, headers = address(_PASTES, _id_of(paste), "retry"), _opening(paste, reveal_token)
    answer = yield Request("POST", where, headers=headers, body=b"{}")
    return _paste_from(Fields(answer.json()))


def new_link(paste: Which) -> Steps[Link]:
    """Make another private link; the one before stops. For the owner, with the scope reveal.

    Raises NotFoundError, ConflictError, ProblemError, TransportError.
    """
    return (yield from sharing.new_link(_PASTES, _id_of(paste)))


def revoke_link(paste: Which) -> Steps[None]:
    """Make the private link stop. Raises NotFoundError, ProblemError, TransportError."""
    yield from sharing.revoke_link(_PASTES, _id_of(paste))


def set_expiry(paste: Which, end: Expiry | datetime) -> Steps[datetime | None]:
    """Set when a paste ends, and return it; None is never.

    end: a choice, or a moment with its zone
    Raises InvalidError, NotFoundError, ProblemError, TransportError.
    """
    return (yield from sharing.set_expiry(_PASTES, _id_of(paste), end))


def delete(paste: Which, *, reveal_token: str | None = None) -> Steps[None]:
    """Delete a paste with its keys. Raises NotFoundError, ProblemError, TransportError."""
    where, headers = address(_PASTES, _id_of(paste)), _opening(paste, reveal_token)
    yield Request("DELETE", where, headers=headers, is_repeatable=True)


def _id_of(paste: Which) -> str:
    return paste.id if isinstance(paste, Paste) else paste


def _opening(paste: Which, reveal_token: str | None) -> dict[str, str]:
    if reveal_token is None and isinstance(paste, Paste):
        reveal_token = paste.reveal_token
    return {"Reveal-Token": reveal_token} if reveal_token else {}


def _paste_from(told: Fields) -> Paste:
    spans = [
        PasteSpan(one.whole("start"), one.whole("end"), one.text("label"))
        for one in told.objects("spans")
    ]
    return Paste(
        id=told.text("id"),
        state=told.text("state"),
        style=told.text("style"),
        title=told.text_or_none("title"),
        counts=told.counts("counts"),
        percent=told.whole_or_none("percent"),
        position=told.whole_or_none("position"),
        revision=told.whole("revision"),
        created_at=told.time("created_at"),
        expires_at=told.time_or_none("expires_at"),
        public_url=told.text("public_url"),
        text=told.text_or_none("redacted_text"),
        text_start=told.whole_or_none("text_start"),
        spans=tuple(spans),
        reveal_token=told.text_or_none("reveal_token"),
        private_url=told.text_or_none("private_url"),
    )


def _original_from(told: Fields) -> OriginalPaste:
    return OriginalPaste(
        revision=told.whole("revision"),
        text=told.text("text"),
        text_start=told.whole("text_start"),
        spans=spans_from(told),
    )
