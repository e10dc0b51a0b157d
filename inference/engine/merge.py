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
# A full stop after these ends a sentence; a name or a street may end with one of its own.
_NEVER_DOTTED = frozenset({"private_phone", "private_email", "account_number"})
_CLOSING = {")": "(", "]": "[", "}": "{"}


def union(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return disjoint sorted spans that hide every character any of the given ones hides.

    Overlapping spans become one over all of them, with label, reason, subtype and score of the
    strongest; white space and, but for secrets, commas, colons and brackets that were opened
    outside are left out at its ends.
    """
    merged = []
    for cluster in _clusters(sorted(spans, key=lambda span: (span.start, span.end))):
        start, end = cluster[0].start, max(span.end for span in cluster)
        leader = _leader(cluster, end - start)
        start, end = _trim(text, start, end, leader)
        if any(map(_is_visible, text[start:end])):
            alike = [span for span in cluster if span.label == leader.label]
            subtype = leader.subtype or next((s.subtype for s in alike if s.subtype), "")
            score = max(span.score for span in alike)
            merged.append(replace(leader, start=start, end=end, score=score, subtype=subtype))
    return merged


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


def _trim(text: str, start: int, end: int, leader: Span) -> tuple[int, int]:
    start, end = trim(text, start, end)
    if leader.label == "secret" or leader.subtype == "IP_ADDRESS":  # ::1 begins with its colons
        return start, end
    piece = text[start:end]
    stripped = _without_outer_end(piece, _OUTER + (".!?" * (leader.label in _NEVER_DOTTED)))
    if not stripped:
        return start, start
    return start + len(piece) - len(piece.lstrip(_OUTER)), start + len(stripped)


def _without_outer_end(piece: str, outer: str) -> str:
    """Return a value without the punctuation of the text at its end."""
    stripped = piece.rstrip(outer)
    while stripped and stripped[-1] in _CLOSING:
        if stripped.count(stripped[-1]) <= stripped.count(_CLOSING[stripped[-1]]):
            break
        stripped = stripped[:-1].rstrip(outer)
    return stripped
