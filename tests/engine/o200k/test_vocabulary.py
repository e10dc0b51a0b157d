"""The rebuilt vocabulary is o200k_base, and the engine's offsets hold on it for any text."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.engine.engine import scanned_characters
from inference.engine.model import Emissions
from inference.engine.privacy_filter import encode
from tests.engine.o200k import vocabulary
from tests.engine.o200k.rebuild import BYTES, parts_of, read_ranks

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text(encoding="utf-8"))
ORDINARY = 199_998
_ODD = (
    "ﬁﬃ①㌔㍿Ａ１２　｡ｶﾞﾊﾟ가각\u1100\u1161\u11a8é\u0301\u0323\u0308ßİıſ½²™…"
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u061c\u0000\u0007\u001f\u0085\u2028\t\r\n \u00a0"
    "नमस्ते\u0958ไทยกำ中文豈漢字、。العربية\u064b😀👩‍👩‍👧🇩🇪\ud800\udfff\U000e0041\uffff'<|>/"
)
_TEXT = st.lists(
    st.one_of(
        st.text(st.sampled_from(_ODD), max_size=8),
        st.text(st.characters(), max_size=8),
        st.text(st.characters(categories=["Cs"]), max_size=2),
        st.text(st.characters(max_codepoint=127), max_size=8),
        st.sampled_from(["<|start|>", "<|endoftext|>", "\r\n", "👩‍👩‍👧", "Jane Doe", "it's"]),
    ),
    max_size=12,
).map("".join)


def _check(tokenizer: Any, text: str) -> None:
    """Check all that must hold of any text."""
    ids, offsets = encode(tokenizer, text)
    assert len(ids) == len(offsets)
    assert ((ids >= 0) & (ids < ORDINARY)).all()
    assert (offsets[:, 0] < offsets[:, 1]).all()
    assert (np.diff(offsets, axis=0) >= 0).all()
    # Each character stands in some token, be it visible or not.
    edges = np.zeros(len(text) + 1, np.int64)
    np.add.at(edges, offsets[:, 0], 1)
    np.subtract.at(edges, offsets[:, 1], 1)
    assert (np.cumsum(edges[:-1]) > 0).all()
    assert scanned_characters(text, Emissions(np.empty((len(ids), 0), np.float32), offsets)) == len(
        text
    )
    readable = re.sub("[\ud800-\udfff]", "\ufffd", text)
    assert tokenizer.decode(ids.tolist(), skip_special_tokens=False) == readable


@pytest.mark.parametrize(("text", "ids"), EXPECTED)
def test_ids_are_those_of_tiktoken(tokenizer: Any, text: str, ids: list[int]) -> None:
    assert encode(tokenizer, text)[0].tolist() == ids
    _check(tokenizer, text)


def test_special_tokens_have_their_numbers(tokenizer: Any) -> None:
    expected = {
        "<|startoftext|>": 199_998,
        "<|endoftext|>": 199_999,
        "<|return|>": 200_002,
        "<|channel|>": 200_005,
        "<|start|>": 200_006,
        "<|end|>": 200_007,
        "<|message|>": 200_008,
        "<|call|>": 200_012,
        "<|endofprompt|>": 200_018,
    }
    assert {name: tokenizer.token_to_id(name) for name in expected} == expected
    assert tokenizer.get_vocab_size(with_added_tokens=False) == ORDINARY
    assert tokenizer.get_vocab_size() <= vocabulary.SIZE


@settings(max_examples=400, deadline=None)
@given(_TEXT)
def test_any_text_is_covered_and_comes_back(tokenizer: Any, text: str) -> None:
    _check(tokenizer, text)


@settings(max_examples=100, deadline=None)
@given(_TEXT)
def test_decomposed_text_is_not_composed(tokenizer: Any, text: str) -> None:
    for form in ("NFC", "NFD", "NFKD"):
        _check(tokenizer, unicodedata.normalize(form, text))


@pytest.mark.parametrize("name", vocabulary.SPECIAL)
def test_the_name_of_a_special_token_is_text(tokenizer: Any, name: str) -> None:
    text = f"Jane{name}Doe"
    _check(tokenizer, text)
    ids, offsets = encode(tokenizer, text)
    assert len(ids) > 4
    pieces = [text[start:end] for start, end in offsets.tolist()]
    assert "".join(pieces) == text


def test_the_bytes_of_a_character_all_point_to_it(tokenizer: Any) -> None:
    text = "a😀\ud800𓀀"
    _, offsets = encode(tokenizer, text)
    assert {tuple(pair) for pair in offsets.tolist()} == {(0, 1), (1, 2), (2, 3), (3, 4)}
    assert len(offsets) > 4


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "A",
        " ",
        "\n",
        "1",
        "-",
        "\u0301",
        "日",
        "\x00",
        "Aa",
        " \r\n",
        "👩‍👩‍👧",
        "\u1100\u1161",
    ],
)
def test_the_same_again_and_again_is_encoded(tokenizer: Any, unit: str) -> None:
    """Neither the pattern nor the merging may be quadratic: this would not end."""
    _check(tokenizer, unit * (200_000 // len(unit)))


def test_two_million_letters_without_a_space_are_encoded(tokenizer: Any) -> None:
    ids, offsets = encode(tokenizer, "A" * 2_000_000)
    assert len(ids) == 250_000
    assert offsets[-1].tolist() == [1_999_992, 2_000_000]


def test_merges_follow_from_the_ranks_alone() -> None:
    spelled, merges = vocabulary.tokens()
    ranks = {token: rank for rank, token in enumerate(spelled)}
    assert len(ranks) == len(spelled) == ORDINARY
    for rank in range(BYTES, ORDINARY, 997):
        assert parts_of(spelled[rank], ranks) == merges[rank - BYTES]


def test_both_formats_of_ranks_are_read(tmp_path: Path) -> None:
    tokens = {b"!": 0, b"\xff\n": 1, b"ab": 2}
    written = [base64.b64encode(token).decode() for token in tokens]
    ours, theirs = tmp_path / "o200k_base.js", tmp_path / "o200k_base.tiktoken"
    ours.write_text("export default " + json.dumps({"bpe_ranks": f"! 0 {' '.join(written)}"}) + ";")
    theirs.write_text("".join(f"{token} {rank}\n" for rank, token in enumerate(written)))
    assert read_ranks(ours) == read_ranks(theirs) == tokens
