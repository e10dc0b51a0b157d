"""Lay words out as one text, with the place of each word in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from anonymizer.ocr.words import Box, OcrWord

# Words of a line that are so many heights apart are columns.
_COLUMNS_APART = 3.0
# No blank stands between signs of a script without spaces that are so many heights apart, nor
# between one of them and a letter or digit.
_CLOSE_BETWEEN_WIDE = 1.0
_CLOSE_TO_WIDE = 0.35


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word's code points [start, end) of the text, and its place in the picture."""

    start: int
    end: int
    box: Box
    edges: tuple[float, ...] = ()


def laid_out(words: Sequence[OcrWord]) -> tuple[str, tuple[PlacedWord, ...]]:
    """Return words in reading order as a text, and where in it each stands.

    Lines end with a line feed, blocks with two; a tab stands between columns of a line. No space
    comes between signs of scripts that write none, since tesseract parts those at will.
    """
    parts: list[str] = []
    placed: list[PlacedWord] = []
    length = 0
    last: OcrWord | None = None
    for word in words:
        between = "" if last is None else separator(last, word)
        start = length + len(between)
        length = start + len(word.text)
        parts += (between, word.text)
        placed.append(PlacedWord(start, length, word.box, word.edges))
        last = word
    return "".join(parts), tuple(placed)


def separator(last: OcrWord, word: OcrWord) -> str:
    """Return what stands between two words that follow each other."""
    if word.block != last.block:
        return "\n\n"
    if word.line != last.line:
        return "\n"
    gap = word.box[0] - last.box[2]
    height = min(word.box[3] - word.box[1], last.box[3] - last.box[1])
    if gap > _COLUMNS_APART * max(height, 1.0):
        return "\t"
    wide = _spaceless(last.text[-1]) + _spaceless(word.text[0])
    reach = (0.0, _CLOSE_TO_WIDE, _CLOSE_BETWEEN_WIDE)[wide]
    return "" if wide and gap <= reach * height else " "


def _spaceless(sign: str) -> bool:
    """Say whether a sign is of a script without spaces: Chinese, Japanese, their punctuation."""
    return unicodedata.east_asian_width(sign) in "WF"
