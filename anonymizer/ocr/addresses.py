"""E-mail and web addresses that were read in pieces: their full stops look like ends of words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from anonymizer.ocr.words import OcrWord

ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Pieces stand no further apart than this many heights; a lost full stop leaves a gap between these.
_APART = 0.75
_LOST_STOP = (0.35, 1.0)
# Nearer than a blank: torn in the middle of a word.
_TORN = 0.26
_TORN_ADDRESS = re.compile(r"\w@[\w-]+\.[\w.-]*$")
_UNFINISHED = re.compile(r"\w@[\w.-]*[.@_-]$|(?:https?://|www\.)\S*[./_?=&-]$", re.IGNORECASE)
_GOES_ON = re.compile(r"@\w|\.[\w.-]+@\w")
_INITIAL = re.compile(r"\W*\w{1,2}[._]")
_WITHOUT_STOP = re.compile(r"[\w.+-]+@[\w-]+")
_LAST_PART = re.compile(r"[a-z]{2,12}\W*")


def rejoined(words: Iterable[OcrWord]) -> list[OcrWord]:
    """Return words with the pieces of an address as one word.

    A full stop that was lost before the last part of a host is put in.
    """
    joined: list[OcrWord] = []
    for word in words:
        between = _between(joined[-1], word) if joined else None
        if between is None:
            joined.append(word)
        else:
            joined[-1] = _one(joined[-1], word, between)
    return joined


def address_length(words: Sequence[OcrWord]) -> int:
    """Return how many characters the longest whole e-mail address in words has, 0 without one."""
    found = (match for word in words for match in ADDRESS.finditer(word.text))
    return max((len(match.group()) for match in found), default=0)


def _between(last: OcrWord, word: OcrWord) -> str | None:
    """Return what joins two words to an address, None if they are none."""
    if word.line != last.line:
        return None
    height = max(last.box[3] - last.box[1], word.box[3] - word.box[1], 1.0)
    gap = (word.box[0] - last.box[2]) / height
    if not -0.5 <= gap <= max(_APART, _LOST_STOP[1]):
        return None
    if gap <= _TORN and _TORN_ADDRESS.search(last.text) and _LAST_PART.fullmatch(word.text):
        return ""
    if gap <= _APART and _are_pieces(last.text, word.text):
        return ""
    is_gap = _LOST_STOP[0] <= gap <= _LOST_STOP[1]
    if is_gap and _WITHOUT_STOP.fullmatch(last.text) and _LAST_PART.fullmatch(word.text):
        return "."
    return None


def _are_pieces(last: str, word: str) -> bool:
    if _UNFINISHED.search(last) and word[:1].isalnum():
        return True
    if _GOES_ON.match(word) and last[-1:].isalnum():
        return True
    return "@" in word[1:] and word[:1].isalnum() and _INITIAL.fullmatch(last) is not None


def _one(last: OcrWord, word: OcrWord, between: str) -> OcrWord:
    box = (
        min(last.box[0], word.box[0]),
        min(last.box[1], word.box[1]),
        max(last.box[2], word.box[2]),
        max(last.box[3], word.box[3]),
    )
    sure = min(last.confidence, word.confidence)
    text = f"{last.text}{between}{word.text}"
    return replace(last, text=text, box=box, confidence=sure, edges=())
