"""Whether a hidden value still stands somewhere: what counts as found, and what does not."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats import survivors
from documents.formats.survivors import HiddenValues, folded

WORDS = st.text(st.sampled_from("abé1 -_ß٣İǅ\u0301\u200d\u00ad文ｆ\ud800"), max_size=8)


def are_in(values: list[str], text: str, redacted: str = "") -> bool:
    return HiddenValues(values, redacted).are_in(text)


def slowly_folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(char for char in plain if unicodedata.category(char) not in {"Cf", "Mn"})
    return " ".join(re.findall(r"[^\W_]+", kept))


@settings(deadline=None)
@given(st.text() | WORDS)
def test_folding_is_what_it_says(text: str) -> None:
    assert folded(text) == slowly_folded(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("BE71 0961 2345 6769", "iban:be71096123456769."),
        ("BE71096123456769", "BE71-0961-2345-6769"),
        ("Jérôme Dupont", "JEROME   DUPONT"),
        ("Jerome Dupont", "Je\u0301ro\u0302me\nDupont"),
        ("Jansen", "xJansenx"),
        ("Jansen", "J\u00ada\u200bn\u2060sen"),
        ("Li", "Dr. Li, please"),
        ("Jan de", "Jan  de"),
        ("ｆｕｌｌｗｉｄｔｈ", "fullwidth"),
        ("Straße 12", "STRASSE 12"),
        ("+32 470 12 34 56", "(+32)470/123456"),
        ("a" * 5_000, "b" + "a" * 5_000),
    ],
)
def test_a_value_is_found_in_other_forms(value: str, text: str) -> None:
    assert are_in([value], text)
    assert are_in(["someone else entirely", value], f"before {value} after")


@pytest.mark.parametrize(
    ("value", "text"),
    [("Li", "client"), ("12", "3124"), ("Jan Jansen", "Jan Peeters"), ("...", "... !"), ("", "x")],
)
def test_other_texts_hold_no_value(value: str, text: str) -> None:
    assert not are_in([value], text)


def test_what_the_redacted_text_shows_is_not_looked_for() -> None:
    values = HiddenValues(["Antwerp", "Li", "Jan Jansen"], "From Antwerp, Li. <PRIVATE_PERSON>")
    assert len(values) == 1
    assert not values.are_in("Li lives in Antwerp")
    assert values.are_in("jan jansen")


def test_a_long_value_inside_a_word_that_is_shown_is_not_looked_for() -> None:
    assert not are_in(["Berlin"], "Berlin", "A Berliner street")


def test_a_short_value_inside_a_word_that_is_shown_is_looked_for() -> None:
    assert are_in(["Li"], "Dear Li", "our client")


def test_a_number_at_the_end_of_a_word_that_is_shown_is_not_looked_for() -> None:
    assert not are_in(["12"], "12", "see page12, please")
    assert are_in(["12"], "12", "see page 3124, please")


@pytest.mark.parametrize("text", ["陈伟明先生", "致李娜女士"])
def test_a_name_of_two_chinese_signs_is_found_inside_a_row_of_them(text: str) -> None:
    assert are_in(["伟明", "李娜"], text)


def test_a_single_chinese_sign_is_only_found_as_a_word() -> None:
    assert not are_in(["李"], "李娜")
    assert are_in(["李"], "李, 娜")


def test_values_are_told_apart_by_their_length() -> None:
    values = HiddenValues(["Li", "t", "Jan Jansen"], "")
    assert values.of_signs(2).folded_values == ("li", "jan jansen")
    assert values.signs_of_short == frozenset("lit")
    assert values.long_are_in("JanJansen")
    assert not values.long_are_in("Li t")


@settings(deadline=None)
@given(
    st.lists(WORDS, max_size=6),
    st.lists(WORDS, max_size=12).map(" ".join),
    st.lists(WORDS, max_size=12).map(" ".join),
)
def test_the_fast_search_finds_what_the_slow_one_finds(
    values: list[str], text: str, redacted: str
) -> None:
    def is_short(value: str) -> bool:
        weight = sum(3 if sign == "文" else 1 for sign in value if sign != " ")
        return weight < survivors.SHORTEST_ANYWHERE

    def holds(plain: str, value: str) -> bool:
        if is_short(value):
            return f" {value} " in f" {plain} "
        return value.replace(" ", "") in plain.replace(" ", "")

    def shows(plain: str, value: str) -> bool:
        parted = re.sub(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])", " ", plain)
        return holds(plain, value) or (is_short(value) and holds(parted, value))

    wanted = {slowly_folded(value) for value in values} - {""}
    sought = {value for value in wanted if not shows(slowly_folded(redacted), value)}
    found = HiddenValues(values, redacted)

    assert set(found.folded_values) == sought
    assert found.are_in(text) == any(holds(slowly_folded(text), value) for value in sought)


def test_values_that_overlap_are_each_seen_as_shown() -> None:
    values = ["abcdef", "cdefgh", "abcdefgh", "efghij"]
    assert len(HiddenValues(values, "xxabcdefghijxx")) == 0


def test_very_many_overlapping_values_are_each_seen_as_shown() -> None:
    values = ["a" * length for length in range(6, 60)]
    assert len(HiddenValues(values, "a" * 100)) == 0


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("padding", [b"", b"\x80", b"\x00\x00\x01"])
def test_a_value_is_found_in_bytes_of_any_encoding(encoding: str, padding: bytes) -> None:
    values = HiddenValues(["Jérôme Dupont"], "")
    assert values.are_in_bytes(padding + "Jérôme Dupont".encode(encoding))
    assert not values.are_in_bytes(padding + "Jérôme Durand".encode(encoding))


def test_a_value_without_zero_bytes_is_found_after_the_mark_of_utf_16() -> None:
    assert HiddenValues(["陈伟明李娜王芳"], "").are_in_bytes("陈伟明李娜王芳".encode("utf-16"))


def test_folded_values_make_the_same_search() -> None:
    values = HiddenValues(["Jan Jansen", "Li", "BE71 0961"], "Li")
    again = HiddenValues.from_folded(values.folded_values)
    assert again.folded_values == values.folded_values
    for text in ("JAN-JANSEN", "Li", "be710961", "nothing"):
        assert again.are_in(text) == values.are_in(text)


def test_no_values_are_nowhere() -> None:
    assert not HiddenValues([], "").are_in("anything")
    assert len(HiddenValues(["", " - "], "")) == 0


def test_places_are_named_where_a_value_stands() -> None:
    values = HiddenValues(["Jan Jansen"], "")
    assert values.places([("page 1", "nobody"), ("page 2", "Jan Jansen")]) == ("page 2",)
