"""Union of findings: what overlaps becomes one span that covers all of it, so no tail is left."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from inference.engine.spans import Span
from inference.engine.viterbi import trim

# Whose word counts when detectors disagree about the label.
_RANK = {"person": 3, "rule": 2, "repeat": 1, "model": 0}
# Punctuation that may open or close a secret, but never belongs to the end of anything else.
_OUTER = " \t\r\n,;:"
_WORD_REACH = 40


def union(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return disjoint sorted spans that hide every character any of the given ones hides.

    Overlapping spans become one over all of them, with label, reason, subtype and score of the
    strongest; white space and, but for secrets, commas and colons at its ends are left out.
    """
    merged = []
    for cluster in _clusters(sorted(spans, key=lambda span: (span.start, span.end))):
        start, end = cluster[0].start, max(span.end for span in cluster)
        leader = _leader(cluster, end - start)
        start, end = _trim(text, start, end, leader.label)
        if any(map(_is_visible, text[start:end])):
            scores = [span.score for span in cluster if span.label == leader.label]
            merged.append(replace(leader, start=start, end=end, score=max(scores)))
    return merged


def complete_words(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield spans stretched over the rest of a word that they begin or end in the middle of.

    Only letters of scripts that put spaces between words, and digits, are added: in Chinese or
    Korean a neighbouring character may be another word.
    """
    for span in spans:
        start, end = span.start, span.end
        first, last = max(0, start - _WORD_REACH), min(len(text), end + _WORD_REACH)
        while start > first and _joined(text[start - 1], text[start]):
            start -= 1
        while end < last and _joined(text[end - 1], text[end]):
            end += 1
        changed = (start, end) != (span.start, span.end)
        yield replace(span, start=start, end=end) if changed else span


def _joined(left: str, right: str) -> bool:
    return left.isalnum() and right.isalnum() and _is_spaced(left) and _is_spaced(right)


def _is_spaced(character: str) -> bool:
    """Say whether a letter is of Latin, Greek, Cyrillic or Armenian script."""
    return character < "\u0590" or "\u1e00" <= character <= "\u1fff"


def _clusters(spans: Sequence[Span]) -> Iterator[list[Span]]:
    """Group sorted spans that share characters, directly or through others."""
    cluster: list[Span] = []
    reached = 0
    for span in spans:
        if cluster and span.start >= reached:
            yield cluster
            cluster = []
        cluster.append(span)
        reached = max(reached, span.end) if len(cluster) > 1 else span.end
    if cluster:
        yield cluster


def _leader(cluster: list[Span], length: int) -> Span:
    """Return the span whose label stands for the cluster.

    The most trusted detector decides if it covers at least half of the union; otherwise the
    longest span does, as a value inside a larger one does not name the whole.
    """
    wide = [span for span in cluster if 2 * (span.end - span.start) >= length]
    return max(
        wide or cluster,
        key=lambda span: (
            _RANK.get(span.detector, 0) if wide else 0,
            span.end - span.start,
            span.score,
        ),
    )


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cf"} and not character.isspace()


def _trim(text: str, start: int, end: int, label: str) -> tuple[int, int]:
    start, end = trim(text, start, end)
    if label == "secret":
        return start, end
    piece = text[start:end]
    stripped = piece.rstrip(_OUTER)
    if not stripped:
        return start, start
    return start + len(piece) - len(piece.lstrip(_OUTER)), start + len(stripped)
