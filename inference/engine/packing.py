"""Putting stretches of several texts into one sequence, so that they share one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from inference.engine.windows import Window


@dataclass(frozen=True, slots=True)
class Pack:
    """Windows of texts that stand in one sequence, in order.

    parts: the number of each text and its window
    """

    parts: tuple[tuple[int, Window], ...]

    @property
    def limits(self) -> list[int]:
        """Token numbers where windows begin and end: 0, ..., the length of the sequence."""
        return list(accumulate((part.end - part.start for _, part in self.parts), initial=0))

    @property
    def kept(self) -> int:
        """Tokens whose answer is taken."""
        return sum(part.keep_end - part.keep_start for _, part in self.parts)


def pack(parts: Sequence[tuple[int, Window]], tokens: int) -> Iterator[Pack]:
    """Yield packs of up to `tokens` tokens in order; a longer window goes alone."""
    together: list[tuple[int, Window]] = []
    size = 0
    for part in parts:
        length = part[1].end - part[1].start
        if together and size + length > tokens:
            yield Pack(tuple(together))
            together, size = [], 0
        together.append(part)
        size += length
    if together:
        yield Pack(tuple(together))
