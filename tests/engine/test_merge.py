from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from inference.engine.merge import union
from inference.engine.spans import Span

LABELS = ["private_person", "private_email", "secret"]
SPANS = st.lists(
    st.builds(
        lambda start, length, label, detector, score: Span(
            start, start + length, label, score, detector
        ),
        st.integers(0, 40),
        st.integers(1, 20),
        st.sampled_from(LABELS),
        st.sampled_from(["model", "rule", "repeat"]),
        st.floats(0, 1),
    ),
    max_size=12,
)


@given(SPANS)
def test_union_hides_exactly_the_characters_that_any_span_hides(spans: list[Span]) -> None:
    text = "x" * 60
    merged = union(text, spans)
    hidden = {i for span in spans for i in range(span.start, span.end)}
    assert {i for span in merged for i in range(span.start, span.end)} == hidden
    assert all(a.end <= b.start for a, b in pairwise(merged))


def test_overlap_leaves_no_tail() -> None:
    text = "Ask Ben Kent now"
    merged = union(text, [Span(4, 7, "private_person"), Span(6, 12, "private_person")])
    assert [text[span.start : span.end] for span in merged] == ["Ben Kent"]


def test_touching_spans_stay_apart() -> None:
    spans = [Span(0, 3, "private_person"), Span(3, 6, "private_phone")]
    assert [(s.start, s.end) for s in union("abcdef", spans)] == [(0, 3), (3, 6)]


def test_rule_decides_the_label_of_what_it_mostly_covers() -> None:
    text = "mail jane@example.com today"
    model = Span(5, 26, "private_person", 0.6)
    rule = Span(5, 21, "private_email", 0.99, "rule", "An e-mail address.", "EMAIL")
    (merged,) = union(text, [model, rule])
    assert (merged.label, merged.subtype, merged.detector) == ("private_email", "EMAIL", "rule")
    assert (merged.start, merged.end) == (5, 26)


def test_small_value_inside_does_not_name_the_whole() -> None:
    model = Span(0, 50, "private_address", 0.9)
    rule = Span(10, 15, "account_number", 0.9, "rule")
    (merged,) = union("x" * 60, [model, rule])
    assert merged.label == "private_address"


def test_trailing_punctuation_stays_but_not_after_a_secret() -> None:
    text = "Ann Lee, p4ss;w,"
    merged = union(text, [Span(0, 8, "private_person"), Span(9, 16, "secret")])
    assert [text[span.start : span.end] for span in merged] == ["Ann Lee", "p4ss;w,"]


def test_a_subtype_known_to_one_finding_is_kept_in_the_union() -> None:
    text = "born 3 May 1980 ok"
    spans = [
        Span(5, 15, "private_date", 0.5),
        Span(7, 15, "private_date", 0.9, subtype="DATE_OF_BIRTH"),
    ]
    (span,) = union(text, spans)
    assert (span.start, span.end, span.subtype) == (5, 15, "DATE_OF_BIRTH")


def test_colons_of_an_address_are_not_trimmed_away() -> None:
    text = "at ::ffff:10.0.0.7 now"
    (span,) = union(text, [Span(3, 18, "private_url", 1.0, "rule", "", "IP_ADDRESS")])
    assert text[span.start : span.end] == "::ffff:10.0.0.7"
