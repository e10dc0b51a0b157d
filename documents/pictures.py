"""Pictures among documents: what is painted over them, and barcodes, which are hidden whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from documents.formats.model import Block, Extracted, Hidden, Kind, Role, SolidBar
from documents.models import Document
from inference.engine.spans import Span
from vault.envelope import DataKey

# Returns the bars that a person has changed, None where nobody has.
BarsReader = Callable[[Document, DataKey], tuple[SolidBar, ...] | None]
_readers: list[BarsReader] = []


def register_bars(reader: BarsReader) -> None:
    """Let an app say which bars were changed by hand. Called once, as the app starts."""
    if reader not in _readers:
        _readers.append(reader)


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
