"""What a correction changes on the page of a document, so that only that is sent."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from anonymizer.reading import Marked, OriginalSpan
from documents.reading import Part


@dataclass(frozen=True, slots=True)
class Changed:
    """Parts that hold other marks than before; marks elsewhere whose figures are others now.

    Figures are the number of mentions, and what the public sees in a mark's place.
    """

    parts: tuple[Part, ...]
    figures: tuple[OriginalSpan, ...]


def changed_places(
    before: Sequence[Marked], after: Sequence[Marked], parts: Sequence[Part], text_start: int
) -> Changed:
    """Return where two sets of marks differ; offsets of marks go over the whole text."""
    old = {_place(span): span for span in _spans(before)}
    new = {_place(span): span for span in _spans(after)}
    starts = [part.start for part in parts]
    touched = {
        bisect_right(starts, place[0] - text_start) - 1
        for place in old.keys() ^ new.keys()
        if place[0] >= text_start
    }
    figures = tuple(
        span
        for place, span in new.items()
        if place in old
        and _figures(old[place]) != _figures(span)
        and bisect_right(starts, span.start - text_start) - 1 not in touched
    )
    return Changed(tuple(parts[index] for index in sorted(touched)), figures)


def _spans(marked: Iterable[Marked]) -> list[OriginalSpan]:
    return [span for _, _, span in marked if isinstance(span, OriginalSpan)]


def _place(span: OriginalSpan) -> tuple[int, int, str, str, str, str, str]:
    """What makes a mark another mark."""
    return (
        span.start,
        span.end,
        span.label,
        span.detector,
        span.score_text,
        span.reason,
        span.subtype,
    )


def _figures(span: OriginalSpan) -> tuple[int, int, str]:
    return (span.mentions, span.value, span.redacted)
