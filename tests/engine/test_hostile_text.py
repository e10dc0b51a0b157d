"""Texts built to blow up a pattern: quadratic work on any of them would take minutes."""

import random

import pytest

from inference.engine.merge import union
from inference.engine.repeats import find_repeats
from inference.engine.rules import find_spans

SIZE = 50_000
PIECES = {
    "one letter": "a",
    "one digit": "4",
    "spaced digits": "4 ",
    "mixed digits": "4 1 1 1 ",
    "at signs": "a@",
    "half addresses": "a (at) b ",
    "dots": "1.",
    "plus signs": "+1 2 ",
    "keywords": "password ",
    "keywords that say": "ssn is ",
    "open key blocks": "-----BEGIN PRIVATE KEY-----\n",
    "colons": "::::",
    "hex pairs": "ab:",
    "digit words": "one ",
    "open links": "http://a:b@",
    "token starts": "eyJaaaaaaaaaa.",
    "countries": "DE89",
    "seed phrase": "seed: abc ",
    "zero width": "a\u200b",
    "accents": "e\u0301",
    "quotes": '"',
    "line breaks": "\n",
    "travel document": "P<UTO<<<<",
}


@pytest.mark.parametrize("name", PIECES)
def test_repetition_is_read_in_linear_time(name: str) -> None:
    piece = PIECES[name]
    text = piece * (SIZE // len(piece))
    spans = union(text, find_spans(text))
    assert all(span.end <= len(text) for span in spans)


def test_many_findings_are_read_in_linear_time() -> None:
    text = "a.b@example.com 10.1.2.33 4111 1111 1111 1111 " * 1000
    spans = union(text, find_spans(text))
    assert len(spans) == 3000
    assert find_repeats(text, spans) == []


def test_noise_is_read_in_linear_time() -> None:
    letters = random.Random(0).choices("abcdef ABCDEF0123456789@.:/-+=\n", k=SIZE)
    text = "".join(letters)
    find_repeats(text, union(text, find_spans(text)))


def test_values_with_a_common_beginning_are_looked_for_in_linear_time() -> None:
    from inference.engine.spans import Span

    text = "ab " * 20_000
    spans = [Span(i * 48, i * 48 + 44, "private_person") for i in range(400)]
    assert len(find_repeats(text, spans)) > 100
