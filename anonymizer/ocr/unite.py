"""Unite what several passes read in one picture: each word once, in reading order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from anonymizer.ocr.addresses import address_length
from anonymizer.ocr.words import Box, OcrWord, trust

# Two readings are of one word if they share so much of the smaller one's area.
_SAME = 0.4
# A word that only another pass found joins a line that ends within so many heights of it.
_REACH = 4.0
# An address is read better if it is so many characters longer.
_MORE_ADDRESS = 2


def united(first: Sequence[OcrWord], second: Sequence[OcrWord]) -> list[OcrWord]:
    """Return the words of both readings of a picture; where they meet, the surer reading.

    The order is that of the reading that is surer on the whole; words that only the other has are
    put into the lines where they stand.
    """
    if _weight(second) > _weight(first):
        first, second = second, first
    lines = _lines_of(first)
    for mine, theirs in _meetings(first, second):
        if not mine:
            _put(lines, theirs)
        else:
            surer, other = (theirs, mine) if _is_surer(theirs, mine) else (mine, theirs)
            _exchange(lines, mine, _widened(surer, other))
    return numbered(lines)


def numbered(lines: Iterable[Sequence[OcrWord]]) -> list[OcrWord]:
    """Return the words of lines with lines and blocks counted from 0."""
    words: list[OcrWord] = []
    blocks: dict[int, int] = {}
    for number, line in enumerate(line for line in lines if line):
        block = blocks.setdefault(line[0].block, len(blocks))
        words += (replace(word, line=number, block=block) for word in line)
    return words


def _weight(words: Iterable[OcrWord]) -> float:
    return sum(word.confidence * len(word.text) for word in words)


def _lines_of(words: Iterable[OcrWord]) -> list[list[OcrWord]]:
    lines: dict[int, list[OcrWord]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


@dataclass(slots=True)
class _Group:
    mine: list[OcrWord]
    theirs: list[OcrWord]


def _meetings(
    first: Sequence[OcrWord], second: Sequence[OcrWord]
) -> list[tuple[list[OcrWord], list[OcrWord]]]:
    """Return groups of words of both readings that stand in one place, by words of the second."""
    group_of: dict[int, _Group] = {}
    groups: list[_Group] = []
    rows = _Rows(first)
    for word in second:
        met = [mine for mine in rows.near(word.box) if _share(mine.box, word.box) >= _SAME]
        joined = _Group(list(met), [word])
        for old in {id(g): g for m in met if (g := group_of.get(id(m)))}.values():
            joined.mine += (m for m in old.mine if all(m is not n for n in joined.mine))
            joined.theirs = old.theirs + joined.theirs
            groups.remove(old)
        for mine in joined.mine:
            group_of[id(mine)] = joined
        groups.append(joined)
    return [(group.mine, group.theirs) for group in groups]


class _Rows:
    """Words by the rows of the picture that they touch, so that neighbours are found quickly."""

    _HEIGHT = 32

    def __init__(self, words: Iterable[OcrWord]) -> None:
        self._words: dict[int, list[OcrWord]] = {}
        for word in words:
            for row in self._rows(word.box):
                self._words.setdefault(row, []).append(word)

    def near(self, box: Box) -> list[OcrWord]:
        found = {id(w): w for row in self._rows(box) for w in self._words.get(row, ())}
        return list(found.values())

    def _rows(self, box: Box) -> range:
        return range(int(box[1]) // self._HEIGHT, int(box[3]) // self._HEIGHT + 1)


def _share(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, other)]
    return width * height / max(1e-9, min(areas))


def _is_surer(theirs: Sequence[OcrWord], mine: Sequence[OcrWord]) -> bool:
    """Say whether the other reading is to be taken; never one that reads much less there."""
    read = [sum(sign.isalnum() for word in words for sign in word.text) for words in (theirs, mine)]
    if 2 * read[0] < read[1]:
        return False
    # A whole address in one word says that what stands between its parts was read right.
    lengths = address_length(theirs), address_length(mine)
    if abs(lengths[0] - lengths[1]) >= _MORE_ADDRESS:
        return lengths[0] > lengths[1]
    return trust(theirs) > trust(mine) or read[0] > 2 * read[1]


def _widened(words: Sequence[OcrWord], other: Sequence[OcrWord]) -> list[OcrWord]:
    """Return words from left to right whose boxes reach as far as those of the other reading.

    Boxes are at times too short by a sign, but also at times of two lines: those do not count.
    """
    words = sorted(words, key=lambda word: word.box[0])
    tallest = 1.5 * max(word.box[3] - word.box[1] for word in words)
    fitting = [word.box for word in other if word.box[3] - word.box[1] <= tallest]
    if not fitting:
        return words
    left, right = min(box[0] for box in fitting), max(box[2] for box in fitting)
    return [
        _stretched(
            word,
            left if word is words[0] else word.box[0],
            right if word is words[-1] else word.box[2],
            [box for box in fitting if _share(box, word.box) >= _SAME],
        )
        for word in words
    ]


def _stretched(word: OcrWord, left: float, right: float, others: Sequence[Box]) -> OcrWord:
    height = word.box[3] - word.box[1]
    x0 = max(min(word.box[0], left), word.box[0] - height)
    x1 = min(max(word.box[2], right), word.box[2] + height)
    y0 = min(word.box[1], *(box[1] for box in others)) if others else word.box[1]
    y1 = max(word.box[3], *(box[3] for box in others)) if others else word.box[3]
    edges = (x0, *word.edges[1:-1], x1) if word.edges else ()
    return replace(word, box=(x0, y0, x1, y1), edges=edges)


def _exchange(
    lines: list[list[OcrWord]], mine: Sequence[OcrWord], theirs: Sequence[OcrWord]
) -> None:
    line = next(line for line in lines if any(word is mine[0] for word in line))
    place = next(number for number, word in enumerate(line) if word is mine[0])
    block = mine[0].block
    gone = {id(word) for word in mine}
    line[place:place] = [replace(word, block=block) for word in theirs]
    for other in lines:
        other[:] = [word for word in other if id(word) not in gone]


def _put(lines: list[list[OcrWord]], words: Sequence[OcrWord]) -> None:
    for word in words:
        line = min(lines, key=lambda line: _distance(line, word), default=None)
        if line is not None and _distance(line, word) <= _REACH:
            later = (n for n, other in enumerate(line) if other.box[0] > word.box[0])
            line.insert(next(later, len(line)), replace(word, block=line[0].block))
            continue
        below = (n for n, line in enumerate(lines) if line and _is_below(line, word))
        place = next(below, len(lines))
        before = lines[place - 1] if place else []
        block = before[0].block if before else (lines[0][0].block if lines and lines[0] else 0)
        lines.insert(place, [replace(word, block=block)])


def _distance(line: Sequence[OcrWord], word: OcrWord) -> float:
    """Return how many heights a word stands from a line, infinite if not beside it."""
    best = float("inf")
    height = word.box[3] - word.box[1]
    for other in line:
        lowest = min(height, other.box[3] - other.box[1])
        shared = min(word.box[3], other.box[3]) - max(word.box[1], other.box[1])
        if lowest > 0 and shared >= lowest / 2:
            gap = max(word.box[0] - other.box[2], other.box[0] - word.box[2], 0.0)
            best = min(best, gap / max(lowest, 1.0))
    return best


def _is_below(line: Sequence[OcrWord], word: OcrWord) -> bool:
    top = min(other.box[1] for other in line)
    left, right = min(other.box[0] for other in line), max(other.box[2] for other in line)
    return top >= word.box[3] and left < word.box[2] and word.box[0] < right
