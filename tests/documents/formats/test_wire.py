"""What was read, as JSON and back: the same, or refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.formats import wire
from documents.formats.model import (
    Block,
    Check,
    Extracted,
    Hidden,
    Kind,
    Page,
    Picture,
    Role,
    Word,
)
from documents.formats.wire import WireError

WORDS = (
    Word(0, 3, (1.25, 2.5, 30.0, 40.75), (1.25, 10.0, 20.0, 30.0)),
    Word(4, 8, (-3.0, 0.0, 9.99, 1.0)),
)
WHOLE = Extracted(
    Kind.PDF,
    "One twö\ud800\nthree\tfour",
    (Block(Role.HEADING, 0, 8, level=2, page=1), Block(Role.CELL, 9, 14, table=1, title="Cell")),
    (
        Page(1, 595.28, 841.89, 0, 9, WORDS, was_read_by_ocr=True),
        Page(2, 100.0, 100.0, 9, 19, (Word(9, 14, (0.0, 0.0, 1.0, 1.0)),)),
    ),
    (Picture("word/media/a.png", 640, 480, 15, 19, (Word(15, 19, (1.0, 2.0, 3.0, 4.0)),)),),
    ("A sentence.",),
    "A title",
)


def test_what_was_read_comes_back_the_same() -> None:
    assert wire.extracted_from(list(wire.parts_of(WHOLE))) == WHOLE


def test_a_page_comes_back_through_json_the_same() -> None:
    for page in WHOLE.pages:
        assert wire.page_from_json(json.loads(json.dumps(wire.page_as_json(page)))) == page


def test_hidden_spans_and_checks_come_back_the_same() -> None:
    hidden = (Hidden(1, 2, "private_person", "<P>"), Hidden(5, 9, "secret", "█"))
    checks = (Check("text", 3), Check("streams", 2, ("page 1",)))
    assert wire.hidden_from_json(wire.hidden_as_json(hidden)) == hidden
    assert wire.checks_from_json(wire.checks_as_json(checks)) == checks


@settings(deadline=None)
@given(st.lists(st.floats(), min_size=4, max_size=4))
def test_any_place_is_written_as_a_number(box: list[float]) -> None:
    x0, y0, x1, y1 = box
    page = Page(1, 1.0, 1.0, 0, 1, (Word(0, 1, (x0, y0, x1, y1)),))
    again = wire.page_from_json(json.loads(wire.as_bytes(wire.page_as_json(page))))
    for place, written in zip(box, again.words[0].box, strict=True):
        assert math.isfinite(written)
        if abs(place) < 1e6:
            assert abs(place - written) < 0.006


@pytest.mark.parametrize(
    "wrong",
    [
        replace(WHOLE, blocks=(Block(Role.CODE, 4, 2),)),
        replace(WHOLE, blocks=(Block(Role.CODE, 0, 400),)),
        replace(WHOLE, blocks=(Block(Role.CODE, 3, 5), Block(Role.CODE, 4, 6))),
        replace(WHOLE, pages=(WHOLE.pages[1],)),
        replace(WHOLE, pages=(replace(WHOLE.pages[0], end=2),)),
        replace(WHOLE, pages=(replace(WHOLE.pages[0], words=(Word(3, 3, (0, 0, 1, 1)),)),)),
        replace(WHOLE, pictures=(replace(WHOLE.pictures[0], start=16),)),
        replace(WHOLE, notes=("x" * 10_000,)),
        replace(WHOLE, notes=("x",) * 10_000),
    ],
)
def test_what_disagrees_with_itself_is_refused(wrong: Extracted) -> None:
    with pytest.raises(WireError):
        wire.extracted_from(list(wire.parts_of(wrong)))


@pytest.mark.parametrize(
    "page",
    [
        None,
        [],
        [1, 2, 3, 4, 5, 0, [], [], []],
        [1, 2, 3, 0, 9, 0, [0, 3], [1, 2, 3], [0], []],
        [1, 2, 3, 0, 9, 0, [0, 3], [1, 2, 3, 4], [2], [1, 2]],
        [1, 2, 3, 0, 9, 0, [0, 3], [1, 2, 3, 4], [0], [1]],
        [1, 2, 3, 0, 9, 0, [0, 3], [1, 2, 3, 1e3], [0], []],
        [1, 2, 3, 0, 9, 0, [0, 3], [1, 2, 3, 10**12], [0], []],
        [1, 2, 3, 0, 9, 0, [0, "3"], [1, 2, 3, 4], [0], []],
        [1, 2, 3, 0, 9, 0, [0, -3], [1, 2, 3, 4], [0], []],
        [1, 2, 3, 0, 9, True, [], [], [], []],
        [1, 2, 3, 0, 9, 0, {}, [], [], []],
    ],
)
def test_a_page_that_is_none_is_refused(page: Any) -> None:
    with pytest.raises(WireError):
        wire.page_from_json(page)


def test_deep_json_is_refused() -> None:
    with pytest.raises(WireError):
        wire.from_bytes(b"[" * 1_000_000)


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None)
@given(st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(
        st.sampled_from(["numbers", "titles", "kind", "pages", "blocks"]), inner),
))  # fmt: skip
def test_any_json_is_read_or_refused(value: Any) -> None:
    for reader in (
        wire.page_from_json,
        wire.picture_from_json,
        wire.blocks_from_json,
        wire.hidden_from_json,
        wire.checks_from_json,
        lambda head: wire.extracted_from([wire.as_bytes(head), b"text"]),
    ):
        try:
            reader(value)
        except WireError:
            continue
