"""Cutting a long token sequence into windows, and choosing whose answer counts where."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Window:
    """One stretch of tokens that a model sees at once.

    start, end:           tokens handed to the model, half-open
    keep_start, keep_end: the tokens whose answer is taken from this window
    """

    start: int
    end: int
    keep_start: int
    keep_end: int


def balanced_windows(tokens: int, size: int, overlap: int) -> list[Window]:
    """Return windows of equal length that cover `tokens`, none longer than `size`.

    Neighbours share at least `overlap` tokens; each shared token is kept where it stands
    further from the edge, so every token sees at least overlap / 2 tokens on both sides (or
    the end of the text). Equal lengths cost less than full windows and a short last one.
    Raises ValueError if `overlap` leaves no room.
    """
    if not 0 <= overlap < size:
        raise ValueError("The overlap must be smaller than the window.")
    if tokens <= 0:
        return []
    count = max(1, -(-(tokens - overlap) // (size - overlap)))
    length = min(tokens, -(-(tokens + (count - 1) * overlap) // count))
    starts = [(tokens - length) * index // max(1, count - 1) for index in range(count)]
    cuts = [0]
    for left, right in pairwise(starts):
        cuts.append((left + length + right) // 2)
    cuts.append(tokens)
    return [
        Window(start, start + length, cuts[index], cuts[index + 1])
        for index, start in enumerate(starts)
    ]


def halo_windows(tokens: int, core: int, halo: int) -> list[Window]:
    """Return windows of `core` kept tokens with up to `halo` tokens of context on each side.

    With a halo as wide as a model's receptive field the kept answers are those of one pass
    over the whole sequence.
    """
    return [
        Window(
            max(0, start - halo), min(tokens, start + core + halo), start, min(tokens, start + core)
        )
        for start in range(0, tokens, core)
    ]
