"""What has leaked text in other products, one test for each case."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Literal

import pytest
from django.test import Client

from anonymizer.text import Style, redact
from inference.engine.engine import Engine
from inference.engine.spans import Span
from inference.models import Scan as ScanRow
from inference.models import ScanState
from pastebin.models import Paste
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import NAME as HIDDEN_NAME
from tests.pastebin.world import Make

NAME, MAIL = "Jane Doe", "jane.doe@example.com"
SENTENCE = f"My name is {NAME} and my e-mail address is {MAIL}, please write."


def redacted(engine: Engine, text: str, style: Style = Style.PLACEHOLDER) -> str:
    (detection,) = engine.detect([text])
    assert detection.scanned_chars == len(text)
    return redact(text, detection.spans, style).text


def test_text_past_any_window_is_scanned_to_its_end(engine: Engine) -> None:
    filler = "Nothing of note happened in the valley that week. "
    text = filler * 400 + SENTENCE + filler * 20 + SENTENCE
    assert len(text) > 20_000
    result = redacted(engine, text)
    assert NAME not in result
    assert MAIL not in result


@pytest.mark.django_db
def test_failed_scan_is_not_taken_for_a_clean_one(
    make: Make, detector: ChosenEngine, client: Client
) -> None:
    detector.unseen = 1
    paste = make()
    assert ScanRow.objects.get().state == ScanState.FAILED
    assert Paste.objects.get().redacted_text is None
    for path in (paste.public, paste.raw, paste.api):
        assert HIDDEN_NAME not in client.get(path).content.decode()


@pytest.mark.django_db
def test_nothing_is_published_while_no_detector_runs(make: Make, client: Client) -> None:
    paste = make(scanned=False)
    for path in (paste.public, paste.raw, paste.api):
        assert HIDDEN_NAME not in client.get(path).content.decode()
    assert Paste.objects.get().redacted_text is None


@pytest.mark.parametrize("before", ["é", "ß€", "日本", "😀👩‍👩‍👧", "\U0001f1eb\U0001f1f7", "𝒳"])
def test_offsets_are_code_points_not_bytes_nor_utf_16(engine: Engine, before: str) -> None:
    text = f"{before} {SENTENCE}"
    (detection,) = engine.detect([text])
    found = {text[span.start : span.end] for span in detection.spans}
    assert {NAME, MAIL} <= found


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_normal_form_does_not_shift_offsets(engine: Engine, form: Literal["NFC", "NFD"]) -> None:
    name, mail = "Zoë Müller", "zoe@müller.example"
    text = unicodedata.normalize(form, f"Ich heiße {name}, geboren in Tübingen. Mail: {mail}")
    (detection,) = engine.detect([text])
    found = [text[span.start : span.end] for span in detection.spans]
    for value in (name, mail):
        assert unicodedata.normalize(form, value) in found


@pytest.mark.parametrize(
    "mark",
    ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202a", "\u202e", "\u2066"],
)
@pytest.mark.parametrize("value", [MAIL, "4111111111111111", "DE89370400440532013000"])
def test_invisible_and_bidi_characters_hide_no_value(engine: Engine, mark: str, value: str) -> None:
    disguised = mark.join(value)
    assert disguised not in (result := redacted(engine, f"Take {disguised} please"))
    assert not any(part in result for part in (value[:4], mark.join(value[:4])))


def test_overlapping_findings_leave_no_tail(engine: Engine) -> None:
    text = f"{NAME} <{MAIL}>, https://jane:{'s3cret'}@example.com/?mail={MAIL} and {MAIL},{MAIL}"
    (detection,) = engine.detect([text])
    assert all(a.end <= b.start for a, b in pairwise(detection.spans))
    rest = redact(text, detection.spans, Style.PLACEHOLDER).text.lower()
    assert not any(piece in rest for piece in ("jane", "doe", "s3cret", "example"))


def test_placeholder_in_the_input_is_not_given_to_another_value(engine: Engine) -> None:
    text = f"<PRIVATE_EMAIL_1> and [EMAIL_1] stood here before; write to {MAIL}."
    result = redacted(engine, text, Style.NUMBERED)
    assert result.count("<PRIVATE_EMAIL_1>") == 1
    assert "[EMAIL_1]" in result
    assert "<PRIVATE_EMAIL_2>" in result


def test_values_and_placeholders_are_never_read_as_patterns() -> None:
    text = r"a \1 \g<0> (Jane.*) b"
    start = text.index("(")
    result = redact(text, [Span(start, start + 8, "private_person")], Style.NUMBERED)
    assert result.text == r"a \1 \g<0> <PRIVATE_PERSON_1> b"


def test_mask_does_not_tell_the_length_of_what_it_hides() -> None:
    texts = ["Al", "Alexandra Konstantinopolskaya"]
    masks = {redact(t, [Span(0, len(t), "private_person")], Style.MASK).text for t in texts}
    assert len(masks) == 1


@pytest.mark.parametrize(
    "other", [NAME.upper(), NAME.lower(), "Jane\nDoe", "Jane  Doe", "Jane\u00a0Doe", "Ｊａｎｅ Doe"]
)
def test_same_value_is_hidden_wherever_it_stands(engine: Engine, other: str) -> None:
    result = redacted(engine, f"{SENTENCE}\n\n| 17 | {other} | paid |\n\n{SENTENCE}")
    assert NAME not in result
    assert other not in result


def test_number_written_with_other_gaps_is_hidden_too(engine: Engine) -> None:
    text = "Kontonummer: 1234 567 890.\n\nRef 77, 1234567890, ok\nRef 78; 1234-567-890; ok"
    result = redacted(engine, text)
    assert "567" not in result
