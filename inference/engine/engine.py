"""The engine: texts in, private spans out, with a proof that every character was looked at."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.engine import checkpoint as checkpoints
from inference.engine import operating_points, rules
from inference.engine.errors import CoverageError, EmissionsError
from inference.engine.merge import complete_words, union
from inference.engine.model import Emissions, Model, Progress
from inference.engine.repeats import find_repeats
from inference.engine.spans import Span
from inference.engine.viterbi import decode

# Control and format characters show nothing, and tokenizers drop them.
_INVISIBLE = frozenset({"Cc", "Cf"})


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found in one text.

    spans:         sorted and disjoint
    scanned_chars: how many characters a model saw, invisible ones included; less than the
                   text's length means that it must not be published
    """

    spans: tuple[Span, ...]
    scanned_chars: int


@dataclass(frozen=True, slots=True)
class Engine:
    """A model with the rules beside it; may be used by several threads if its model may."""

    model: Model

    @classmethod
    def load(cls, checkpoint: str = "", threads: int = 1) -> Engine:
        """Load a checkpoint: "compact", a directory, a hub name, or "" for the best at hand.

        Raises CheckpointError with one sentence for the user.
        """
        return cls(checkpoints.load(checkpoint, threads))

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
            self._detect_one(text, answer, biases)
            for text, answer in zip(texts, emissions, strict=True)
        ]

    def _detect_one(
        self, text: str, emissions: Emissions, biases: operating_points.Biases
    ) -> Detection:
        scanned = scanned_characters(text, emissions)
        model_spans = (
            _explained(span) for span in decode(text, emissions, self.model.scheme, biases)
        )
        spans = union(text, [*complete_words(text, model_spans), *rules.find_spans(text)])
        repeats = find_repeats(text, spans)
        if repeats:
            spans = union(text, [*spans, *repeats])
        return Detection(tuple(spans), scanned)


# What the model saw, said of the place and not of the value.
_REASONS = {
    "private_person": "Reads like a person's name where it stands.",
    "private_address": "Reads like where somebody lives or can be found.",
    "private_email": "Reads like an e-mail address.",
    "private_phone": "Reads like a telephone number.",
    "private_url": "Reads like a link or address that leads to somebody.",
    "private_date": "Reads like a date that belongs to somebody.",
    "account_number": "Reads like a number that identifies somebody.",
    "secret": "Reads like a password or key.",
}


def _explained(span: Span) -> Span:
    reason = _REASONS.get(span.label, "Reads like something private where it stands.")
    return Span(span.start, span.end, span.label, span.score, "model", reason)


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
