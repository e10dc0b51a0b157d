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
_MOST_TOKENS = 16  # longest value looked for; keeps the search linear
_LEAST_SCORE = 0.5


@dataclass(slots=True)
class _Node:
    """A node of the tree of values, one token an edge."""

    children: dict[str, _Node] = field(default_factory=dict)
    value: Span | None = None


def find_repeats(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return mentions of the spans' values that no span hides yet, sorted and disjoint.

    A mention is a run of whole tokens equal to the value's, whatever case (but in secrets) and
    white space; a single capitalised word is not looked for in lower case. Linear in the text.
    """
    folded = fold(text)
    root = _Node()
    for span in sorted(spans, key=lambda span: -span.score):
        _plant(root, text, span)
    if not root.children:
        return []
    return [span for span in _walk(folded, root) if not _is_hidden(span, spans)]


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
