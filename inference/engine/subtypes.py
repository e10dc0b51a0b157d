"""Subtypes of what the model found, from the words that stand before or after it.

Rules know the subtype of what they find; the model only knows the category. The nearest word
within reach decides, if nothing but a few words of the same sentence stands between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from inference.engine.folding import fold, fold_words
from inference.engine.rules.finding import any_of, pattern
from inference.engine.spans import Span
from inference.engine.subtype_words import AFTER, ALWAYS, BEFORE

_REACH = 48
_REACH_AFTER = 16
# Between the word and the value: no end of a sentence, no second line, no other number.
_BETWEEN = pattern(r"^[^.!?;。！？；\n\d]{0,32}\n?[^.!?;。！？；\n\d]{0,16}$")
# An abbreviation's own dot, a numero sign, a colon.
_MARKS = " \t\n.:#=°º№：()[]\"'"


@dataclass(frozen=True, slots=True)
class _Words:
    pattern: Any
    subtypes: dict[str, str]


def with_subtypes(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield sorted spans, those without a subtype refined where the text says what they are."""
    reached = 0
    for span in spans:
        yield span if span.subtype else _refined(text, span, reached)
        reached = span.end


def _refined(text: str, span: Span, reached: int) -> Span:
    subtype = ALWAYS.get(span.label, "")
    words = _words(span.label, False)
    if words is not None:
        before = fold(text[max(reached, span.start - _REACH, 0) : span.start]).text
        subtype = _before(words, before) or subtype
    words = _words(span.label, True)
    if words is not None and not subtype:
        after = fold(text[span.end : span.end + _REACH_AFTER]).text.lstrip(" ,(")
        match = words.pattern.match(after)
        subtype = words.subtypes[match.group().lower()] if match else ""
    return replace(span, subtype=subtype) if subtype else span


def _before(words: _Words, before: str) -> str:
    """Return the subtype of the last word that still belongs to what follows the text."""
    for match in reversed(list(words.pattern.finditer(before))):
        start, end = match.span()
        if _is_inside_word(before, start, end):
            continue
        between = before[end:]
        # "No." has a dot of its own; where words follow a dot, a sentence ended.
        is_next = not between.strip(_MARKS) and between.count("\n") <= 1
        return words.subtypes[match.group().lower()] if is_next or _BETWEEN.match(between) else ""
    return ""


def _is_inside_word(text: str, start: int, end: int) -> bool:
    first, last = text[max(0, start - 1) : start + 1], text[end - 1 : end + 1]
    return any(
        len(pair) == 2 and pair.isalnum() and pair < "\u0590" and pair[1] < "\u0590"
        for pair in (first, last)
    )


@cache
def _words(label: str, is_after: bool) -> _Words | None:
    table = (AFTER if is_after else BEFORE).get(label)
    if table is None:
        return None
    subtypes = {
        word.lower(): subtype
        for subtype, listed in table.items()
        for word in fold_words(*listed.split("|"))
    }
    return _Words(pattern(any_of(tuple(subtypes)), ignore_case=True), subtypes)
