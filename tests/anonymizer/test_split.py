"""Cutting spans at boundaries."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from anonymizer.text import split_at
from inference.engine.spans import Span


@st.composite
def spans_and_boundaries(draw: st.DrawFn) -> tuple[list[Span], list[int]]:
    """Return sorted disjoint spans and ascending boundaries."""
    edges = sorted(draw(st.sets(st.integers(0, 60), max_size=12)))
    spans = [
        Span(start, end, "secret", 0.5, "rule", "Reason.", "IBAN")
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    return spans, sorted(draw(st.sets(st.integers(0, 60), max_size=6)))


def _covered(spans: list[Span]) -> list[int]:
    return [place for span in spans for place in range(span.start, span.end)]


@given(spans_and_boundaries())
def test_the_parts_cover_what_the_spans_covered(case: tuple[list[Span], list[int]]) -> None:
    spans, boundaries = case
    assert _covered(split_at(spans, boundaries)) == _covered(spans)


@given(spans_and_boundaries())
def test_no_part_crosses_a_boundary_or_is_empty(case: tuple[list[Span], list[int]]) -> None:
    spans, boundaries = case
    for part in split_at(spans, boundaries):
        assert part.start < part.end
        assert not any(part.start < boundary < part.end for boundary in boundaries)


@given(spans_and_boundaries())
def test_parts_keep_what_is_known_of_their_span(case: tuple[list[Span], list[int]]) -> None:
    spans, boundaries = case
    for part in split_at(spans, boundaries):
        assert (part.label, part.score, part.detector, part.reason, part.subtype) == (
            "secret",
            0.5,
            "rule",
            "Reason.",
            "IBAN",
        )


def test_a_boundary_at_a_span_s_edge_cuts_nothing() -> None:
    spans = [Span(2, 5, "secret")]
    assert split_at(spans, [2, 5]) == spans
