"""Pictures among documents: what is painted over them, and barcodes, which are hidden whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from documents.formats.model import Block, Extracted, Hidden, Kind, Role, SolidBar
from documents.models import Document
from inference.engine.spans import Span
from vault.envelope import DataKey

# Returns the bars that a person has changed, None where nobody has.
BarsReader = Callable[[Document, DataKey], tuple[SolidBar, ...] | None]
# Lets bars that a person has changed follow other spans, with offsets into the whole text.
# Returns the spans under them: (document, key, text, spans before, spans now).
Follower = Callable[[Document, DataKey, str, Sequence[Span], Sequence[Span]], Sequence[Span]]
_readers: list[BarsReader] = []
_followers: list[Follower] = []


def register_bars(reader: BarsReader) -> None:
    """Let an app say which bars were changed by hand. Called once, as the app starts."""
    if reader not in _readers:
        _readers.append(reader)


def register_follower(follower: Follower) -> None:
    """Let an app change bars when spans change. Called once, as the app starts."""
    if follower not in _followers:
        _followers.append(follower)


def follow(
    document: Document, key: DataKey, text: str, before: Sequence[Span], spans: Sequence[Span]
) -> Sequence[Span]:
    """Return the spans that are hidden once a picture's bars have followed them.

    before: what was hidden. Other documents have no bars: theirs come back as they are.
    """
    if document.kind == Kind.PICTURE:
        for follower in _followers:
            spans = follower(document, key, text, before, spans)
    return spans


def bars_for(
    document: Document, key: DataKey, extracted: Extracted, hidden: Sequence[Hidden]
) -> tuple[SolidBar, ...] | None:
    """Return what is painted over a picture; None for other kinds of files."""
    if extracted.kind is not Kind.PICTURE:
        return None
    for reader in _readers:
        if (bars := reader(document, key)) is not None:
            return bars
    return default_bars(extracted, hidden)


def default_bars(extracted: Extracted, hidden: Sequence[Hidden]) -> tuple[SolidBar, ...] | None:
    """Return what is painted over a picture that nobody changed; None for other kinds of files."""
    if extracted.kind is not Kind.PICTURE:
        return None
    from documents.formats.picture.bars import bars_of

    return bars_of(extracted, hidden)


def with_barcodes(
    spans: Sequence[Span], blocks: Sequence[Block], text: str, *, start: int = 0
) -> list[Span]:
    """Return the spans with each barcode as one of them, in the place of those in it.

    start: offset of the file's text, of which the blocks speak, in `text`
    """
    codes = [
        Span(
            start + block.start,
            start + block.end,
            _label(text[start + block.start : start + block.end]),
            detector="rule",
            reason="Any phone reads this code.",
        )
        for block in blocks
        if block.role is Role.BARCODE
    ]
    others = [span for span in spans if not any(span.overlaps(code) for code in codes)]
    return sorted([*others, *codes], key=lambda span: span.start)


def _label(said: str) -> str:
    return "private_url" if said.lower().startswith(("http://", "https://")) else "account_number"
