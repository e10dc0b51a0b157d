"""What has leaked text in other products, one test each."""

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest

from inference.engine.engine import Engine, scanned_characters
from inference.engine.errors import CoverageError, EmissionsError, InferenceError
from inference.engine.labels import LabelScheme
from inference.engine.model import Emissions, Progress
from inference.engine.operating_points import presets

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
NAME, MAIL = "Jane Doe", "jane.doe@example.com"
SENTENCE = f"My name is {NAME} and my e-mail address is {MAIL}, please write."


def hidden(engine: Engine, text: str) -> list[str]:
    (detection,) = engine.detect([text])
    assert detection.scanned_chars == len(text)
    assert all(a.end <= b.start for a, b in pairwise(detection.spans))
    return [text[span.start : span.end] for span in detection.spans]


def test_text_past_the_window_is_scanned(engine: Engine) -> None:
    text = "Nothing of note happened here. " * 150 + SENTENCE
    assert {NAME, MAIL} <= set(hidden(engine, text))


@pytest.mark.parametrize(
    "before", ["😀👩‍👩‍👧 ", "e\u0301\u0302 ", "日本 ", "\r\n\r\n", "\x00 ", "\ud800 ", "ﬁ ½ ﷺ "]
)
def test_offsets_are_code_points_whatever_stands_before(engine: Engine, before: str) -> None:
    assert {NAME, MAIL} <= set(hidden(engine, before + SENTENCE))


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_normal_forms_do_not_shift_offsets(engine: Engine, form: Form) -> None:
    text = unicodedata.normalize(form, "Ich heiße José Müller, schreiben Sie an josé@example.com.")
    found = " ".join(hidden(engine, text))
    assert unicodedata.normalize(form, "José Müller") in found
    assert unicodedata.normalize(form, "josé@example.com") in found


@pytest.mark.parametrize("mark", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e"])
def test_invisible_characters_do_not_hide_a_value(engine: Engine, mark: str) -> None:
    disguised = mark.join(MAIL)
    assert disguised in hidden(engine, f"Write to {disguised} today")


def test_no_tail_is_left_of_overlapping_findings(engine: Engine) -> None:
    for text in (SENTENCE, f"{MAIL},{MAIL};{NAME}<{MAIL}>"):
        rest = text
        for value in sorted(hidden(engine, text), key=len, reverse=True):
            rest = rest.replace(value, "")
        assert "example" not in rest
        assert "jane" not in rest.lower()


def test_same_value_is_hidden_in_every_place(engine: Engine) -> None:
    text = f"{SENTENCE}\n| id | {NAME} |\n{NAME.upper()} SIGNED. fwd: {MAIL.upper()}"
    found = hidden(engine, text)
    assert found.count(NAME) == 2
    assert {NAME.upper(), MAIL.upper()} <= set(found)


def test_placeholders_in_the_text_are_left_alone(engine: Engine) -> None:
    text = f"<PRIVATE_EMAIL> and [PERSON_1] wrote to {MAIL}"
    found = hidden(engine, text)
    assert MAIL in found
    assert not any("PRIVATE_EMAIL" in value or "PERSON_1" in value for value in found)


@pytest.mark.parametrize("text", ["", " ", "\n\t \u3000", "\u200b\u200b", "\x00"])
def test_nothing_visible_is_scanned_and_finds_nothing(engine: Engine, text: str) -> None:
    assert hidden(engine, text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("My name is Jane Doe, call me at +1 212 555 0187.", ["Jane Doe", "+1 212 555 0187"]),
        (
            "Me llamo Juan Pérez García y mi teléfono es 612 345 678.",
            ["Juan Pérez García", "612 345 678"],
        ),
        (
            "Je m'appelle Marie Dupont, mon numéro est le 06 12 34 56 78.",
            ["Marie Dupont", "06 12 34 56 78"],
        ),
        ("Ich heiße Klaus Schmidt, Telefon 0176 12345678.", ["Klaus Schmidt", "0176 12345678"]),
        ("我叫王小明，电话号码是13800138000。", ["王小明", "13800138000"]),
        ("मेरा नाम राहुल शर्मा है, मेरा फोन नंबर 98765 43210 है।", ["राहुल शर्मा", "98765 43210"]),
    ],
)
def test_names_and_numbers_are_found_in_six_languages(
    engine: Engine, text: str, values: list[str]
) -> None:
    found = hidden(engine, text)
    assert all(any(value in span for span in found) for value in values)


class StubbornModel:
    """A model that gives the answer it was made with."""

    name, revision = "stubborn", "0" * 12
    scheme = LabelScheme.default()
    operating_points = presets()

    def __init__(self, *answers: Emissions) -> None:
        self.answers = answers

    def emit(self, texts: Sequence[str], on_progress: Progress | None = None) -> list[Emissions]:
        return list(self.answers)


def plain(tokens: int, offsets: list[list[int]]) -> Emissions:
    log_probs = np.full((tokens, 33), -10.0, dtype=np.float32)
    log_probs[:, 0] = -0.01
    return Emissions(log_probs, np.array(offsets, dtype=np.int32).reshape(-1, 2))


def test_text_that_the_model_skipped_is_not_counted_as_scanned() -> None:
    engine = Engine(StubbornModel(plain(1, [[0, 4]])))
    (detection,) = engine.detect(["Jane Doe"])
    assert detection.scanned_chars == 5  # the space needs no scan, "Doe" does


def test_failed_scan_never_looks_clean() -> None:
    broken = plain(1, [[0, 8]])
    broken.log_probs[0, 5] = np.nan
    with pytest.raises(EmissionsError):
        Engine(StubbornModel(broken)).detect(["Jane Doe"])


def test_missing_answer_raises() -> None:
    with pytest.raises(CoverageError):
        Engine(StubbornModel()).detect(["Jane Doe"])


@pytest.mark.parametrize("offsets", [[[0, 99]], [[-1, 3]], [[3, 1]]])
def test_offsets_outside_of_the_text_raise(offsets: list[list[int]]) -> None:
    with pytest.raises(EmissionsError):
        Engine(StubbornModel(plain(1, offsets))).detect(["Jane Doe"])


def test_coverage_counts_overlapping_ranges_once() -> None:
    assert scanned_characters("ab cd", plain(3, [[0, 1], [0, 2], [3, 5]])) == 5


def test_errors_carry_no_text(engine: Engine) -> None:
    with pytest.raises(InferenceError) as caught:
        engine.detect([SENTENCE], operating_point="reckless")
    assert NAME not in str(caught.value)
