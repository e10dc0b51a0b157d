"""The engine: texts in, private spans out, with a proof that every character was looked at."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.engine import checkpoint as checkpoints
from inference.engine import operating_points
from inference.engine.errors import CoverageError, EmissionsError
from inference.engine.model import Emissions, Model, Progress
from inference.engine.refine import explained, refine
from inference.engine.spans import Span
from inference.engine.viterbi import decode, decode_each

# Control and format characters show nothing, and tokenizers drop them.
_INVISIBLE = frozenset({"Cc", "Cf"})


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found in one text.

    spans:         sorted and disjoint
    scanned_chars: how many characters a model saw, invisible ones included; less than the
                   text's length means that it must not be published
    tokens:        how many tokens the model read
    """

    spans: tuple[Span, ...]
    scanned_chars: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Engine:
    """A model with the rules beside it; may be used by several threads if its model may.

    uses_rules: whether rules, repeats and the like join in; without them the model is alone
    decodes:    "viterbi", or "argmax" to compare
    """

    model: Model
    uses_rules: bool = True
    decodes: str = "viterbi"

    @classmethod
    def load(
        cls,
        checkpoint: str = "",
        threads: int = 1,
        device: str = "auto",
        dtype: str = "auto",
        lanes: int | None = None,
    ) -> Engine:
        """Load a checkpoint: "compact", a directory, a hub name, or "" for the best at hand.

        device, dtype: of a Privacy Filter; see PrivacyFilterModel.load
        Raises CheckpointError with one sentence for the user.
        """
        return cls(checkpoints.load(checkpoint, threads, device, dtype, lanes))

    @property
    def name(self) -> str:
        """What a user calls the checkpoint, such as "compact 1.0"."""
        return self.model.name

    @property
    def revision(self) -> str:
        """12 hex digits that change with the weights."""
        return self.model.revision

    def detect(
        self,
        texts: Sequence[str],
        operating_point: str = operating_points.BALANCED,
        on_progress: Progress | None = None,
    ) -> list[Detection]:
        """Return what is private in each text.

        on_progress is passed on to the model: see Model.emit.
        Raises InferenceError; a text never comes back half done.
        """
        biases = operating_points.select(self.model.operating_points, operating_point)
        emissions = self.model.emit(texts, on_progress)
        if len(emissions) != len(texts):
            raise CoverageError("The model did not answer for every text.")
        return [
            self._detect_one(text, answer, biases, operating_point)
            for text, answer in zip(texts, emissions, strict=True)
        ]

    def _detect_one(
        self, text: str, emissions: Emissions, biases: operating_points.Biases, point: str
    ) -> Detection:
        scanned = scanned_characters(text, emissions)
        if self.decodes == "argmax":
            decoded = decode_each(text, emissions, self.model.scheme)
        else:
            decoded = decode(text, emissions, self.model.scheme, biases)
        if self.uses_rules:
            keeps_doubtful = point == operating_points.HIGH_RECALL
            spans = refine(text, decoded, keeps_doubtful=keeps_doubtful)
        else:
            spans = [explained(span) for span in decoded]
        return Detection(tuple(spans), scanned, len(emissions.offsets))


def scanned_characters(text: str, emissions: Emissions) -> int:
    """Count the characters that lie in some token's range, are white space, or are invisible.

    Raises EmissionsError if a range lies outside of the text.
    """
    offsets = emissions.offsets
    if not len(offsets):
        seen = np.zeros(len(text), dtype=bool)
    else:
        if offsets.min() < 0 or offsets.max() > len(text) or (offsets[:, 0] > offsets[:, 1]).any():
            raise EmissionsError("The model answered with offsets outside of the text.")
        edges = np.zeros(len(text) + 1, dtype=np.int64)
        np.add.at(edges, offsets[:, 0], 1)
        np.subtract.at(edges, offsets[:, 1], 1)
        seen = np.cumsum(edges[:-1]) > 0
    missed = np.flatnonzero(~seen).tolist()
    visible = sum(
        not text[index].isspace() and unicodedata.category(text[index]) not in _INVISIBLE
        for index in missed
    )
    return len(text) - visible
