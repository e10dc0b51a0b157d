"""Folding: the text as rules see it, with a map back to the text as it was given.

Folding only replaces a character by one other or drops it, so the map is one index for each
kept character. Dropped: zero-width, bidi and other invisible characters, combining accents.
Replaced: full-width and mathematical forms, digits of any script, accented letters, exotic
dashes and spaces by their plain counterparts. Indian or Arabic vowel signs stay.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

_DROPPED = (
    (0x00AD, 0x00AD),
    (0x0300, 0x036F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF9, 0xFFFB),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
# White space by Unicode, without the line breaks.
_SPACES = (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_DASHES = (0x058A, *range(0x2010, 0x2016), 0x2043, 0x2212, 0xFE58, 0xFE63, 0xFF0D)
_ACCENTED = ((0x00C0, 0x052F), (0x1E00, 0x1FFF))
_COMPATIBLE = ((0xFF01, 0xFF5E), (0x1D400, 0x1D7FF), (0xFE50, 0xFE6B))
_DROP = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text.

    text:    the folded text, never longer than the original
    origins: (len(text),) index in the original of each character; None if nothing was dropped
    original: the text as it was given
    """

    text: str
    origins: npt.NDArray[np.int64] | None
    original: str

    def to_original(self, start: int, end: int) -> tuple[int, int]:
        """Return the range of the original that a non-empty folded range stands for.

        Invisible characters inside belong to it, and so do accents that combine with its last
        character.
        """
        if self.origins is None:
            return start, end
        first, last = int(self.origins[start]), int(self.origins[end - 1]) + 1
        limit = int(self.origins[end]) if end < len(self.origins) else len(self.original)
        while last < limit and unicodedata.combining(self.original[last]):
            last += 1
        return first, last


def fold(text: str) -> Folded:
    """Return the text as rules see it; linear in its length, any string is accepted."""
    if text.isascii():
        return Folded(text, None, text)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    folded = _table()[codes]
    kept = folded != _DROP
    if kept.all():
        return Folded(_decode(folded), None, text)
    return Folded(_decode(folded[kept]), np.flatnonzero(kept), text)


def fold_words(*words: str) -> tuple[str, ...]:
    """Return words of a rule as they stand in a folded text."""
    return tuple(fold(word).text for word in words)


def _decode(codes: npt.NDArray[np.uint32]) -> str:
    return codes.astype("<u4").tobytes().decode("utf-32-le")


@cache
def _table() -> npt.NDArray[np.uint32]:
    """Return what each code point folds to; 4.5 MB, made once."""
    table = np.arange(sys.maxunicode + 1, dtype=np.uint32)
    table[0xD800:0xE000] = 0xFFFD  # lone surrogates cannot be encoded for matching
    for first, last in _COMPATIBLE:
        for code in range(first, last + 1):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1:
                table[code] = _unaccented(plain)
    for first, last in _ACCENTED:
        for code in range(first, last + 1):
            table[code] = _unaccented(chr(code))
    for code in range(0x0660, 0x1FC00):
        digit = unicodedata.decimal(chr(code), None)
        if digit is not None:
            table[code] = ord("0") + digit
    table[list(_SPACES)] = ord(" ")
    table[list(_DASHES)] = ord("-")
    for first, last in _DROPPED:
        table[first : last + 1] = _DROP
    return table


def _unaccented(character: str) -> int:
    decomposed = unicodedata.normalize("NFD", character)
    rest = decomposed[1:]
    return ord(decomposed[0] if all(map(unicodedata.combining, rest)) else character)
