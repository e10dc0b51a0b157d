"""Operators: what stands in the place of a span, and how all of it comes back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anonymizer.operators.apply import apply
from anonymizer.operators.placeholders import find_placeholders
from anonymizer.operators.policy import REVERSIBLE, Naming, Numbering, Operator, Policy
from anonymizer.restore import from_map, restore
from anonymizer.text import same_value
from inference.engine.labels import CATEGORIES
from inference.engine.spans import Span

TEXT = "Ann Lee (ann@mail.example) met ANN LEE and Bob Ray on 14 May 2024."
VALUES = {
    "Ann Lee": "private_person",
    "ANN LEE": "private_person",
    "Bob Ray": "private_person",
    "ann@mail.example": "private_email",
    "14 May 2024": "private_date",
}
# Pieces from which texts come that hold placeholders, halves of them, and what surrounds them.
PIECES = (
    "[PERSON_1]", "[person 1]", "PERSON_1", "[PERSON_", "_1]", "1]", "[", "]", "\\", "\\[", "<",
    ">", "&lt;", "EMAIL_1", "'s", " ", "\n", "Ann", "Ann Lee", "ANN LEE", "ann@mail.example",
    "王小明",    "é", "\u0301", "\u200b", "+44 7911 123456", "14 May 2024", "2024-05-14", "\ud800",
    "\0", "4111111111111111",
    "DE89 3704 0044 0532 0130 00", "Keller", "x", "7", "_",
)  # fmt: skip
SUBTYPES = ("", "", "", "IBAN", "CREDIT_CARD", "SSN", "IP_ADDRESS", "DATE_OF_BIRTH", "USERNAME")


def spans_of(text: str = TEXT, values: dict[str, str] | None = None) -> list[Span]:
    found = [
        Span(match.start(), match.end(), label)
        for value, label in (values or VALUES).items()
        for match in re.finditer(re.escape(value), text)
    ]
    return sorted(found, key=lambda span: span.start)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Return any text and any sorted, disjoint spans in it."""
    any_piece = st.one_of(st.sampled_from(PIECES), st.text(st.characters(), max_size=6))
    text, spans = "", []
    for _ in range(draw(st.integers(0, 8))):
        text += draw(any_piece)
        value = draw(any_piece)
        if value and draw(st.booleans()):
            label, subtype = draw(st.sampled_from(CATEGORIES)), draw(st.sampled_from(SUBTYPES))
            spans.append(Span(len(text), len(text) + len(value), label, subtype=subtype))
        text += value
    return text, spans


policies = st.builds(
    Policy,
    default=st.sampled_from(sorted(REVERSIBLE)),
    by_category=st.dictionaries(
        st.sampled_from([*CATEGORIES, "IBAN"]), st.sampled_from(sorted(REVERSIBLE)), max_size=3
    ),
    naming=st.sampled_from(list(Naming)),
    numbering=st.sampled_from(list(Numbering)),
)


@given(texts_with_spans(), policies)
def test_any_text_comes_back_from_what_is_reversible(
    case: tuple[str, list[Span]], policy: Policy
) -> None:
    text, spans = case
    redacted = apply(text, spans, policy)
    assert restore(redacted.text, redacted.entities).text == text


@given(texts_with_spans(), policies)
def test_it_comes_back_without_the_places_too(case: tuple[str, list[Span]], policy: Policy) -> None:
    """As after a journey in which nothing but text and map were kept."""
    text, spans = case
    redacted = apply(text, spans, policy)
    originals = {one.placeholder: one.original for one in redacted.entities}
    if len({(e.placeholder, e.original) for e in redacted.entities}) == len(originals):
        assert restore(redacted.text, from_map(originals)).text == text


@given(texts_with_spans(), st.sampled_from(list(Operator)))
def test_places_point_at_replacements_and_nothing_else_changes(
    case: tuple[str, list[Span]], operator: Operator
) -> None:
    text, spans = case
    redacted = apply(text, spans, Policy(operator))
    kept = shown = ""
    read = shown_read = 0
    for one, span in zip(redacted.hidden, spans, strict=True):
        assert redacted.text[one.start : one.end] == one.replacement
        assert text[span.start : span.end] == one.original
        kept += text[read : span.start]
        shown += redacted.text[shown_read : one.start]
        read, shown_read = span.end, one.end
    assert kept + text[read:] == shown + redacted.text[shown_read:]


@given(texts_with_spans())
def test_a_placeholder_never_collides_with_what_the_text_holds(
    case: tuple[str, list[Span]],
) -> None:
    text, spans = case
    held = {found.key for found in find_placeholders(text)}
    for one in apply(text, spans, Policy()).hidden:
        assert f"{one.type}_{one.number}" not in held


@given(texts_with_spans())
def test_a_surrogate_is_no_value_of_the_text(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    for one in apply(text, spans, Policy(Operator.SURROGATE)).hidden:
        assert one.replacement.casefold() not in text.casefold()


def test_the_same_value_has_the_same_number_however_it_is_spelt() -> None:
    redacted = apply(TEXT, spans_of(), Policy())
    assert redacted.text == "[PERSON_1] ([EMAIL_1]) met [PERSON_1] and [PERSON_2] on [DATE_1]."
    over_all = apply(TEXT, spans_of(), Policy(numbering=Numbering.ALL))
    assert over_all.text == "[PERSON_1] ([EMAIL_2]) met [PERSON_1] and [PERSON_3] on [DATE_4]."


def test_a_value_that_is_refined_somewhere_has_one_type_everywhere() -> None:
    text = "123-45-6789, SSN 123-45-6789"
    spans = [Span(0, 11, "account_number"), Span(17, 28, "account_number", subtype="SSN")]
    assert apply(text, spans, Policy()).text == "[SSN_1], SSN [SSN_1]"


def test_numbers_of_the_text_are_passed_over_in_every_spelling() -> None:
    text = "[PERSON_1], [ person 2 ] and \\[PERSON\\_3\\] met Bob Ray"
    redacted = apply(text, spans_of(text), Policy())
    assert redacted.text.endswith("met [PERSON_4]")


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        (Policy(Operator.MASK, mask_length=None), "███████ met ███"),
        (Policy(Operator.MASK), "█████ met █████"),
        (Policy(Operator.CATEGORY, naming=Naming.LABEL), "[PRIVATE_PERSON] met [PRIVATE_PERSON]"),
        (
            Policy(Operator.TAG),
            '<PII type="PERSON">Ann Lee</PII> met <PII type="PERSON">Bob</PII>',
        ),
        (Policy(Operator.KEEP), "Ann Lee met Bob"),
        (Policy(Operator.KEEP, {"private_person": Operator.CATEGORY}), "[PERSON] met [PERSON]"),
    ],
)
def test_each_operator_writes_its_own(policy: Policy, shown: str) -> None:
    text = "Ann Lee met Bob"
    spans = [Span(0, 7, "private_person"), Span(12, 15, "private_person")]
    assert apply(text, spans, policy).text == shown


def test_a_subtype_s_operator_goes_before_its_label_s() -> None:
    policy = Policy(Operator.KEEP, {"account_number": Operator.MASK, "IBAN": Operator.CATEGORY})
    text = "A1 B2"
    spans = [Span(0, 2, "account_number", subtype="IBAN"), Span(3, 5, "account_number")]
    assert apply(text, spans, policy).text == "[IBAN] █████"


def test_a_hash_is_the_same_under_one_key_only() -> None:
    text = "Ann Lee and ANN  LEE"
    spans = [Span(0, 7, "private_person"), Span(12, 20, "private_person")]

    def hashes(key: bytes) -> list[str]:
        return [
            one.replacement for one in apply(text, spans, Policy(Operator.HASH), key=key).hidden
        ]

    first, second = hashes(b"k" * 32)
    assert first == second
    assert re.fullmatch(r"\[PERSON_[A-Z2-7]{12}\]", first)
    assert hashes(b"k" * 32) == [first, first]
    assert hashes(b"other" * 8) != [first, first]
    assert hashes(b"") != hashes(b"")


def test_overlapping_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="disjoint"):
        apply("abcdef", [Span(0, 4, "secret"), Span(2, 6, "secret")], Policy())


@given(texts_with_spans())
def test_same_values_share_a_surrogate_under_a_key(case: tuple[str, list[Span]]) -> None:
    text, spans = case
    policy = Policy(Operator.SURROGATE)
    once, again = (apply(text, spans, policy, key=b"k" * 32) for _ in range(2))
    assert once == again
    exact: dict[tuple[str, str, str], set[str]] = {}
    for one in once.hidden:
        if not re.fullmatch(r"\[[A-Z_]+_\d+\]", one.replacement):
            key = (one.span.label, one.span.subtype, one.original)
            exact.setdefault(key, set()).add(same_value(one.replacement))
    assert all(len(made) == 1 for made in exact.values())
