"""Where each character of a word begins, seen in the pixels.

Tesseract places signs by the steps of its network, up to a whole letter wrong: a bar that trusted
it would leave a stroke of the name in sight.
"""

from __future__ import annotations

import numpy as np

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


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
    low, high = int(part.min()), int(part.max())
    around = np.concatenate((pixels[max(0, y0 - 2) : y0, x0:x1], pixels[y1 : y1 + 2, x0:x1]))
    ground = float(np.median(around if around.size else part))
    is_dark_ink = ground > (low + high) / 2
    # Nearer to the ground than to the ink: smoothed edges are part of their letter.
    limit = high - (high - low) * 0.3 if is_dark_ink else low + (high - low) * 0.3
    inked = ((part < limit) if is_dark_ink else (part > limit)).any(axis=0)
    changes = np.flatnonzero(np.diff(np.concatenate(([False], inked, [False]))))
    begins, ends = changes[::2], changes[1::2]
    if len(begins) != len(text):
        return ()
    inner = (x0 + (ends[:-1] + begins[1:]) / 2).tolist()
    return (float(x0), *inner, float(x1))
