"""Tokens of the compact checkpoint, with offsets into the text as it was given.

The tokenizer wants compatibility-normalised text (NFKC), and normalising moves characters:
"ﬁ" becomes two, "e" + combining acute becomes one, zero-width characters vanish. So the
text is normalised here, cluster by cluster, while noting which stretch of the original each
normalised character came from. The `tokenizers` library sees only the normalised text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

IntArray = npt.NDArray[np.int32]

UNKNOWN_ID = 3

# Runs that may need normalising: non-ASCII (with the character before, which a combining mark
# may join), and control characters. Everything else is already in its normal form.
_SUSPECT_RUN = re.compile(r"[\n -~]?[^\n -~]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = np.array([chr(code).isspace() for code in range(0x3002)])  # the last one is no space
# Tokenizing is linear, but a piece of bounded size keeps memory and the longest wait small.
_PIECE_CHARS = 100_000
# Unicode's stream-safe format allows 30 combining marks in a row; more are a hostile text.
_CLUSTER_CHARS = 32


@dataclass(frozen=True, slots=True)
class Encoding:
    """Tokens of one text, without the special tokens around a window.

    ids:     (T,) int32 vocabulary indices
    offsets: (T, 2) int32 half-open ranges of code points of the original text, ascending;
             a range is empty for a token that stands for white space only
    """

    ids: IntArray
    offsets: IntArray


class CompactTokenizer:
    """The tokenizer of a compact checkpoint."""

    def __init__(self, path: Path) -> None:
        """Load tokenizer.json at `path`; raises what `tokenizers` raises if it is damaged."""
        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    @property
    def vocabulary_size(self) -> int:
        """Number of pieces, which is the number of rows the embedding must have."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> Encoding:
        """Return the tokens of `text`; any Python string is accepted.

        Every character that is not white space lies in the range of some token: characters
        that normalising removes belong to the token before them.
        """
        if not text or text.isspace():
            return Encoding(np.empty(0, np.int32), np.empty((0, 2), np.int32))
        text = _SURROGATE.sub("\ufffd", text)
        pieces = [self._encode_piece(text[start:end], start) for start, end in _cut(text)]
        ids = np.concatenate([piece[0] for piece in pieces])
        offsets = np.concatenate([piece[1] for piece in pieces])
        return Encoding(ids, _cover(text, offsets))

    def _encode_piece(self, text: str, base: int) -> tuple[IntArray, IntArray]:
        """Tokenize one piece that starts at `base`; offsets may still hold spaces and gaps."""
        normal = normalise(text)
        encoded = self._tokenizer.encode(normal.text, add_special_tokens=False)
        ids = np.array(encoded.ids, np.int32)
        offsets = np.array(encoded.offsets, np.int32).reshape(-1, 2)
        if normal.starts is not None and normal.ends is not None and len(ids):
            last = np.maximum(offsets[:, 1] - 1, offsets[:, 0])
            first = np.minimum(offsets[:, 0], len(normal.starts) - 1)
            last = np.minimum(last, len(normal.ends) - 1)
            offsets = np.stack([normal.starts[first], normal.ends[last]], axis=1)
        if not len(ids) and not text.isspace():
            # Nothing but invisible characters: they must still be covered.
            ids, offsets = np.array([UNKNOWN_ID], np.int32), np.array([[0, len(text)]], np.int32)
        return ids, offsets + np.int32(base)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Text in the tokenizer's normal form, and where each character came from.

    starts, ends: (len(text),) code points of the original; None when nothing moved
    """

    text: str
    starts: IntArray | None
    ends: IntArray | None


def normalise(text: str) -> Normalised:
    """Return the NFKC form of `text` without invisible characters, with its origins."""
    out: list[str] = []
    starts: list[npt.NDArray[np.int64]] = []
    ends: list[npt.NDArray[np.int64]] = []
    done = 0
    for run in _SUSPECT_RUN.finditer(text):
        piece = run.group()
        if _is_plain(piece):
            continue
        plain = np.arange(done, run.start())
        out.append(text[done : run.start()])
        starts.append(plain)
        ends.append(plain + 1)
        changed, run_starts, run_ends = _normalise_run(piece, run.start())
        out.append(changed)
        starts.append(np.array(run_starts, np.int64))
        ends.append(np.array(run_ends, np.int64))
        done = run.end()
    if not done:
        return Normalised(text, None, None)
    plain = np.arange(done, len(text))
    out.append(text[done:])
    return Normalised(
        "".join(out),
        np.concatenate([*starts, plain]).astype(np.int32),
        np.concatenate([*ends, plain + 1]).astype(np.int32),
    )


def _is_plain(run: str) -> bool:
    """Say whether a run is in normal form and has neither controls nor format characters."""
    # isprintable is false for all controls, format characters and spaces but U+0020.
    return run.isprintable() and unicodedata.is_normalized("NFKC", run)


def _normalise_run(run: str, base: int) -> tuple[str, list[int], list[int]]:
    """Normalise a run cluster by cluster; every output character points at its whole cluster."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    while position < len(run):
        end = position + 1
        limit = min(len(run), position + _CLUSTER_CHARS)
        while end < limit and _joins_previous(run[end]):
            end += 1
        normal = _normalise_character(run[position]) if end == position + 1 else None
        if normal is None:
            visible = "".join(map(_visible, run[position:end]))
            normal = "".join(map(_visible, unicodedata.normalize("NFKC", visible)))
        out.append(normal)
        starts.extend([base + position] * len(normal))
        ends.extend([base + end] * len(normal))
        position = end
    return "".join(out), starts, ends


@cache
def _normalise_character(character: str) -> str:
    return "".join(map(_visible, unicodedata.normalize("NFKC", _visible(character))))


@cache
def _visible(character: str) -> str:
    """Return the character, a space for any white space but a line feed, "" for the invisible."""
    if character == "\n":
        return character
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cf"} else character


@cache
def _joins_previous(character: str) -> bool:
    """Say whether a character may combine with the one before it under NFKC."""
    code = ord(character)
    return (
        unicodedata.category(character).startswith("M")
        or 0x1160 <= code <= 0x11FF  # Hangul vowels and finals
        or 0xFF9E <= code <= 0xFF9F  # half-width voicing marks
    )


def _cut(text: str) -> list[tuple[int, int]]:
    """Cut a long text into pieces of bounded size, at white space where there is some."""
    cuts: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > _PIECE_CHARS:
        end = start + _PIECE_CHARS
        space = max(text.rfind(" ", start, end), text.rfind("\n", start, end))
        if space > start:
            end = space
        else:
            while end > start + _PIECE_CHARS - _CLUSTER_CHARS and _joins_previous(text[end]):
                end -= 1
        cuts.append((start, end))
        start = end
    cuts.append((start, len(text)))
    return cuts


def _cover(text: str, offsets: IntArray) -> IntArray:
    """Trim white space off the ranges, then stretch them over visible gaps between them."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    space = _SPACES[np.minimum(codes, len(_SPACES) - 1)]
    size = len(codes)
    index = np.arange(size, dtype=np.int32)
    following = np.where(space, np.int32(size), index)  # first visible at or after i
    following = np.append(np.minimum.accumulate(following[::-1])[::-1], np.int32(size))
    previous = np.where(space, np.int32(-1), index)  # last visible at or before i
    previous = np.append(np.int32(-1), np.maximum.accumulate(previous))
    starts, ends = offsets[:, 0], offsets[:, 1]
    starts = np.minimum(following[starts], ends)
    starts[0] = min(int(starts[0]), int(following[0]))
    ends = np.maximum(previous[ends] + 1, starts)
    # A gap between two tokens that holds visible characters goes to the token before it.
    reached = np.maximum.accumulate(ends)
    limits = np.append(np.maximum(starts[1:], reached[:-1]), np.int32(size))
    stretched = previous[limits] + 1
    ends = np.where(stretched > reached, stretched, ends)
    return np.stack([starts, ends], axis=1).astype(np.int32)
