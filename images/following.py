"""Bars that a person has changed, when the picture is hidden anew under a policy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anonymizer.corrections import Change
from documents import services
from documents.models import Document
from images.changes import with_change
from images.covered import spans_under
from images.services import in_text, in_whole, keep_bars, saved_bars
from inference.engine.spans import Span
from vault.envelope import DataKey


def follow_spans(
    document: Document, key: DataKey, text: str, before: Sequence[Span], spans: Sequence[Span]
) -> Sequence[Span]:
    """Change the bars as the spans have changed, and return the spans that they hide then.

    A bar that hides something else besides stays where it is. Bars that nobody has changed follow
    from the spans by themselves. Raises UnsealError, GoneError.
    """
    bars = saved_bars(document, key)
    if bars is None:
        return spans
    start, page = document.text_start, services.read_page(document, key, 1)
    words = text[start:]
    earlier, later = set(before), set(spans)
    change = Change(
        in_text([span for span in before if span not in later], start),
        in_text([span for span in spans if span not in earlier], start),
    )
    followed = with_change(bars, page, words, change)
    shown = _places(spans_under(page, words, bars.bars), words) - _places(
        spans_under(page, words, followed.bars), words
    )
    if shown - _places(change.removed, words):
        followed = with_change(bars, page, words, Change((), change.added))
    keep_bars(document, key, followed)
    named = [span for span in spans if span.start < start]
    return [*named, *in_whole(spans_under(page, words, followed.bars), start)]


def _places(spans: Iterable[Span], text: str) -> set[int]:
    """Return the characters of spans that can be seen."""
    return {
        place
        for span in spans
        for place in range(span.start, span.end)
        if not text[place].isspace()
    }
