"""Find out from a few lines how a picture lies and what it is written in.

A wrong language costs time twice: words that it does not know are read again by all others. So a
few lines are read first. Read well, they tell the language by its commonest words; read badly,
they are read again as Chinese and with the picture turned.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from anonymizer.ocr.engine import one_pass
from anonymizer.ocr.turns import TOLERATED_DEGREES, Turn, skew_of
from anonymizer.ocr.words import OcrWord, trust

# The mean confidence from which lines count as read. Measured: 0.86 to 0.96 on upright pages, 0.64
# to 0.89 on bad photographs, 0.10 to 0.42 upside down or in another script.
WELL_READ = 0.6
# From here on nothing is left that might be in another script. Below, a share of signs that are
# read surely as Chinese shows that some of it is.
_WHOLLY_READ = 0.85
_SURE = 0.8
_MIXED_SHARE = 0.06
# So much better has another direction or script to be, if none is read well.
_CLEARLY = 0.1
# Fewer signs prove nothing.
_LEAST_SIGNS = 5
# Pictures up to this size are read whole: windows with a few words here and there.
_WHOLE_UP_TO_PIXELS = 1_000_000
_SAMPLES = 3
_SAMPLE_SHARE = 0.04
_LEAST_SAMPLE_PX = 160
# Chinese and its kin share no sign with the others: they are only read where they are found.
OTHER_SCRIPTS = frozenset({"chi_sim", "chi_tra", "jpn", "kor"})

COMMON_WORDS = {
    "eng": "the of and to in is that for it was with as be on by this are from or have an at not",
    "deu": "der die und den von zu das mit sich des auf ist im dem nicht ein eine als auch es bei",
    "fra": "de la le et les des en un une du dans est que pour qui sur par au pas plus ce",
    "spa": "de la que el en y los del se las por un para con una su al lo como más es fue este no",
}
_LANGUAGES_OF: dict[str, list[str]] = {}
for _name, _words in COMMON_WORDS.items():
    for _word in _words.split():
        _LANGUAGES_OF.setdefault(_word, []).append(_name)


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read a picture. names: languages, the likeliest first."""

    turn: Turn
    names: tuple[str, ...]


def plan_for(image: Image.Image, names: Sequence[str]) -> Plan:
    """Return how a grey picture is best read in these languages or some of them."""
    known = tuple(name for name in names if name not in OTHER_SCRIPTS) or tuple(names[:1])
    others = tuple(name for name in names if name not in known)
    best: tuple[float, Turn, str, list[OcrWord]] | None = None
    for turn, name in _attempts(image, known[0], others):
        words = one_pass(_sample(turn.apply(image)), (name,))
        score = trust(words) if sum(len(word.text) for word in words) >= _LEAST_SIGNS else 0.0
        if best is None or score > best[0] + _CLEARLY:
            best = (score, turn, name, words)
        if best[0] >= WELL_READ:
            break
    if best is None or best[0] == 0.0:
        return Plan(Turn(image.size), known)
    _, turn, name, words = best
    turn = _with_lines_level(turn, words, image)
    if name not in others and best[0] < _WHOLLY_READ:
        name = _mixed_with(_sample(turn.apply(image)), others) or name
    if name in others:
        return Plan(turn, (name, known[0]))
    return Plan(turn, by_likelihood(words, known))


def by_likelihood(words: Iterable[OcrWord], names: Sequence[str]) -> tuple[str, ...]:
    """Return the languages to read in, judged by the commonest words that were read.

    Languages that do not occur fall out; one without a list of words stays; English, in which
    names and technical terms stand everywhere, stays as the last.
    """
    votes: Counter[str] = Counter()
    for word in words:
        for part in re.findall(r"\w+", word.text.casefold()):
            spoken = [name for name in _LANGUAGES_OF.get(part, ()) if name in names]
            votes.update({name: 1 / len(spoken) for name in spoken})
    judged = [name for name in names if name in COMMON_WORDS]
    if sum(votes.values()) < 4:
        return tuple(names)
    most = max(votes.values())
    spoken = [name for name, count in votes.most_common() if count >= max(2.0, 0.34 * most)]
    kept = [*spoken, *(name for name in names if name not in judged)]
    if "eng" in names and "eng" not in kept:
        kept.append("eng")
    return tuple(kept)


def _attempts(image: Image.Image, first: str, others: Sequence[str]) -> Iterator[tuple[Turn, str]]:
    """Yield the ways to read a picture, the likeliest first.

    Upright and on its head is enough: lines that run upwards or downwards tesseract turns itself.
    """
    degrees = _skew(image)
    for quarter in (0, 180):
        for name in (first, *others):
            yield Turn(image.size, quarter, degrees), name


def _mixed_with(sample: Image.Image, others: Sequence[str]) -> str:
    """Return the other script that stands among Latin letters in a sample, "" if none does."""
    for name in others:
        words = one_pass(sample, (name,))
        length = sum(len(word.text) for word in words)
        signs = sum(_is_wide(sign) for w in words if w.confidence > _SURE for sign in w.text)
        if signs >= max(_LEAST_SIGNS, _MIXED_SHARE * length):
            return name
    return ""


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) == "W" and sign.isalpha()


def _skew(image: Image.Image) -> float:
    degrees = skew_of(image)
    return degrees if abs(degrees) > TOLERATED_DEGREES else 0.0


def _with_lines_level(turn: Turn, words: Sequence[OcrWord], image: Image.Image) -> Turn:
    """Return the turn by another quarter if most of the words that were read stand upright."""
    longer = [word.box for word in words if len(word.text) > 3]
    standing = sum(1 for x0, y0, x1, y1 in longer if y1 - y0 > x1 - x0)
    if 2 * standing <= len(longer):
        return turn
    quarter = (turn.quarter + 90) % 360
    return Turn(turn.size, quarter, _skew(Turn(turn.size, quarter).apply(image)))


def _sample(image: Image.Image) -> Image.Image:
    """Return a few bands of a picture, those with the most strokes of each part, one below another.

    A picture that is not much higher than its sample would be comes back whole.
    """
    height = image.height
    band = max(_LEAST_SAMPLE_PX, round(height * _SAMPLE_SHARE))
    if height <= 2 * band * _SAMPLES or image.width * height <= _WHOLE_UP_TO_PIXELS:
        return image
    strokes = _row_strokes(image)
    part = height // _SAMPLES
    sample = Image.new("L", (image.width, band * _SAMPLES), 255)
    for number in range(_SAMPLES):
        sums = np.convolve(strokes[number * part : (number + 1) * part], np.ones(band), "valid")
        top = number * part + int(sums.argmax())
        top = _blank_row_near(strokes, top, band // 5)
        bottom = min(height, _blank_row_near(strokes, min(height - 1, top + band), band // 5))
        sample.paste(image.crop((0, top, image.width, bottom)), (0, number * band))
    return sample


def _row_strokes(image: Image.Image) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return for each row how much light and dark alternate in it."""
    values = np.asarray(image).astype(np.int16)
    return np.asarray(np.abs(np.diff(values, axis=1)).sum(axis=1), dtype=np.float64)


def _blank_row_near(
    strokes: np.ndarray[tuple[int], np.dtype[np.float64]], row: int, reach: int
) -> int:
    first = max(0, row - reach)
    return first + int(strokes[first : row + 1].argmin())
