"""Texts built to blow up a pattern: quadratic work on any of them would take minutes."""

import importlib
import pkgutil
import random
import re
import sys
from collections.abc import Callable

import pytest

from inference.engine import rules
from inference.engine.doubts import without_doubtful
from inference.engine.edges import complete_words
from inference.engine.merge import union
from inference.engine.repeats import find_repeats
from inference.engine.rules import find_spans
from inference.engine.spans import Span
from inference.engine.subtypes import with_subtypes

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
    "spoken addresses": "a dot b at c dot d ",
    "announced digit words": "pin one two three four ",
    "employee numbers": "employee id 12-34-",
    "spaced account number": "D E 8 9 3 ",
    "commands": "curl -u a:b ",
    "fields": "password=a;b=c&",
    "mobile numbers": "1380013800013",
    "accounts with gaps": "account 1234 567 890 ",
}


def operations(work: Callable[[], object]) -> int:
    """Count the calls, of Python and of C, that some work makes."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def detect_without_model(text: str) -> None:
    """Do all that is done beside the model; every tenth stretch stands for a finding of it."""
    starts = range(0, len(text) - 10, 100)
    marks = [Span(start, start + 10, "account_number", 0.6) for start in starts]
    seen = without_doubtful(text, list(with_subtypes(text, marks)))
    spans = union(text, [*complete_words(text, seen), *find_spans(text)])
    union(text, [*spans, *find_repeats(text, spans)])


@pytest.mark.parametrize("name", PIECES)
def test_twice_the_text_is_about_twice_the_work(name: str) -> None:
    piece = PIECES[name]
    detect_without_model(piece)  # what is compiled once
    once, twice = (
        operations(lambda size=size: detect_without_model(piece * (size // len(piece))))
        for size in (4_000, 8_000)
    )
    assert twice <= 2.5 * once + 500


def test_whole_texts_are_matched_by_re2_alone() -> None:
    """Patterns of Python's own engine see short values, or are named here with the reason."""
    harmless = {
        # Nothing after the repetition can fail, so there is no backtracking.
        "cards._RUN",
        "cards._GROUP",
        "spelled.PART",
        # Seen by one announced value of at most 256 characters.
        "passwords._PLACEHOLDER",
        "passwords._CODE_EXPRESSION",
        "passwords._NEXT_FIELD",
    }
    found = set()
    for module in pkgutil.walk_packages(rules.__path__, rules.__name__ + "."):
        loaded = importlib.import_module(module.name)
        found |= {
            f"{module.name.removeprefix(rules.__name__ + '.')}.{name}"
            for name, value in vars(loaded).items()
            if isinstance(value, re.Pattern)
        }
    assert found - {"cards.PART"} == harmless


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
    text = "ab " * 20_000
    spans = [Span(i * 48, i * 48 + 44, "private_person") for i in range(400)]
    assert len(find_repeats(text, spans)) > 100
