"""Measure how much of the private ink of rendered pictures is found and covered.

    .venv/bin/python -m benchmarks.ocr_images [--kind KIND ...] [--language LANGUAGE ...] [--missed]

For each kind of picture of `benchmarks.ocr_set`, read and covered as an upload is:

words read   share of the words that OCR read right
reached      share of private characters that lie in the box of any word that was read
if read      share of private characters that the bundled checkpoint finds in the very text that
             was drawn: what is missing here no reader of pictures can mend
covered      share of private characters under the bars
idle bars    bars under which nothing private lies, of all bars
other ink    share of the ink that is not private under bars
reading      seconds of one core
"""

from __future__ import annotations

import argparse
import io
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from anonymizer.pixels import Box, padded
from benchmarks.ocr_set import KINDS, LANGUAGES, NOISY, Line, Shown, rendered
from documents.formats import read
from documents.formats.model import Extracted, ReadOptions, SolidBar
from documents.formats.picture.bars import bars_over
from documents.layout import cut_at_blocks
from inference.engine.engine import Engine
from inference.engine.spans import Span

# A character counts as covered if so much of its ink is.
_COVERED = 0.9
# Lines further apart than this many heights are paragraphs.
_PARAGRAPH = 2.4


Mask = np.ndarray[tuple[int, int], np.dtype[np.bool_]]


@dataclass(slots=True)
class Score:
    """Sums over pictures."""

    words: int = 0
    words_read: int = 0
    characters: int = 0
    reached: int = 0
    if_read: int = 0
    covered: int = 0
    bars: int = 0
    idle_bars: int = 0
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
        characters = max(1, self.characters)
        return (
            f"| {name} | {self.words_read / max(1, self.words):.1%}"
            f" | {self.reached / characters:.1%}"
            f" | {self.if_read / characters:.1%}"
            f" | {self.covered / characters:.1%}"
            f" | {self.idle_bars} of {self.bars}"
            f" | {self.other_covered / max(1, self.other_ink):.1%}"
            f" | {self.seconds / max(1, self.pictures):.2f} s |"
        )


def score_of(shown: Shown, extracted: Extracted, engine: Engine) -> Score:
    """Return what was read and covered of one picture."""
    plain = "\n".join(re.sub(r"[{}]", "", line.marked) for line in shown.lines)
    truth, seen = Counter(_words_in(plain)), Counter(_words_in(extracted.text))
    size = shown.image.size
    bars = bars_of(extracted, engine)
    under = _under(bars, size)
    boxes = [padded(word.box, size) for word in extracted.pages[0].words]
    reached = _under([_bar(box) for box in boxes if box], size)
    return Score(
        words=truth.total(),
        words_read=(truth & seen).total(),
        characters=len(np.unique(shown.letters[shown.letters > 0])),
        reached=len(_covered(shown, reached)),
        if_read=sum(is_found for _, is_found in found_if_read(shown.lines, engine)),
        covered=len(_covered(shown, under)),
        bars=len(bars),
        idle_bars=sum(not shown.letters[_area(bar)].any() for bar in bars),
        other_ink=int(shown.other.sum()),
        other_covered=int((shown.other & under).sum()),
        pictures=1,
    )


def bars_of(extracted: Extracted, engine: Engine) -> list[SolidBar]:
    """Return the bars over what the checkpoint finds private, as an upload gets them."""
    text, page = extracted.text, extracted.pages[0]
    spans: Sequence[Span] = engine.detect([text])[0].spans if text.strip() else ()
    kept = cut_at_blocks(spans, extracted.blocks)
    return [bar for span in kept for bar in bars_over(page, text, span.start, span.end)]


def found_if_read(lines: Sequence[Line], engine: Engine) -> list[tuple[str, bool]]:
    """Return each private character and whether it is found in the text as it was drawn."""
    text, private = "", []
    for number, line in enumerate(lines):
        text += _between(lines[number - 1], line) if number else ""
        for part, words in enumerate(re.split(r"[{}]", line.marked)):
            private += range(len(text), len(text) + len(words)) if part % 2 else ()
            text += words
    found = {place for s in engine.detect([text])[0].spans for place in range(s.start, s.end)}
    return [(text[place], place in found) for place in private if not text[place].isspace()]


def missed(shown: Shown, extracted: Extracted, engine: Engine) -> list[str]:
    """Return the private stretches of which something shows, what shows in brackets."""
    under = _under(bars_of(extracted, engine), shown.image.size)
    covered, number, found = _covered(shown, under), 0, []
    for value in shown.values:
        marked = ""
        for char in value:
            number += not char.isspace()
            marked += char if char.isspace() or number in covered else f"[{char}]"
        if "[" in marked:
            found.append(marked.replace("][", ""))
    return found


def _between(last: Line, line: Line) -> str:
    if abs(line.top - last.top) < last.size / 2:
        return "\t"
    return "\n" if 0 < line.top - last.top < _PARAGRAPH * last.size else "\n\n"


def _words_in(text: str) -> list[str]:
    """Return the words of a text, each sign alone where a script has no spaces."""
    return re.findall(r"[一-鿿]|[^\W_一-鿿]+", text.casefold())


def _bar(box: Box) -> SolidBar:
    x0, y0, x1, y1 = (int(edge) for edge in box)
    return SolidBar(x0, y0, x1 - x0, y1 - y0)


def _area(bar: SolidBar) -> tuple[slice, slice]:
    return np.s_[bar.y : bar.y + bar.height, bar.x : bar.x + bar.width]


def _under(bars: Iterable[SolidBar], size: tuple[int, int]) -> Mask:
    under = np.zeros((size[1], size[0]), dtype=bool)
    for bar in bars:
        under[_area(bar)] = True
    return under


def _covered(shown: Shown, under: Mask) -> set[int]:
    """Return the numbers of the private characters whose ink lies under bars."""
    most = int(shown.letters.max())
    ink = np.bincount(shown.letters.ravel(), minlength=most + 1)
    hidden = np.bincount(shown.letters[under], minlength=most + 1)
    return set(np.flatnonzero((ink > 0) & (hidden >= _COVERED * ink)).tolist()) - {0}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ocr_images",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--kind", nargs="*", choices=tuple(KINDS), default=tuple(KINDS))
    parser.add_argument("--language", nargs="*", choices=LANGUAGES, default=LANGUAGES)
    parser.add_argument("--missed", action="store_true", help="name what shows, too")
    arguments = parser.parse_args()
    engine = Engine.load("compact")
    print("| kind | words read | reached | if read | covered | idle bars | other ink | reading |")
    print("|---|---|---|---|---|---|---|---|")
    sums = {name: Score() for name in (*arguments.language, "screenshots", "photographs", "all")}
    for kind in arguments.kind:
        total = Score()
        for language in arguments.language:
            shown = rendered(kind, language)
            extracted, seconds = reading_of(shown)
            score = score_of(shown, extracted, engine)
            score.seconds = seconds
            group = "photographs" if kind in NOISY else "screenshots"
            for kept in (total, *(sums[name] for name in (language, group, "all"))):
                kept.add(score)
            if arguments.missed:
                print(f"{kind}, {language}:", *missed(shown, extracted, engine), sep="\n    ")
        print(total.row(kind), flush=True)
    for name, score in sums.items():
        print(score.row(name))


def reading_of(shown: Shown) -> tuple[Extracted, float]:
    """Return what is read in a picture, as an upload is, and the seconds of one core."""
    held = io.BytesIO()
    shown.image.save(held, "PNG")
    began = time.process_time()
    extracted = read(held.getvalue(), "picture.png", ReadOptions())
    return extracted, time.process_time() - began


if __name__ == "__main__":
    main()
