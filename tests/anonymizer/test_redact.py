"""What stands in the place of spans."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.text import MASK, Redaction, Style, redact
from inference.engine.labels import CATEGORIES
from inference.engine.spans import Span

# Values and surroundings from disjoint alphabets: a hidden value found again was left in sight.
HIDDEN = "ABCxyz019@é王🙂"
SHOWN = "defg<>_. \n\u200b\u0301"
Case = tuple[str, list[Span]]


@st.composite
def texts_with_spans(draw: st.DrawFn) -> Case:
    """Return a text and sorted, disjoint spans over all that is to be hidden in it."""
    text, spans = draw(st.text(SHOWN, max_size=8)), []
    for value in draw(st.lists(st.text(HIDDEN, min_size=1, max_size=8), max_size=8)):
        start = len(text)
        text += value
        spans.append(Span(start, len(text), draw(st.sampled_from(CATEGORIES))))
        text += draw(st.text(SHOWN, max_size=6))
    return text, spans


styles = st.sampled_from(list(Style))


def _shown(redaction: Redaction) -> str:
    """Return the redacted text without its placeholders."""
    shown, read = "", 0
    for bar in redaction.bars:
        shown += redaction.text[read : bar.start]
        read = bar.end
    return shown + redaction.text[read:]


def _outside(text: str, spans: list[Span]) -> str:
    return _shown(Redaction(text, tuple(spans)))  # type: ignore[arg-type]


@given(texts_with_spans(), styles)
def test_only_what_stands_outside_of_spans_is_kept(case: Case, style: Style) -> None:
    text, spans = case
    assert _shown(redact(text, spans, style)) == _outside(text, spans)


@given(texts_with_spans(), styles)
def test_no_hidden_value_is_left(case: Case, style: Style) -> None:
    text, spans = case
    shown = _shown(redact(text, spans, style))
    assert not set(shown) & set(HIDDEN)


@given(texts_with_spans(), styles)
def test_bars_point_at_placeholders_in_the_order_of_the_spans(case: Case, style: Style) -> None:
    text, spans = case
    redaction = redact(text, spans, style)
    assert [bar.label for bar in redaction.bars] == [span.label for span in spans]
    for bar in redaction.bars:
        placeholder = redaction.text[bar.start : bar.end]
        name = re.escape(bar.label.upper())
        expected = {
            Style.PLACEHOLDER: f"<{name}>",
            Style.NUMBERED: f"<{name}_{bar.number}>",
            Style.MASK: MASK,
        }[style]
        assert re.fullmatch(expected, placeholder)


@given(texts_with_spans(), styles)
def test_nothing_depends_on_a_value_s_length(case: Case, style: Style) -> None:
    """Two texts that differ only in the length of what is hidden look alike."""
    text, spans = case
    longer, stretched, grown = "", [], 0
    read = 0
    for number, span in enumerate(spans):
        value = f"unique value {number} " * 3
        longer += text[read : span.start] + value
        stretched.append(Span(len(longer) - len(value), len(longer), span.label))
        grown, read = grown + len(value), span.end
    longer += text[read:]
    if style is not Style.NUMBERED:
        assert redact(longer, stretched, style) == redact(text, spans, style)


@given(texts_with_spans())
def test_same_value_same_number_and_other_value_other_number(case: Case) -> None:
    text, spans = case
    redaction = redact(text, spans, Style.NUMBERED)
    numbers: dict[tuple[str, int], str] = {}
    seen: dict[tuple[str, str], int] = {}
    for span, bar in zip(spans, redaction.bars, strict=True):
        value = text[span.start : span.end].casefold()
        assert seen.setdefault((span.label, value), bar.number) == bar.number
        assert numbers.setdefault((span.label, bar.number), value) == value


def test_numbers_begin_at_one_and_count_by_label() -> None:
    spans = [Span(0, 3, "private_person"), Span(4, 7, "private_email"), Span(8, 11, "secret")]
    text = redact("Ann b@c xyz", spans, Style.NUMBERED).text
    assert text == "<PRIVATE_PERSON_1> <PRIVATE_EMAIL_1> <SECRET_1>"


@pytest.mark.parametrize("spelling", ["ann lee", "ANN LEE", "Ann\n Lee", "Ａnn Lee"])
def test_another_spelling_of_a_value_has_its_number(spelling: str) -> None:
    text = f"Ann Lee, {spelling}"
    spans = [Span(0, 7, "private_person"), Span(9, len(text), "private_person")]
    assert [bar.number for bar in redact(text, spans, Style.NUMBERED).bars] == [1, 1]


@pytest.mark.parametrize(
    ("one", "other", "label"),
    [
        ("Roman Misiak", "Mr Roman Misiak", "private_person"),
        ("Mme Dupont", "DUPONT", "private_person"),
        ("1234 567 890", "1234567890", "account_number"),
        ("+1 212-555-0187", "+1 (212) 555 0187", "private_phone"),
        ("jane@example.com", "ja\u200bne@exam\u00adple.com", "private_email"),
    ],
)
def test_disguises_and_gaps_do_not_make_another_value(one: str, other: str, label: str) -> None:
    spans = [Span(0, len(one), label), Span(len(one) + 1, len(one) + 1 + len(other), label)]
    assert [bar.number for bar in redact(f"{one}|{other}", spans, Style.NUMBERED).bars] == [1, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.12.2024", "11.2.2024"), ("Mr A", "Mr B"), ("1234567890", "1234567891"), ("Ms", "Mr")],
)
def test_other_values_stay_other_values(one: str, other: str) -> None:
    label = "private_date"
    spans = [Span(0, len(one), label), Span(len(one) + 1, len(one) + 1 + len(other), label)]
    assert [bar.number for bar in redact(f"{one}|{other}", spans, Style.NUMBERED).bars] == [1, 2]


def test_numbers_that_the_text_holds_already_are_passed_over() -> None:
    text = "<PRIVATE_PERSON_1> met Ann and <PRIVATE_PERSON_3> met Bob"
    spans = [Span(23, 26, "private_person"), Span(len(text) - 3, len(text), "private_person")]
    redaction = redact(text, spans, Style.NUMBERED)
    assert [bar.number for bar in redaction.bars] == [2, 4]


@pytest.mark.parametrize("style", list(Style))
def test_placeholders_in_the_input_stay_and_are_no_bars(style: Style) -> None:
    text = "Write <PRIVATE_EMAIL> or [PERSON_1] or █████ to a@b.example"
    redaction = redact(text, [Span(text.index("a@"), len(text), "private_email")], style)
    assert redaction.text.startswith("Write <PRIVATE_EMAIL> or [PERSON_1] or █████ to ")
    assert len(redaction.bars) == 1


def test_the_mask_is_as_long_for_every_value() -> None:
    for length in (1, 5, 500):
        spans = [Span(0, length, "secret")]
        assert redact("x" * length, spans, Style.MASK).text == MASK


@pytest.mark.parametrize(
    "places",
    [
        [(0, 5), (4, 8)],
        [(4, 8), (0, 3)],
        [(0, 8), (2, 3)],
        [(2, 2)],
        [(3, 2)],
        [(-1, 2)],
        [(5, 11)],
    ],
    ids=["overlap", "unsorted", "inside", "empty", "backwards", "before", "behind"],
)
@pytest.mark.parametrize("style", list(Style))
def test_spans_that_would_leave_a_tail_are_refused(
    places: list[tuple[int, int]], style: Style
) -> None:
    with pytest.raises(ValueError, match="disjoint"):
        redact("0123456789", [Span(*place, "secret") for place in places], style)


def test_an_error_does_not_quote_the_text() -> None:
    with pytest.raises(ValueError, match="Spans") as caught:
        redact("Canary-7731", [Span(0, 99, "secret")], Style.MASK)
    assert "Canary" not in str(caught.value)


def test_neighbours_that_touch_are_both_hidden() -> None:
    spans = [Span(0, 3, "private_person"), Span(3, 6, "private_person")]
    assert redact("AnnBob", spans, Style.PLACEHOLDER).text == "<PRIVATE_PERSON><PRIVATE_PERSON>"


def test_offsets_count_code_points() -> None:
    text = "👩‍👩‍👧 Ann, e\u0301 Bob"
    start = text.index("Bob")
    redaction = redact(text, [Span(start, start + 3, "private_person")], Style.MASK)
    assert redaction.text == text[:start] + MASK
