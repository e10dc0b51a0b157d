"""What becomes of the model's findings, and what each span says of itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from inference.engine.engine import Engine
from inference.engine.labels import LabelScheme
from inference.engine.model import Emissions, Progress
from inference.engine.operating_points import BALANCED, HIGH_PRECISION, HIGH_RECALL, presets
from inference.engine.refine import refine
from inference.engine.spans import Span

TEXT = (
    "Mr Roman Misiak, born on 3 May 1980, owes Rosemann GmbH money."
    " His card is 4111 1111 1111 1111, his account 1234 567 890. ROMAN MISIAK paid from 1234567890."
)


def model(value: str, label: str, score: float = 0.9) -> Span:
    start = TEXT.index(value)
    return Span(start, start + len(value), label, score)


DECODED = [
    model("Roman Misiak", "private_person"),
    model("3 May 1980", "private_date", 0.3),
    model("Rosemann", "private_person"),
    model("1234 567 890", "account_number"),
]


def test_every_step_adds_its_part() -> None:
    found = {TEXT[span.start : span.end]: span for span in refine(TEXT, DECODED)}
    assert {value: (span.label, span.subtype, span.detector) for value, span in found.items()} == {
        "Mr Roman Misiak": ("private_person", "", "model"),
        "3 May 1980": ("private_date", "DATE_OF_BIRTH", "model"),
        "4111 1111 1111 1111": ("account_number", "CREDIT_CARD", "rule"),
        "1234 567 890": ("account_number", "BANK_ACCOUNT", "model"),
        "ROMAN MISIAK": ("private_person", "", "repeat"),
        "1234567890": ("account_number", "BANK_ACCOUNT", "repeat"),
    }


class Sure:
    """A model that takes the first word of a text for a name."""

    name, revision, batch_tokens = "sure", "0" * 12, 0
    scheme = LabelScheme.default()
    operating_points = presets()

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        end = texts[0].index(" ")
        log_probs = np.full((2, len(self.scheme.names)), -20.0, dtype=np.float32)
        log_probs[0, self.scheme.names.index("S-private_person")] = 0.0
        log_probs[1, self.scheme.names.index("O")] = 0.0
        return [Emissions(log_probs, np.array([[0, end], [end, len(texts[0])]], dtype=np.int32))]


@pytest.mark.parametrize(("point", "found"), [(BALANCED, 0), (HIGH_PRECISION, 0), (HIGH_RECALL, 1)])
def test_high_recall_alone_drops_nothing_of_what_the_model_found(point: str, found: int) -> None:
    (detection,) = Engine(Sure()).detect(["Rosemann GmbH"], point)
    assert len(detection.spans) == found
    (detection,) = Engine(Sure()).detect(["Rosemann called"], point)
    assert len(detection.spans) == 1


def test_each_span_says_what_found_it_how_sure_and_why() -> None:
    for span in refine(TEXT, DECODED):
        assert span.detector in {"model", "rule", "repeat"}
        assert 0 < span.score <= 1
        assert span.reason.endswith(".")
        assert len(span.reason.split()) >= 4
        assert TEXT[span.start : span.end] not in span.reason
