"""Measure how much of the private ink of rendered pictures is found and covered.

    .venv/bin/python -m benchmarks.ocr_images [--kind KIND ...] [--language LANGUAGE ...]

For each kind of picture of `benchmarks.ocr_set`: the share of words read right, the share of
private characters that any word's box reaches, the share that the bars of the bundled checkpoint
cover, the share of other ink that bars cover too, and seconds of one core for reading.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from anonymizer.ocr import OcrWord, laid_out, read_words
from anonymizer.pixels import Box, boxes_of, padded
from benchmarks.ocr_set import KINDS, LANGUAGES, Shown, rendered
from inference.engine.engine import Engine

# A character counts as covered if so much of its ink is.
_COVERED = 0.9


Mask = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass(slots=True)
class Score:
    """Sums over pictures."""

    words: int = 0
    words_read: int = 0
    characters: int = 0
    reached: int = 0
    covered: int = 0
    other_ink: int = 0
    other_covered: int = 0
    seconds: float = 0.0
    pictures: int = 0

    def add(self, more: Score) -> None:
        """Add another's sums."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(more, name))

    def row(self, name: str) -> str:
        """Return a line of the table."""
        return (
            f"| {name} | {self.words_read / max(1, self.words):.1%}"
            f" | {self.reached / max(1, self.characters):.1%}"
            f" | {self.covered / max(1, self.characters):.1%}"
            f" | {self.other_covered / max(1, self.other_ink):.1%}"
            f" | {self.seconds / max(1, self.pictures):.2f} s |"
        )


def score_of(shown: Shown, words: Sequence[OcrWord], bars: Sequence[Box]) -> Score:
    """Return what was read and covered of one picture."""
    truth = Counter(part for line in shown.words for part in _words_in(line))
    read = Counter(part for part in _words_in(laid_out(words)[0]))
    size = shown.image.size
    under = _under(bars, size)
    return Score(
        words=truth.total(),
        words_read=(truth & read).total(),
        characters=_numbers(shown),
        reached=_covered(shown, _under([word.box for word in words], size)),
        covered=_covered(shown, under),
        other_ink=int(shown.other.sum()),
        other_covered=int((shown.other & under).sum()),
        pictures=1,
    )


def bars_of(words: Sequence[OcrWord], engine: Engine) -> list[Box]:
    """Return the bars over what the checkpoint finds private."""
    text, placed = laid_out(words)
    if not text.strip():
        return []
    spans = engine.detect([text])[0].spans
    return [box for span in spans for box in boxes_of(span.start, span.end, placed)]


def _words_in(text: str) -> list[str]:
    """Return the words of a text, each sign alone where a script has no spaces."""
    return re.findall(r"[一-鿿]|[^\W_一-鿿]+", text.casefold())


def _under(boxes: Iterable[Box], size: tuple[int, int]) -> Mask:
    under = np.zeros((size[1], size[0]), dtype=bool)
    for box in boxes:
        bar = padded(box, size)
        if bar is not None:
            under[bar[1] : bar[3], bar[0] : bar[2]] = True
    return under


def _numbers(shown: Shown) -> int:
    return len(np.unique(shown.letters[shown.letters > 0]))


def _covered(shown: Shown, under: Mask) -> int:
    most = int(shown.letters.max())
    ink = np.bincount(shown.letters.ravel(), minlength=most + 1)[1:]
    hidden = np.bincount(shown.letters[under], minlength=most + 1)[1:]
    return int(((ink > 0) & (hidden >= _COVERED * ink)).sum())


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ocr_images", description=__doc__)
    parser.add_argument("--kind", nargs="*", choices=tuple(KINDS), default=tuple(KINDS))
    parser.add_argument("--language", nargs="*", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--fast", action="store_true", help="one pass, as for pages of documents")
    arguments = parser.parse_args()
    engine = Engine.load("compact")
    print("| kind | words read | reached | covered | other ink covered | reading |")
    print("|---|---|---|---|---|---|")
    by_language = {language: Score() for language in arguments.language}
    whole = Score()
    for kind in arguments.kind:
        total = Score()
        for language in arguments.language:
            shown = rendered(kind, language)
            began = time.process_time()
            words = read_words(shown.image, thorough=not arguments.fast)
            seconds = time.process_time() - began
            score = score_of(shown, words, bars_of(words, engine))
            score.seconds = seconds
            for sums in (total, by_language[language], whole):
                sums.add(score)
        print(total.row(kind), flush=True)
    for language, score in by_language.items():
        print(score.row(language))
    print(whole.row("all"))


if __name__ == "__main__":
    main()
