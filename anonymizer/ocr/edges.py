"""Where each character of a word begins, seen in the pixels.

Tesseract places signs by the steps of its network, up to a whole letter wrong: a bar that trusted
it would leave a stroke of the name in sight.
"""

from __future__ import annotations

import numpy as np

from anonymizer.ocr.words import Box

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def grown(pixels: Pixels, box: Box) -> tuple[int, int, int, int]:
    """Return a word's box, wider where its side runs through a letter: up to the next blank column.

    Boxes of Chinese signs, and of what stands beside them, end in the middle of strokes. Where no
    blank column is within a box's height (a rule, a frame) the side stays.
    """
    x0, y0, x1, y1 = (int(edge) for edge in box)
    reach = y1 - y0
    if x1 - x0 < reach / 4 or reach < 4:
        return (x0, y0, x1, y1)
    left, right = max(0, x0 - reach), min(pixels.shape[1], x1 + reach)
    inked = _inked(pixels, (left, y0, right, y1), (x0, x1))
    if inked[x0 - left]:
        blank = np.flatnonzero(~inked[: x0 - left])
        if blank.size:
            x0 = left + int(blank[-1]) + 1
    if inked[x1 - 1 - left]:
        blank = np.flatnonzero(~inked[x1 - left :])
        if blank.size:
            x1 += int(blank[0])
    return (x0, y0, x1, y1)


def edges_in(pixels: Pixels, box: tuple[int, int, int, int], text: str) -> tuple[float, ...]:
    """Return the x at which each character begins and the last one ends, () if in doubt.

    Known only where blank columns part a word into as many pieces as it has characters. Between
    two of them the middle of the blank counts.
    """
    x0, y0, x1, y1 = box
    part = pixels[y0:y1, x0:x1]
    if x1 - x0 < y1 - y0 and len(text) > 2:
        return ()  # a word that runs upwards or downwards
    if part.size == 0:
        return ()
    inked = _inked(pixels, box, (x0, x1))
    changes = np.flatnonzero(np.diff(np.concatenate(([False], inked, [False]))))
    begins, ends = changes[::2], changes[1::2]
    if len(begins) != len(text):
        return ()
    inner = (x0 + (ends[:-1] + begins[1:]) / 2).tolist()
    return (float(x0), *inner, float(x1))


def _inked(
    pixels: Pixels, box: tuple[int, int, int, int], word: tuple[int, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return for each column of a box whether there is ink in it.

    word: first column and the one after the last of the word itself, by which ink is judged
    """
    x0, y0, x1, y1 = box
    core = pixels[y0:y1, word[0] : word[1]]
    low, high = int(core.min()), int(core.max())
    beside = (
        pixels[max(0, y0 - 2) : y0, word[0] : word[1]],
        pixels[y1 : y1 + 2, word[0] : word[1]],
    )
    around = np.concatenate(beside)
    ground = float(np.median(around if around.size else core))
    part = pixels[y0:y1, x0:x1]
    # Nearer to the ground than to the ink: smoothed edges are part of their letter.
    share = (high - low) * 0.3
    inked = part < high - share if ground > (low + high) / 2 else part > low + share
    return np.asarray(inked.any(axis=0))
