"""Finding terms in texts: thousands of terms in one pass.

A text is read as signs that count: runs of letters and digits, gaps, and every other sign by
itself. A term is a row of those; rows that begin alike are looked up together. Whole words are
found by it, as anonymizer.text.mentions_of finds them; in scripts without spaces every sign is a
word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from anonymizer.rules.patterns import Patterns
from anonymizer.text import same_value

Place = tuple[int, int]

_UNSPACED = "\u2e80-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff66-\uff9f\U00020000-\U0003ffff"
# Accents that stand by themselves, and what is not seen.
_SILENT = (
    "\u00ad\u0300-\u036f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
)
_TOKENS = re.compile(rf"\s+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_])+|.", re.DOTALL)
_FOLDED_TOKENS = re.compile(
    rf"\s+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])[^\W_]|[{_SILENT}])+|.", re.DOTALL
)
# What stands between the groups of a number.
_GAPS = frozenset(" .-/()+\u00a0\u2010\u2011\u2012\u2013")
_MOST_GAPS = 3
_LONGEST_NUMBER = 60
# What may stand at the ends of a span without being part of its value.
_EDGES = " \t\n\r.,;:!?\"'()[]<>«»„“”‘’"


class Token(NamedTuple):
    """A run of letters and digits, a gap, or another sign; `word` is how it is compared."""

    start: int
    end: int
    word: str


def _read(text: str, tokens: re.Pattern[str], fold: Callable[[str], str]) -> list[Token]:
    seen: dict[str, str] = {}
    read = []
    for match in tokens.finditer(text):
        raw = match[0]
        word = seen.get(raw)
        if word is None:
            word = seen[raw] = fold(raw)
        if word:
            read.append(Token(match.start(), match.end(), word))
    return read


def _folded(raw: str) -> str:
    """Return a token without case and form; "" for what is not seen, " " for a gap."""
    if raw.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", raw).casefold())
    return "".join(char for char in plain if unicodedata.category(char) != "Cf")


class _Rows:
    """Terms as rows of words, looked up by their first."""

    def __init__(
        self, terms: Sequence[str], tokens: re.Pattern[str], fold: Callable[[str], str]
    ) -> None:
        self._tokens, self._fold = tokens, fold
        # By the first word, then by length, the longest first.
        self._by_first: dict[str, list[tuple[int, set[tuple[str, ...]]]]] = {}
        by_length: dict[str, dict[int, set[tuple[str, ...]]]] = {}
        for term in terms:
            row = tuple(token.word for token in _read(term.strip(), tokens, fold))
            if row:
                by_length.setdefault(row[0], {}).setdefault(len(row), set()).add(row)
        for first, lengths in by_length.items():
            self._by_first[first] = sorted(lengths.items(), reverse=True)

    def read(self, text: str) -> list[Token]:
        return _read(text, self._tokens, self._fold) if self._by_first else []

    def find(self, text: str, read: Sequence[Token]) -> Iterator[Place]:
        """Yield (start, end) of the longest term that begins at each place."""
        words = [token.word for token in read]
        for index, token in enumerate(read):
            for length, rows in self._by_first.get(token.word, ()):
                last = index + length
                if last <= len(read) and tuple(words[index:last]) in rows:
                    start, end = token.start, read[last - 1].end
                    if _stands_whole(text, start, end):
                        yield start, end
                        break


class _Numbers:
    """Numbers, found however they are grouped; kept without their gaps, with all beginnings."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._values = set(filter(_is_number, map(same_value, terms)))
        self._begins = {value[:end] for value in self._values for end in range(1, len(value) + 1)}

    def find(self, text: str, read: Sequence[Token]) -> Iterator[Place]:
        """Yield (start, end) of the longest number that begins at each place."""
        if not self._values:
            return
        for index, token in enumerate(read):
            if token.word in self._begins and (end := self._end_of(text, read, index)):
                yield token.start, end

    def _end_of(self, text: str, read: Sequence[Token], index: int) -> int:
        """Return where the longest number ends that begins with a token, 0 if none does."""
        found, value, gaps = 0, "", 0
        for token in read[index : index + 2 * _LONGEST_NUMBER]:
            if token.word in _GAPS:
                gaps += 1
                if gaps > _MOST_GAPS:
                    break
                continue
            value, gaps = value + token.word, 0
            if value not in self._begins:
                break
            # A date is another value than the same digits in other groups.
            if value in self._values and same_value(text[read[index].start : token.end]) == value:
                found = token.end
        return found


def _is_number(folded: str) -> bool:
    digits = sum(map(str.isdigit, folded))
    return folded.isalnum() and 2 * digits > len(folded) and 6 <= digits < _LONGEST_NUMBER


def _stands_whole(text: str, start: int, end: int) -> bool:
    """Say whether no word runs into a place, by the rule of anonymizer.text.mentions_of."""
    return not (
        (start > 0 and _joins_words(text[start]) and _is_word(text[start - 1]))
        or (end < len(text) and _joins_words(text[end - 1]) and _is_word(text[end]))
    )


def _joins_words(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def _is_word(char: str) -> bool:
    return char == "_" or char.isalnum()


class Matcher:
    """Finds the terms of a list in texts; made once, used for many."""

    def __init__(
        self, exact: Sequence[str], folded: Sequence[str], patterns: Sequence[str]
    ) -> None:
        self._exact_terms, self._folded_terms = exact, folded
        self._pattern_terms = patterns

    @cached_property
    def _exact(self) -> _Rows:
        return _Rows(self._exact_terms, _TOKENS, str)

    @cached_property
    def _folded(self) -> _Rows:
        return _Rows(self._folded_terms, _FOLDED_TOKENS, _folded)

    @cached_property
    def _numbers(self) -> _Numbers:
        return _Numbers(self._folded_terms)

    @cached_property
    def _patterns(self) -> Patterns:
        return Patterns(self._pattern_terms)

    @cached_property
    def _values(self) -> frozenset[str]:
        return frozenset(same_value(term) for term in self._folded_terms)

    def find(self, text: str) -> list[Place]:
        """Return where something of the list stands: sorted, what overlaps made one place."""
        return united(self._found(text))

    def covers(self, text: str, places: Sequence[Place]) -> list[bool]:
        """Say of each place whether something of the list equals or covers it.

        What lies side by side does not cover together. Punctuation at the ends of a place does
        not count.
        """
        if not places:
            return []
        found = _Covering(self._found(text))
        trimmed = [_trimmed(text, start, end) for start, end in places]
        return [
            found.covers(start, end) or same_value(text[start:end]) in self._values
            for start, end in trimmed
        ]

    def _found(self, text: str) -> list[Place]:
        folded = self._folded.read(text)
        return [
            *self._exact.find(text, self._exact.read(text)),
            *self._folded.find(text, folded),
            *self._numbers.find(text, folded),
            *self._patterns.find(text),
        ]


class _Covering:
    """Answers whether one of many places covers another."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(places):
            furthest = max(end, self._ends[-1]) if self._ends else end
            self._starts.append(start)
            self._ends.append(furthest)

    def covers(self, start: int, end: int) -> bool:
        # Of all that begin by then, the one that reaches furthest decides.
        index = bisect_right(self._starts, start) - 1
        return index >= 0 and self._ends[index] >= end


def _trimmed(text: str, start: int, end: int) -> Place:
    first, last = start, end
    while first < last and text[first] in _EDGES:
        first += 1
    while last > first and text[last - 1] in _EDGES:
        last -= 1
    return (first, last) if first < last else (start, end)


def united(places: Sequence[Place]) -> list[Place]:
    """Return places sorted, with those that overlap made one."""
    joined: list[Place] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
