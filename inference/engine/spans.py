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

    def as_json(self) -> dict[str, str | int | float]:
        """Return the fields by name, as `Span(**fields)` takes them."""
        # dataclasses.asdict copies each value and takes many times as long.
        return {
            "start": self.start,
            "end": self.end,
            "label": self.label,
            "score": self.score,
            "detector": self.detector,
            "reason": self.reason,
            "subtype": self.subtype,
        }

    def overlaps(self, other: Span) -> bool:
        """Say whether the two share a character."""
        return self.start < other.end and other.start < self.end
