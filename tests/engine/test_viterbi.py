from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.engine.errors import EmissionsError
from inference.engine.labels import LabelScheme
from inference.engine.model import Emissions, log_softmax
from inference.engine.operating_points import Biases
from inference.engine.viterbi import best_path, decode

# Shuffled on purpose: nothing may depend on the order of the published config.
Scores = npt.NDArray[np.float32]

SMALL = LabelScheme.from_id2label(
    dict(enumerate(["E-b", "S-a", "B-a", "O", "I-b", "E-a", "B-b", "S-b", "I-a"]))
)
BIAS = st.floats(-4, 4, width=32)


def edge(scheme: LabelScheme, biases: Biases, left: int, right: int) -> float:
    """Return the weight of an edge by the rules as written, -inf where it is illegal."""
    closed = "OES"
    before, after = scheme.prefixes[left], scheme.prefixes[right]
    if before in closed:
        if after not in "OBS":
            return -np.inf
        if before == "O":
            return biases.background_stay if after == "O" else biases.background_to_start
        return biases.end_to_background if after == "O" else biases.end_to_start
    if after not in "IE" or scheme.categories[left] != scheme.categories[right]:
        return -np.inf
    return biases.inside_to_continue if after == "I" else biases.inside_to_end


def path_score(
    log_probs: Scores, path: Sequence[int], scheme: LabelScheme, biases: Biases
) -> float:
    if scheme.prefixes[path[0]] not in "OBS" or scheme.prefixes[path[-1]] not in "OES":
        return -np.inf
    score = sum(float(log_probs[t, label]) for t, label in enumerate(path))
    return score + sum(edge(scheme, biases, a, b) for a, b in pairwise(path))


def random_emissions(seed: int, tokens: int, classes: int) -> Scores:
    logits = np.random.default_rng(seed).normal(scale=2, size=(tokens, classes))
    return log_softmax(logits.astype(np.float32))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.builds(Biases, *[BIAS] * 6))
def test_best_path_equals_brute_force(seed: int, tokens: int, biases: Biases) -> None:
    log_probs = random_emissions(seed, tokens, len(SMALL.names))
    found = path_score(log_probs, best_path(log_probs, SMALL, biases).tolist(), SMALL, biases)
    every = product(range(len(SMALL.names)), repeat=tokens)
    best = max(path_score(log_probs, path, SMALL, biases) for path in every)
    assert found == pytest.approx(best, abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 120), st.builds(Biases, *[BIAS] * 6))
def test_best_path_equals_dense_viterbi_on_long_inputs(
    seed: int, tokens: int, biases: Biases
) -> None:
    scheme = LabelScheme.default()
    log_probs = random_emissions(seed, tokens, len(scheme.names))
    size = len(scheme.names)
    table = np.array([[edge(scheme, biases, i, j) for j in range(size)] for i in range(size)])
    start = np.array([0 if p in "OBS" else -np.inf for p in scheme.prefixes])
    scores = start + log_probs[0]
    for row in log_probs[1:]:
        scores = (scores[:, None] + table).max(axis=0) + row
    best = max(s for s, p in zip(scores, scheme.prefixes, strict=True) if p in "OES")
    found = path_score(log_probs, best_path(log_probs, scheme, biases).tolist(), scheme, biases)
    assert found == pytest.approx(float(best), abs=1e-3)


def emissions_for(names: list[str], offsets: list[tuple[int, int]]) -> Emissions:
    """Return emissions that are sure (p = 0.9) of the named classes."""
    scheme = LabelScheme.default()
    log_probs = np.full((len(names), len(scheme.names)), np.log(0.1 / 32), dtype=np.float32)
    for token, name in enumerate(names):
        log_probs[token, scheme.names.index(name)] = np.log(0.9)
    return Emissions(log_probs, np.array(offsets, dtype=np.int32))


def test_spans_are_trimmed_and_scored_by_mean_probability() -> None:
    text = "by  Ann Lee \n"
    emissions = emissions_for(
        ["O", "B-private_person", "E-private_person"], [(0, 2), (2, 7), (7, 13)]
    )
    (span,) = decode(text, emissions, LabelScheme.default(), Biases())
    assert (text[span.start : span.end], span.label) == ("Ann Lee", "private_person")
    assert span.score == pytest.approx(0.9, abs=1e-6)


def test_span_of_white_space_alone_is_dropped() -> None:
    emissions = emissions_for(["S-secret"], [(0, 3)])
    assert decode(" \t\n", emissions, LabelScheme.default(), Biases()) == []


def test_neighbours_that_share_a_character_come_out_disjoint() -> None:
    emissions = emissions_for(["S-private_person", "S-secret"], [(0, 2), (1, 4)])
    spans = decode("abcd", emissions, LabelScheme.default(), Biases())
    assert [(span.start, span.end) for span in spans] == [(0, 2), (2, 4)]


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_emissions_that_are_not_numbers_raise(value: float) -> None:
    emissions = emissions_for(["O", "O"], [(0, 1), (1, 2)])
    emissions.log_probs[1, 3] = value
    with pytest.raises(EmissionsError):
        decode("ab", emissions, LabelScheme.default(), Biases())


def test_logits_that_are_not_numbers_raise() -> None:
    with pytest.raises(EmissionsError):
        log_softmax(np.array([[0.0, np.nan]], dtype=np.float32))


def test_emissions_of_another_label_set_raise() -> None:
    emissions = Emissions(np.zeros((1, 9), np.float32), np.array([[0, 1]], np.int32))
    with pytest.raises(EmissionsError):
        decode("a", emissions, LabelScheme.default(), Biases())


def test_no_tokens_give_no_spans() -> None:
    empty = Emissions(np.empty((0, 33), np.float32), np.empty((0, 2), np.int32))
    assert decode("  ", empty, LabelScheme.default(), Biases()) == []
