"""Other mentions of a value that was found: hidden in one place, it must be hidden in all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.engine.folding import Folded, fold
from inference.engine.spans import Span

REASON = "The same value was found elsewhere in this text."
# Han, Kana, Hangul and other scripts without spaces: each character is a token.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
# Vowel signs of Indian scripts are no \w, but part of the word.
_TOKEN = re.compile(
    rf"[{_UNSPACED}]|[^\W{_UNSPACED}_](?:[^\W{_UNSPACED}_]|[\u0900-\u0963\u0966-\u0dff])*|[^\w\s]|_"
)
_MOST_TOKENS = 48  # longest value looked for; keeps the search linear
# A number keeps its meaning however its groups are set apart.
_NUMBERS = frozenset({"account_number", "private_phone"})
_GROUP = re.compile(r"[A-Za-z0-9]+")
_GAP = re.compile(r"[ .\-/()\u00a0]{1,2}")
_FEWEST_DIGITS, _MOST_CHARACTERS = 6, 40
_LEAST_SCORE = 0.5


@dataclass(slots=True)
class _Node:
    """A node of a tree of values, one token or one character an edge."""

    children: dict[str, _Node] = field(default_factory=dict)
    value: Span | None = None


def find_repeats(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return mentions of the spans' values that no span hides yet, sorted and disjoint.

    A mention is a run of whole tokens equal to the value's, whatever case (but in secrets) and
    white space; a single capitalised word is not looked for in lower case. Numbers of accounts
    and telephones are also found with other gaps between their groups. Linear in the text.
    """
    folded = fold(text)
    root, numbers = _Node(), _Node()
    for span in sorted(spans, key=lambda span: -span.score):
        _plant(root, text, span)
        _plant_number(numbers, text, span)
    found = _walk(folded, root) if root.children else []
    if numbers.children:
        taken = bytearray(len(text))
        for span in found:
            taken[span.start : span.end] = b"\1" * (span.end - span.start)
        others = _walk_numbers(folded, numbers)
        found += [span for span in others if not any(taken[span.start : span.end])]
        found.sort(key=lambda span: span.start)
    return [span for span in found if not _is_hidden(span, spans)]


def _plant(root: _Node, text: str, span: Span) -> None:
    value = fold(text[span.start : span.end]).text
    tokens = _TOKEN.findall(value)
    if span.score < _LEAST_SCORE or not _is_telling(span.label, value, tokens):
        return
    node = root
    for token in tokens:
        node = node.children.setdefault(token.lower(), _Node())
    if node.value is None:
        node.value = span


def _plant_number(root: _Node, text: str, span: Span) -> None:
    value = fold(text[span.start : span.end]).text
    if span.label not in _NUMBERS or span.score < _LEAST_SCORE or not value.isascii():
        return
    plain = "".join(filter(str.isalnum, value)).lower()
    digits = sum(map(str.isdigit, plain))
    # Mostly digits: words with a number among them are not rewritten with other gaps.
    if not (
        digits >= _FEWEST_DIGITS and len(plain) <= _MOST_CHARACTERS and 2 * digits > len(plain)
    ):
        return
    node = root
    for character in plain:
        node = node.children.setdefault(character, _Node())
    if node.value is None:
        node.value = span


def _is_telling(label: str, value: str, tokens: list[str]) -> bool:
    """Say whether a value is long and particular enough to be meant wherever it stands."""
    if not 0 < len(tokens) <= _MOST_TOKENS:
        return False
    digits = sum(map(str.isdigit, value))
    letters = sum(map(str.isalpha, value))
    if label == "private_date":
        return digits >= 3 and len(tokens) >= 3
    if label in {"private_person", "private_address"}:
        is_unspaced = re.match(f"[{_UNSPACED}]", value) is not None
        return letters >= 2 and len(value) >= (2 if is_unspaced else 3)
    if label == "secret":
        return digits + letters >= 6
    return digits >= 5 or (letters >= 3 and digits + letters >= 6)


def _walk(folded: Folded, root: _Node) -> list[Span]:
    matches = list(_TOKEN.finditer(folded.text))
    words = [match.group().lower() for match in matches]
    found = []
    index = 0
    while index < len(words):
        node, stop, best = root.children.get(words[index]), index, None
        while node is not None:
            stop += 1
            if node.value is not None:
                mention = folded.to_original(matches[index].start(), matches[stop - 1].end())
                if _is_same(folded.original, node.value, *mention):
                    best = (stop, node.value, mention)
            node = node.children.get(words[stop]) if stop < len(words) else None
        if best is None:
            index += 1
            continue
        index, value, (start, end) = best
        found.append(Span(start, end, value.label, value.score, "repeat", REASON, value.subtype))
    return found


def _walk_numbers(folded: Folded, root: _Node) -> list[Span]:
    """Find the planted numbers, whole groups only, whatever single gaps stand between."""
    groups = [match.span() for match in _GROUP.finditer(folded.text)]
    text = folded.text
    found = []
    index = 0
    while index < len(groups):
        node: _Node | None = root
        stop, best = index, None
        while node is not None and stop < len(groups):
            start, end = groups[stop]
            if stop > index and not _GAP.fullmatch(text[groups[stop - 1][1] : start]):
                break
            for character in text[start : min(end, start + _MOST_CHARACTERS + 1)]:
                node = node.children.get(character.lower())
                if node is None:
                    break
            stop += 1
            if node is not None and node.value is not None:
                best = (stop, node.value)
        if best is None:
            index += 1
            continue
        stop, value = best
        start, end = folded.to_original(groups[index][0], groups[stop - 1][1])
        found.append(Span(start, end, value.label, value.score, "repeat", REASON, value.subtype))
        index = stop
    return found


def _is_same(text: str, value: Span, start: int, end: int) -> bool:
    """Say whether a mention with the value's tokens, case aside, means the value."""
    original, mention = text[value.start : value.end], text[start:end]
    if value.label == "secret":
        return original.split() == mention.split()
    if original.isalpha():
        # The name Will is not the verb: one capitalised word needs its capital.
        return not (mention.islower() and not original.islower())
    return True


def _is_hidden(span: Span, spans: Sequence[Span]) -> bool:
    """Say whether sorted, disjoint spans already hide all of this one."""
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle].end <= span.start:
            low = middle + 1
        else:
            high = middle
    return low < len(spans) and spans[low].start <= span.start and span.end <= spans[low].end
