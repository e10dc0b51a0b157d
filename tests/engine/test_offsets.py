"""Offsets of tokens point into the text as it was given, whatever it holds."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inference
from inference.engine.offsets import CompactTokenizer, Encoding, normalise

_FILE = Path(inference.__file__).parent / "checkpoints" / "compact" / "tokenizer.json"
_ODD = (
    "ﬁﬃ①㌔㍿Ａ１２　｡ｶﾞﾊﾟ가각\u1100\u1161\u11a8é\u0301\u0323\u0308ßİıſ½²™…"
    "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u061c\u0000\u0007\u001f\u0085\u2028\t\r\n \u00a0"
    "नमस्ते\u0958ไทยกำ中文豈漢字、。😀👩‍👩‍👧🇩🇪\ud800\udfff\U000e0041\uffff"
)
_TEXT = st.text(
    st.one_of(
        st.sampled_from(_ODD),
        st.characters(),
        st.characters(categories=["Cs"]),
        st.characters(max_codepoint=127),
    ),
    max_size=80,
)


@pytest.fixture(scope="module")
def tokenizer() -> CompactTokenizer:
    return CompactTokenizer(_FILE)


def _pieces(tokenizer: CompactTokenizer, text: str) -> list[str]:
    return [text[start:end] for start, end in tokenizer.encode(text).offsets.tolist()]


def _check(text: str, encoding: Encoding) -> None:
    """Ranges lie in the text, ascend, and together hold every visible character."""
    ids, offsets = encoding.ids, encoding.offsets
    assert ids.dtype == offsets.dtype == np.int32
    assert offsets.shape == (len(ids), 2)
    if not len(ids):
        assert not text.strip()
        return
    assert (offsets[:, 0] <= offsets[:, 1]).all()
    assert (offsets[:-1] <= offsets[1:]).all()
    assert offsets.min() >= 0
    assert offsets.max() <= len(text)
    covered = bytearray(len(text))
    for start, end in offsets.tolist():
        covered[start:end] = b"\1" * (end - start)
    missed = [char for char, seen in zip(text, covered, strict=True) if not seen]
    assert all(char.isspace() for char in missed)
    for start, end in offsets.tolist():
        assert text[start:end] == text[start:end].strip()


@settings(deadline=None, max_examples=400)
@given(text=_TEXT)
def test_every_visible_character_lies_in_a_token(tokenizer: CompactTokenizer, text: str) -> None:
    _check(text, tokenizer.encode(text))


@settings(deadline=None, max_examples=400)
@given(_TEXT)
def test_normal_form_keeps_the_way_back(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    normal = normalise(text)
    if normal.starts is None or normal.ends is None:
        assert normal.text == text
        return
    assert len(normal.text) == len(normal.starts) == len(normal.ends)
    assert (normal.starts < normal.ends).all()
    assert (np.diff(normal.starts) >= 0).all()
    for char, start, end in zip(
        normal.text, normal.starts.tolist(), normal.ends.tolist(), strict=True
    ):
        origin = text[start:end]
        assert char in " \n" or char in unicodedata.normalize("NFKC", _visible(origin))


def _visible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in {"Cc", "Cf"})


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("ﬁne", ["ﬁne"]),
        ("e\u0301a\u0323\u0302 x", ["e\u0301", "a\u0323\u0302", "x"]),
        ("１２３", ["１２３"]),
    ],
)
def test_characters_that_join_stay_together(
    tokenizer: CompactTokenizer, text: str, pieces: list[str]
) -> None:
    assert _pieces(tokenizer, text) == pieces


def test_decomposed_text_gets_the_tokens_of_composed_text(tokenizer: CompactTokenizer) -> None:
    text = "José Müller, 한국 서울, Ångström"
    composed = tokenizer.encode(unicodedata.normalize("NFC", text)).ids
    decomposed = tokenizer.encode(unicodedata.normalize("NFD", text)).ids
    assert composed.tolist() == decomposed.tolist()


def test_zero_width_characters_do_not_split_an_address(tokenizer: CompactTokenizer) -> None:
    plain = tokenizer.encode("write to anna@example.org now")
    hidden = tokenizer.encode("write to an\u200bna@exam\u200d\ufeffple.org now")
    assert plain.ids.tolist() == hidden.ids.tolist()


def test_line_feed_starts_a_fresh_word(tokenizer: CompactTokenizer) -> None:
    lines = tokenizer.encode("name\nAnna")
    assert lines.ids[-1] == tokenizer.encode("Anna").ids[0]
    assert lines.ids[1] == tokenizer.vocabulary_size - 1


def test_white_space_alone_has_no_tokens(tokenizer: CompactTokenizer) -> None:
    for text in ("", " ", "\n\n", "\t \u3000\u00a0"):
        assert len(tokenizer.encode(text).ids) == 0


@pytest.mark.parametrize(
    "text",
    [
        "x" * 300_000,
        "字" * 300_000,
        "\u0301" * 300_000,
        "e\u0301" * 150_000,
        "\u200b" * 300_000,
        "word 12, " * 33_000,
        "\n" * 300_000 + "end",
        "\ud800" * 300_000,
    ],
    ids=["letters", "han", "marks", "decomposed", "zero width", "words", "lines", "surrogates"],
)
def test_long_texts_are_covered(tokenizer: CompactTokenizer, text: str) -> None:
    encoding = tokenizer.encode(text)
    assert int(encoding.offsets[-1, 1]) >= len(text.rstrip())
    starts, ends = encoding.offsets[:, 0], encoding.offsets[:, 1]
    gaps = np.flatnonzero(starts[1:] > ends[:-1])
    assert all(text[ends[gap] : starts[gap + 1]].isspace() for gap in gaps[:100])


def test_pieces_of_a_long_text_equal_those_of_its_parts(tokenizer: CompactTokenizer) -> None:
    sentence = "Anna Schmidt wohnt in der Lindenstraße 5, 10115 Berlin."
    whole = tokenizer.encode(" ".join([sentence] * 4000))
    part = tokenizer.encode(sentence)
    assert whole.ids[: len(part.ids)].tolist() == part.ids.tolist()
    assert whole.ids[-len(part.ids) :].tolist() == part.ids.tolist()
