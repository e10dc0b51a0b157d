"""What reading a picture gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Box = tuple[float, float, float, float]


class OcrError(Exception):
    """Raised when a picture could not be gone through; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class OcrWord:
    """A word that was read in a picture.

    box:        x0, y0, x1, y1 in pixels of the picture as given, from the top left
    confidence: 0 to 1
    line:       number of the line of text, from 0 in reading order
    block:      number of the block of text, from 0 in reading order
    edges:      x of each character's left edge and of the last one's right edge, len(text) + 1,
                where they are known and the word runs from left to right; else ()
    """

    text: str
    box: Box
    confidence: float
    line: int
    block: int
    edges: tuple[float, ...] = ()


def trust(words: Iterable[OcrWord]) -> float:
    """Return the mean confidence over the characters of words, 0 if there are none."""
    total = weight = 0.0
    for word in words:
        total += word.confidence * len(word.text)
        weight += len(word.text)
    return total / weight if weight else 0.0
