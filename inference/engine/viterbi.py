"""Constrained Viterbi decoding of BIOES labels, and the spans along the best path.

Legal paths start in O, B or S and end in O, E or S; O, E and S lead to O, B or S of any
category; B and I lead to I or E of their own. Because an edge's weight depends only on its
kind, a step needs no C x C table: it is enough to carry the best score that ends in O, the
best that ends in a closed span (E or S, any category), and for each category the best that
is inside an open one (B or I).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from inference.engine.errors import EmissionsError
from inference.engine.labels import LabelScheme
from inference.engine.model import Emissions
from inference.engine.operating_points import Biases
from inference.engine.spans import Span

Scores = npt.NDArray[np.float64]
Path = npt.NDArray[np.int64]


def decode(text: str, emissions: Emissions, scheme: LabelScheme, biases: Biases) -> list[Span]:
    """Return the spans of the best legal labelling, sorted and disjoint.

    Offsets are code points of `text`, trimmed of white space; a span's score is the mean
    probability of its tokens' labels.
    Raises EmissionsError if the emissions hold NaN or infinity, or their shapes disagree.
    """
    _check(emissions, scheme)
    if not len(emissions.log_probs):
        return []
    path = best_path(emissions.log_probs, scheme, biases)
    return list(_disjoint(spans_on_path(text, path, emissions, scheme)))


def decode_each(text: str, emissions: Emissions, scheme: LabelScheme) -> list[Span]:
    """Return the spans of each token's best label by itself, to compare: `decode` is better.

    Labels need not make a legal sequence: neighbours of one category are one span, unless the
    label of the second begins one or that of the first ends one.
    Raises EmissionsError as `decode` does.
    """
    _check(emissions, scheme)
    if not len(emissions.log_probs):
        return []
    path = emissions.log_probs.argmax(axis=-1)
    outside = path == scheme.outside
    begins = np.isin(path, np.concatenate([_classes(scheme, "B"), _classes(scheme, "S")]))
    ends = np.isin(path, np.concatenate([_classes(scheme, "E"), _classes(scheme, "S")]))
    category = np.array([scheme.categories[index] or "" for index in path])
    cut = np.concatenate([[True], begins[1:] | ends[:-1] | (category[1:] != category[:-1])])
    starts = np.flatnonzero(cut & ~outside)
    borders = np.append(np.flatnonzero(cut), len(path))
    stops = borders[np.searchsorted(borders, starts, side="right")]
    return list(_disjoint(_spans(text, path, emissions, scheme, starts, stops)))


def _check(emissions: Emissions, scheme: LabelScheme) -> None:
    log_probs, offsets = emissions.log_probs, emissions.offsets
    if log_probs.shape != (len(offsets), len(scheme.names)) or offsets.shape[1:] != (2,):
        raise EmissionsError("The model's answer does not fit its label set.")
    if not np.isfinite(log_probs).all():
        raise EmissionsError("The model answered with scores that are not numbers.")


def best_path(log_probs: npt.NDArray[np.float32], scheme: LabelScheme, biases: Biases) -> Path:
    """Return the highest-scoring legal label sequence.

    log_probs: (T, C) finite log-probabilities, T >= 1
    Returns (T,) class indices. Time and memory are linear in T.
    """
    lattice = _fill(log_probs, scheme, biases)
    return _trace(lattice, log_probs, scheme, biases)


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Best scores of partial paths that end at each token (K categories).

    outside: (T,) ending in O
    closed:  (T,) ending in E or S of any category
    opened:  (T, K) ending in B or I
    entered: (T,) leading up to a B or S here, without its emission
    """

    outside: Scores
    closed: Scores
    opened: Scores
    entered: Scores


@cache
def _classes(scheme: LabelScheme, prefix: str) -> Path:
    """Return the class of `prefix` for each category, categories in sorted order."""
    pairs = zip(scheme.prefixes, scheme.categories, strict=True)
    found = sorted((category, index) for index, (p, category) in enumerate(pairs) if p == prefix)
    return np.array([index for _, index in found], dtype=np.int64)


def _fill(log_probs: npt.NDArray[np.float32], scheme: LabelScheme, biases: Biases) -> _Lattice:
    """Return the best partial scores at every token.

    A loop over tokens would spend its time on calls for a few numbers each. So the sequence is
    cut into about sqrt(T) blocks that advance together: first once for every state a block may
    be entered in, then, the entries being chained from block to block, for the scores.
    """
    begins, singles = _classes(scheme, "B"), _classes(scheme, "S")
    size, categories = len(log_probs), len(begins)
    scores = np.zeros((size, categories + 3))  # O, closed, open categories; leading up to B or S
    first = log_probs[0]
    scores[0, 0], scores[0, 1] = first[scheme.outside], first[singles].max()
    scores[0, 2:-1] = first[begins]
    if size > 1:
        length = max(1, round(((size - 1) / 4) ** 0.5))
        blocks = -(-(size - 1) // length)
        # What follows the end is computed and thrown away.
        steps = np.zeros((blocks * length, 2 + 3 * categories))
        rest = steps[: size - 1]
        rest[:, 0] = log_probs[1:, scheme.outside]
        rest[:, 1] = log_probs[1:, singles].max(axis=1)
        rest[:, 2:] = log_probs[1:, np.concatenate([_classes(scheme, prefix) for prefix in "BIE"])]
        rest[:, 2 + categories : 2 + 2 * categories] += biases.inside_to_continue
        rest[:, 2 + 2 * categories :] += biases.inside_to_end
        steps = steps.reshape(blocks, length, -1).swapaxes(0, 1)
        entries = _entries(scores[0, :-1], steps, biases)
        trail = np.empty((length, blocks, categories + 3))
        _advance(entries[:, None], steps, biases, trail)
        scores[1:] = trail.swapaxes(0, 1).reshape(-1, categories + 3)[: size - 1]
    return _Lattice(scores[:, 0], scores[:, 1], scores[:, 2:-1], scores[:, -1])


def _entries(first: Scores, steps: Scores, biases: Biases) -> Scores:
    """Return the scores on entering each block, (blocks, states), given those of the first."""
    blocks, states = steps.shape[1], len(first)
    alone = np.full((states, states), -np.inf)
    np.fill_diagonal(alone, 0.0)
    exits = _advance(np.repeat(alone[None], blocks, axis=0), steps, biases)
    entries = np.empty((blocks, states))
    entries[0] = first
    for block in range(1, blocks):
        (entries[block - 1][:, None] + exits[block - 1]).max(axis=0, out=entries[block])
    return entries


def _advance(entries: Scores, steps: Scores, biases: Biases, trail: Scores | None = None) -> Scores:
    """Move all blocks through their tokens and return the scores on leaving them.

    entries: (blocks, E, states), the scores on entering in E different ways
    steps:   (length, blocks, 2 + 3K), emissions of O, the best S, then B, I, E of K categories
    trail:   (length, blocks, states + 1), filled for E = 1 with the scores at every token, and
             with the score that leads up to a B or S there
    Returns (blocks, E, states).
    """
    categories = entries.shape[2] - 2
    outside, closed, opened = entries[..., 0], entries[..., 1], entries[..., 2:]
    for index, step in enumerate(steps):
        begin, inside, ending = (
            step[:, None, 2 + kind * categories : 2 + (kind + 1) * categories] for kind in range(3)
        )
        entered = np.maximum(outside + biases.background_to_start, closed + biases.end_to_start)
        outside = step[:, 0, None] + np.maximum(
            outside + biases.background_stay, closed + biases.end_to_background
        )
        closed = np.maximum(entered + step[:, 1, None], (ending + opened).max(axis=2))
        opened = np.maximum(begin + entered[..., None], inside + opened)
        if trail is not None:
            row = trail[index]
            row[:, 0], row[:, 1], row[:, -1] = outside[:, 0], closed[:, 0], entered[:, 0]
            row[:, 2:-1] = opened[:, 0]
    return np.concatenate([outside[..., None], closed[..., None], opened], axis=2)


def _trace(
    lattice: _Lattice, log_probs: npt.NDArray[np.float32], scheme: LabelScheme, biases: Biases
) -> Path:
    begins, insides, endings, singles = (_classes(scheme, prefix) for prefix in "BIES")
    outside, closed, opened, entered = (
        lattice.outside,
        lattice.closed,
        lattice.opened,
        lattice.entered,
    )
    # What each step chose, found again for all tokens at once; row 0 of the shifted
    # arrays is never asked.
    before_o, before_c = np.roll(outside, 1), np.roll(closed, 1)
    o_from_o = before_o + biases.background_stay >= before_c + biases.end_to_background
    start_from_o = before_o + biases.background_to_start >= before_c + biases.end_to_start
    start_from_o[0] = True
    best_single = log_probs[:, singles].argmax(axis=1)
    single_score = entered + log_probs[:, singles].max(axis=1)
    ending = log_probs[:, endings] + np.float64(biases.inside_to_end) + np.roll(opened, 1, axis=0)
    best_ending = ending.argmax(axis=1)
    is_single = single_score >= ending.max(axis=1)
    is_single[0] = True
    is_begin = log_probs[:, begins] + entered[:, None] >= (
        log_probs[:, insides] + np.float64(biases.inside_to_continue) + np.roll(opened, 1, axis=0)
    )
    is_begin[0] = True
    path = np.full(len(log_probs), scheme.outside, dtype=np.int64)
    stays, leaves, alone = o_from_o.tolist(), start_from_o.tolist(), is_single.tolist()
    in_background = bool(outside[-1] >= closed[-1])
    step = len(path) - 1
    while step >= 0:
        if in_background:
            in_background = stays[step]
        elif alone[step]:
            path[step] = singles[best_single[step]]
            in_background = leaves[step]
        else:
            category = best_ending[step]
            path[step] = endings[category]
            step -= 1
            while not is_begin[step, category]:
                path[step] = insides[category]
                step -= 1
            path[step] = begins[category]
            in_background = leaves[step]
        step -= 1
    return path


def spans_on_path(
    text: str, path: Path, emissions: Emissions, scheme: LabelScheme
) -> Iterator[Span]:
    """Yield the spans of a legal label sequence in order, trimmed, without empty ones.

    path: (T,) class indices
    Neighbouring spans share a character where their tokens do.
    """
    single = np.isin(path, _classes(scheme, "S"))
    starts = np.flatnonzero(single | np.isin(path, _classes(scheme, "B")))
    stops = np.flatnonzero(single | np.isin(path, _classes(scheme, "E"))) + 1
    yield from _spans(text, path, emissions, scheme, starts, stops)


def _spans(
    text: str, path: Path, emissions: Emissions, scheme: LabelScheme, starts: Path, stops: Path
) -> Iterator[Span]:
    """Yield the spans of tokens starts[i] to stops[i] (exclusive), trimmed, without empty ones."""
    if not len(starts):
        return
    log_scores = emissions.log_probs[np.arange(len(path)), path].astype(np.float64)
    sums = np.concatenate([[0.0], np.cumsum(np.exp(log_scores))])
    # Token ranges ascend, but where a character is split over tokens they may be nested.
    for first, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        start = int(emissions.offsets[first:stop, 0].min())
        end = int(emissions.offsets[first:stop, 1].max())
        start, end = trim(text, start, end)
        if start < end:
            score = float(sums[stop] - sums[first]) / (stop - first)
            yield Span(start, end, scheme.categories[path[first]], min(score, 1.0))


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without white space at its ends; start == end if nothing is left."""
    piece = text[start:end]
    start = min(start + len(piece) - len(piece.lstrip()), end)
    return start, start + len(piece.strip())


def _disjoint(spans: Iterator[Span]) -> Iterator[Span]:
    """Give a character shared by two neighbours to the first."""
    reached = 0
    for span in spans:
        start = max(span.start, reached)
        if start < span.end:
            reached = span.end
            yield span if start == span.start else _from(span, start)


def _from(span: Span, start: int) -> Span:
    return Span(start, span.end, span.label, span.score, span.detector, span.reason, span.subtype)
