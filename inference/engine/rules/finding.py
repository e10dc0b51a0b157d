"""What a rule finds, and the pattern engine all rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import re2

CERTAIN = 0.99  # a checksum, or a form that nothing else has
LIKELY = 0.9  # a loose form beside words that say what it is


@dataclass(frozen=True, slots=True)
class Finding:
    """One stretch of a folded text that a rule is sure of.

    start, end: characters of the folded text, half-open
    label:      category; subtype refines it
    reason:     one sentence for a person, without the value
    """

    start: int
    end: int
    label: str
    subtype: str
    reason: str
    score: float = CERTAIN


# A rule: folded text in, findings out, in time linear in the text.
Rule = Callable[[str], Iterator[Finding]]


def pattern(source: str, *, ignore_case: bool = False) -> Any:
    r"""Compile a pattern for RE2, which matches in linear time whatever the text.

    In RE2 `\b`, `\d` and `\w` are ASCII only, which suits folded text: digits and Latin
    letters are ASCII there, and a Chinese character next to a number is a boundary.
    """
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return re2.compile(source, options=options)


def any_of(words: tuple[str, ...]) -> str:
    """Return a group that matches any of the words literally, longer ones first."""
    ordered = sorted(set(words), key=len, reverse=True)
    return "(?:" + "|".join(re2.escape(word) for word in ordered) + ")"


def stands_before(words: Any, text: str, start: int, reach: int) -> bool:
    """Say whether `words` matches in the `reach` characters before `start`."""
    return words.search(text[max(0, start - reach) : start]) is not None
