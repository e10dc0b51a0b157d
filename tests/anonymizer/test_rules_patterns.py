"""Patterns of people: found in linear time, at code points, and refused where they are no good."""

from __future__ import annotations

import pytest

from anonymizer.rules.patterns import WINDOW, Patterns, compiled
from anonymizer.rules.problems import FieldError


def words(pattern: str, text: str) -> list[str]:
    """Return what a pattern finds."""
    return [text[start:end] for start, end in Patterns([pattern]).find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "äöü \U0001f600 PX-12",
        "\ud800\udc00 PX-12 \udfff",
        "\0\0PX-12\0",
        "e\u0301 PX-12",
        "田中 PX-12 \U0010ffff",
    ],
)
def test_offsets_are_code_points_whatever_stands_before(text: str) -> None:
    assert words(r"PX-\d+", text) == ["PX-12"]


def test_several_patterns_each_count_from_the_beginning() -> None:
    text = "ä PX-1 ö PY-2"
    found = Patterns([r"PY-\d", r"PX-\d"]).find(text)
    assert [text[start:end] for start, end in found] == ["PY-2", "PX-1"]


def test_half_a_sign_in_a_text_is_any_sign_and_no_question_mark() -> None:
    assert words(r"a.b", "a\ud800b") == ["a\ud800b"]
    assert words(r"a\?b", "a\ud800b") == []


@pytest.mark.parametrize("begin", range(WINDOW - 12, WINDOW + 4))
def test_what_lies_over_the_edge_of_a_window_is_found_whole(begin: int) -> None:
    for filler in ("x ", "ä ", "\U0001f600 "):
        text = (filler * begin)[:begin] + " PX-12345 " + "y" * 3 * WINDOW
        assert words(r"\bPX-\d+\b", text) == ["PX-12345"]


def test_edges_of_windows_are_no_edges_of_words_or_texts() -> None:
    text = "x" * 10 * WINDOW
    assert words(r"\bx{3}\b|^x{4}$|y$", text) == []
    assert words(r"\Ax", text) == ["x"]


def test_a_long_match_is_hidden_in_pieces_without_a_gap() -> None:
    text = "<" + "a" * 5 * WINDOW + ">"
    found = list(Patterns(["a+"]).find(text))
    assert {place for start, end in found for place in range(start, end)} == set(
        range(1, len(text) - 1)
    )


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "a" * 200_000 + "b"),
        ("(x+x+)+y", "x" * 200_000),
        ("(a|aa)+c", "a" * 200_000),
        ("(.*)(.*)(.*)(.*)(.*)[^a]", "a" * 50_000),
        (r"(?s)<.*>", "<" * 20_000),
    ],
)
def test_patterns_that_explode_elsewhere_come_to_an_end(pattern: str, text: str) -> None:
    assert words(pattern, text) == []


def test_each_search_looks_at_no_more_than_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matches that each look at all that follows would cost the square of the text."""
    import re2

    looked: list[int] = []
    search = re2._Regexp.search

    def counted(self: re2._Regexp, text: bytes, pos: int, endpos: int) -> object:
        looked.append(endpos - pos)
        return search(self, text, pos, endpos)

    monkeypatch.setattr(re2._Regexp, "search", counted)
    text = "a" * 4 * WINDOW
    assert len(words("(?s)a(.*b)?", text)) == len(text)
    assert max(looked) <= WINDOW + 3
    assert len(looked) <= 2 * len(text)


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a", "cannot be read"),
        ("[z-a]", "cannot be read"),
        (r"(?=a)b", "cannot be read"),
        (r"(a)\1", "cannot be read"),
        ("(a{1000}){1000}", "cannot be read"),
        (r"(\pL{100}){9}", "too large"),
        (r"(?i)((\pL\pN){40}x){20}", "too large"),
        ("a*", "nothing at all"),
        (r"\b", "nothing at all"),
        ("^", "nothing at all"),
        ("$|x", "nothing at all"),
        ("", "nothing at all"),
        ("(x|)", "nothing at all"),
        ("a" * 501, "longer than"),
        ("a\ud800", "half of a sign"),
    ],
)
def test_what_is_refused_is_refused_with_a_sentence(pattern: str, says: str) -> None:
    with pytest.raises(FieldError) as raised:
        compiled(pattern)
    assert says in str(raised.value)


def test_a_refusal_does_not_quote_the_pattern(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FieldError) as raised:
        compiled("(Margarethe")
    assert "Margarethe" not in str(raised.value)
    assert "Margarethe" not in "".join(capfd.readouterr())
