"""What is taken for bars, without a database."""

from __future__ import annotations

from typing import Any

import pytest

from documents.formats.model import Page, Word
from images.bars import BLACK, Bars, BarsError, PlacedBar, parsed
from images.covered import spans_under

GOOD = {"id": "d-1", "x": 1, "y": 1, "width": 9, "height": 9, "label": "secret", "on": True}
FORMER = Bars(BLACK, (PlacedBar("b1", 0, 0, 5, 5, "of_another_checkpoint", start=3, end=9),))
SIZE = (640, 200)


def test_what_is_known_of_a_bar_is_kept_by_its_id() -> None:
    sent = {"id": "b1", "x": 0, "y": 0, "width": 5, "height": 5, "label": "of_another_checkpoint"}
    (bar,) = parsed({"fill": "white", "bars": [sent]}, FORMER, SIZE).bars
    assert (bar.start, bar.end, bar.is_moved, bar.is_on) == (3, 9, False, True)
    (bar,) = parsed({"fill": "white", "bars": [sent | {"x": 1}]}, FORMER, SIZE).bars
    assert bar.is_moved
    (bar,) = parsed({"fill": "white", "bars": [GOOD]}, FORMER, SIZE).bars
    assert (bar.start, bar.end, bar.detector) == (0, 0, "person")


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": -1},
        {"x": 632},
        {"y": 192},
        {"width": 0},
        {"width": 10**9},
        {"x": 1.5},
        {"x": True},
        {"x": None},
        {"id": "<b>"},
        {"id": "x" * 25},
        {"id": 7},
        {"label": "<script>"},
        {"label": ["secret"]},
        {"on": "yes"},
        {"id": "b1", "label": "no such"},
    ],
)
def test_a_bar_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BarsError, match=r"\.$"):
        parsed({"fill": "black", "bars": [GOOD | wrong]}, FORMER, SIZE)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"fill": "red", "bars": []},
        {"fill": ["black"], "bars": []},
        {"fill": "black", "bars": {}},
        {"fill": "black", "bars": [[]]},
        {"fill": "black", "bars": [GOOD] * 2},
        {"fill": "black", "bars": [GOOD | {"id": f"d{n}"} for n in range(2001)]},
    ],
)
def test_what_is_no_list_of_bars_is_refused(value: Any) -> None:
    with pytest.raises(BarsError):
        parsed(value, FORMER, SIZE)


# ---- Which characters lie under bars. The text: ten pixels for each letter.

TEXT = "Call Margaret Holloway now"
WORDS = tuple(
    Word(start, end, (10.0 * start, 10.0, 10.0 * end, 30.0))
    for start, end in ((0, 4), (5, 13), (14, 22), (23, 26))
)
PAGE = Page(1, 640, 200, 0, len(TEXT), WORDS)


def bar(x: int, width: int, y: int = 8, height: int = 24, **more: Any) -> PlacedBar:
    return PlacedBar(more.pop("id", "d-1"), x, y, width, height, "secret", **more)


@pytest.mark.parametrize(
    ("placed", "hidden"),
    [
        (bar(48, 175), ["Margaret Holloway"]),
        (bar(50, 40), ["Marg"]),
        (bar(48, 84, height=6), []),
        (bar(48, 84, is_on=False), []),
        (bar(0, 260), ["Call Margaret Holloway now"]),
        (bar(48, 84, y=100), []),
        (bar(0, 260, start=5, end=22), ["Margaret Holloway"]),
        (bar(0, 260, start=5, end=22, is_moved=True), ["Call Margaret Holloway now"]),
    ],
)
def test_the_text_hides_what_lies_under_a_bar(placed: PlacedBar, hidden: list[str]) -> None:
    spans = spans_under(PAGE, TEXT, [placed])
    assert [TEXT[span.start : span.end] for span in spans] == hidden


def test_two_bars_of_one_span_are_one_and_others_stay_apart() -> None:
    first = bar(48, 84, id="b1", start=5, end=22)
    second = bar(138, 84, id="b2", start=5, end=22)
    assert [(s.start, s.end) for s in spans_under(PAGE, TEXT, [first, second])] == [(5, 22)]
    second = bar(138, 84, id="d-2")
    spans = spans_under(PAGE, TEXT, [first, second])
    assert [(s.start, s.end) for s in spans] == [(5, 13), (14, 22)]
