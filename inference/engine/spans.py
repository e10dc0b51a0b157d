"""Spans: private stretches of a text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """One private stretch of a text.

    start, end: code points of the stored text, half-open
    label:      category, such as "private_person"
    score:      probability between 0 and 1
    detector:   "model", "rule", "repeat" (same value as another span) or "person" (marked by hand)
    reason:     why it was flagged, one sentence a person understands, without the value itself
    subtype:    refinement where it is known, such as "IBAN" or "DATE_OF_BIRTH", else ""
    """

    start: int
    end: int
    label: str
    score: float = 1.0
    detector: str = "model"
    reason: str = ""
    subtype: str = ""

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share a character."""
        return self.start < other.end and other.start < self.end
