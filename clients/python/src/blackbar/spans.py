"""Private places of originals, and corrections of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from blackbar.answers import Fields


@dataclass(frozen=True, slots=True)
class Span:
    """A private place: offsets in code points, half-open. score: certainty, 0 to 1"""

    start: int
    end: int
    label: str
    subtype: str | None
    score: float
    detector: str
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A correction. "add" and "relabel" have a label, "undo" and "redo" nothing but their name."""

    op: Literal["add", "remove", "relabel", "undo", "redo"]
    start: int = 0
    end: int = 0
    label: str = ""


def spans_from(told: Fields) -> tuple[Span, ...]:
    """Return the spans of an answer. Raises UnexpectedAnswerError."""
    return tuple(
        Span(
            start=one.whole("start"),
            end=one.whole("end"),
            label=one.text("label"),
            subtype=one.text_or_none("subtype"),
            score=one.number("score"),
            detector=one.text("detector"),
            reason=one.text("reason"),
        )
        for one in told.objects("spans")
    )


def correction(edits: Sequence[Edit], revision: int, all_mentions: bool) -> dict[str, Any]:
    """Return the body of a request to correct."""
    listed = [
        {"op": one.op, "start": one.start, "end": one.end}
        | ({"label": one.label} if one.label else {})
        for one in edits
    ]
    return {"revision": revision, "all_mentions": all_mentions, "edits": listed}
