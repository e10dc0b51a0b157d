"""Texts that a model is measured on stay out of what it is trained on."""

from __future__ import annotations

import pytest

from inference.training.leaks import Leaks, without_leaks
from inference.training.records import Record

LONG = (
    "The ferry to the island left at noon with forty passengers, two goats and a piano "
    "that nobody had paid for, and came back in the evening."
)
CHINESE = (
    "渡轮在中午离开码头，载着四十名乘客、两只山羊和一架没有人付过钱的钢琴，"
    "傍晚时分才回来，船长说海上的风浪比早晨更大。"
)


def _record(text: str) -> Record:
    return Record(id="1", source="t", language="en", text=text, spans=())


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        LONG.upper(),
        LONG.replace(",", " –").replace(" ", "\n"),
        LONG.replace("ff", "\ufb00").replace("ferry", "ｆｅｒｒｙ"),
        "Yesterday we heard: " + LONG[10:90] + " And so on.",
        CHINESE,
        "他写道：" + CHINESE[3:50] + "大家都笑了。",
    ],
)
def test_equal_text_and_long_stretches_are_leaks(text: str) -> None:
    assert text in Leaks([LONG, CHINESE])


@pytest.mark.parametrize(
    "text",
    [
        "The ferry to the island left at noon.",
        "two goats and a piano that nobody had paid for were on board",
        "渡轮在中午离开码头，载着四十名乘客。",
        "",
    ],
)
def test_short_stretches_are_no_leaks(text: str) -> None:
    assert text not in Leaks([LONG, CHINESE])


def test_thirteen_words_are_too_many_and_twelve_are_not() -> None:
    words = LONG.split()
    leaks = Leaks([LONG])
    assert " ".join(["Then", *words[3:16], "again"]) in leaks
    assert " ".join(["Then", *words[3:15], "again"]) not in leaks


def test_short_text_leaks_only_as_a_whole() -> None:
    leaks = Leaks(["Call me on Monday."])
    assert "call me, on MONDAY" in leaks
    assert "Please call me on Monday." not in leaks


def test_leaking_records_are_dropped_and_counted() -> None:
    sources = {"a": [_record(LONG), _record("Something else.")], "b": [_record("Nothing.")]}
    kept, gone = without_leaks(sources, {"dev": [_record(LONG)]})
    assert [record.text for record in kept["a"]] == ["Something else."]
    assert kept["b"] == sources["b"]
    assert gone == {"a": 1}


def test_known_templates_count_only_as_equal_texts() -> None:
    filled = LONG.replace("forty", "ninety")
    sources = {"a": [_record(LONG), _record(filled)]}
    held_out = {"dev": [_record(LONG)]}
    assert without_leaks(sources, held_out)[1] == {"a": 2}
    assert without_leaks(sources, held_out, ["dev"])[1] == {"a": 1}
