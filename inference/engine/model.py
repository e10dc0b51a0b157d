"""What the engine asks of a model: texts in, label log-probabilities with offsets out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.engine.errors import EmissionsError
from inference.engine.labels import LabelScheme
from inference.engine.operating_points import Biases

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int32]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Emissions:
    """A model's answer for one text.

    log_probs: (T, C) float32, log-softmax over the classes of the scheme
    offsets:   (T, 2) int32, half-open code point ranges of the original text; ranges of
               neighbours may share a character
    """

    log_probs: FloatArray
    offsets: IntArray


class Model(Protocol):
    """A checkpoint ready to run.

    name:             what a user calls it, such as "compact 1.0"
    revision:         12 hex digits that change with the weights
    scheme:           its classes
    operating_points: six biases for each preset
    batch_tokens:     tokens of short texts that gain by going through together, as measured
                      memory allows; 0 where each costs the same alone
    """

    @property
    def name(self) -> str: ...
    @property
    def revision(self) -> str: ...
    @property
    def scheme(self) -> LabelScheme: ...
    @property
    def operating_points(self) -> Mapping[str, Biases]: ...
    @property
    def batch_tokens(self) -> int: ...

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        """Return the emissions of each text, whatever its length.

        on_progress gets the number of characters finished since its last call (or the share of
        the work that is, where all end together), between pieces of work of about a second; it
        may call `emit` again for other texts, and may raise to cancel.
        """
        ...


def log_softmax(logits: FloatArray) -> FloatArray:
    """Return log-probabilities over the last axis.

    logits: (T, C) float32
    Raises EmissionsError if any logit is not finite: a model with damaged weights must not
    pass for one that found nothing.
    """
    if not np.isfinite(logits).all():
        raise EmissionsError("The model answered with scores that are not numbers.")
    shifted = logits - logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return np.asarray(shifted - total, dtype=np.float32)
