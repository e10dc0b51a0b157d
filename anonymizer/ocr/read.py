"""Read the words of a picture: how it lies and in what it is written, then one or more passes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from anonymizer.ocr.addresses import rejoined
from anonymizer.ocr.engine import one_pass
from anonymizer.ocr.languages import chosen_languages
from anonymizer.ocr.probe import OTHER_SCRIPTS, plan_for
from anonymizer.ocr.rows import by_rows
from anonymizer.ocr.shades import GRAINY, evened, flattened, grain_of
from anonymizer.ocr.unite import united
from anonymizer.ocr.words import OcrWord, trust

# More is shrunk first: an A4 page at 400 dpi. Letters are read at 36 px of height anyway.
MOST_PIXELS = 16_000_000
# The library refuses sides of 32,768 px, and its memory grows with a piece's height.
_HIGHEST_PX = 8_000
_WIDEST_PX = 16_000
# Up to this many pixels a picture's letters may be so small that double size helps.
_DOUBLED_UP_TO_PIXELS = 4_200_000
# Below this mean confidence two passes were not enough: crumpled and photographed.
_BADLY = 0.85
# A "word" without a letter or digit that is less sure than this is a speck or a rule.
_SPECK = 0.5


def read_words(
    image: Image.Image, *, languages: Sequence[str] = (), thorough: bool = False
) -> list[OcrWord]:
    """Return a picture's words in reading order, boxes in pixels of the picture as given.

    languages: as tesseract names them; empty for those of the usual ones that are installed
    thorough:  for screenshots and photographs: reads at natural and at double size, the latter
               with dark and coloured grounds made white, and unites what was found
    Words that were read badly are returned too: they may be private.
    Raises NoLanguageError without language data, OcrError if the picture cannot be gone through.
    """
    names = chosen_languages(languages)
    grey = image if image.mode == "L" else image.convert("L")
    words: list[OcrWord] = []
    for top, piece in _pieces(grey):
        found = _read_piece(piece, names, thorough)
        first_line = words[-1].line + 1 if words else 0
        first_block = max((word.block for word in words), default=-1) + 1
        words += (_moved(word, top, first_line, first_block) for word in found)
    return words


def _read_piece(grey: Image.Image, names: tuple[str, ...], thorough: bool) -> list[OcrWord]:
    scale = _fitting_scale(grey.size)
    given = _resized(grey, scale)
    grain = grain_of(given)
    clear = evened(given, grain) if grain >= GRAINY else given
    is_small = grain < GRAINY and given.width * given.height <= _DOUBLED_UP_TO_PIXELS
    factor = 2.0 if is_small else 1.0
    plan = plan_for(_resized(flattened(clear), factor) if thorough else clear, names)
    turn = replace(plan.turn, size=clear.size)
    turned = turn.apply(clear)
    words = one_pass(turned, plan.names)
    if thorough:
        words = by_rows(_read_again(turned, words, plan.names, factor))
    words = rejoined(words)
    kept = [turn.back(word) for word in words if not _is_speck(word)]
    return [_scaled(word, 1 / scale) for word in kept]


def _read_again(
    image: Image.Image, words: list[OcrWord], names: tuple[str, ...], factor: float
) -> list[OcrWord]:
    """Unite what was read with what a second pass reads, and a third if both read badly."""
    # Chinese alone this time: English beside it reads names in Latin letters better, signs worse.
    alone = names[:1] if names[0] in OTHER_SCRIPTS else names
    second = one_pass(_resized(flattened(image), factor), alone)
    words = united(words, [_scaled(word, 1 / factor) for word in second])
    if factor > 1 and trust(words) < _BADLY:
        words = united(words, one_pass(evened(image, 0.0), names))
    return words


def _pieces(grey: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """Yield a picture, or one of great height cut at its emptiest rows, with each piece's top."""
    top = 0
    while grey.height - top > _HIGHEST_PX:
        first, last = top + _HIGHEST_PX * 3 // 4, top + _HIGHEST_PX
        rows = np.asarray(grey.crop((0, first, grey.width, last))).astype(np.int16)
        cut = first + int(np.abs(np.diff(rows, axis=1)).sum(axis=1).argmin())
        yield top, grey.crop((0, top, grey.width, cut))
        top = cut
    yield top, grey if not top else grey.crop((0, top, grey.width, grey.height))


def _fitting_scale(size: tuple[int, int]) -> float:
    by_area = math.sqrt(MOST_PIXELS / (size[0] * size[1]))
    return min(1.0, by_area, _WIDEST_PX / size[0])


def _resized(grey: Image.Image, factor: float) -> Image.Image:
    if factor == 1.0:
        return grey
    size = (max(1, round(grey.width * factor)), max(1, round(grey.height * factor)))
    resampling = Image.Resampling.BICUBIC if factor > 1 else Image.Resampling.BOX
    return grey.resize(size, resampling)


def _scaled(word: OcrWord, factor: float) -> OcrWord:
    if factor == 1.0:
        return word
    x0, y0, x1, y1 = word.box
    box = (x0 * factor, y0 * factor, x1 * factor, y1 * factor)
    return replace(word, box=box, edges=tuple(x * factor for x in word.edges))


def _moved(word: OcrWord, down: int, line: int, block: int) -> OcrWord:
    if not (down or line or block):
        return word
    x0, y0, x1, y1 = word.box
    box = (x0, y0 + down, x1, y1 + down)
    return replace(word, box=box, line=word.line + line, block=word.block + block)


def _is_speck(word: OcrWord) -> bool:
    return word.confidence < _SPECK and not any(sign.isalnum() for sign in word.text)
