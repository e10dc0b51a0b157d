"""Put what was read into the rows in which it is seen.

Tesseract reads a form as a column of names of fields and a column of what stands in them. A row
tells more: "Surname" beside "Holloway". Columns of prose stay columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, groupby, pairwise

from anonymizer.ocr.words import Box, OcrWord, trust

# Two words stand level if so much of the lower one's height is shared.
_LEVEL = 0.5
# Words whose middles differ by no more than so many heights are one straight line.
_EVEN = 0.7
# What begins left of the former word's end by more heights than this is no part of its row.
_INTO = 0.8
# Words of a line further apart than this many heights are columns.
_COLUMNS_APART = 3.0
# Rows further apart than this many heights are of two blocks.
_BLOCKS_APART = 1.3
# Columns of so many words a line, and so many lines, are read one after the other.
_PROSE_WORDS = 4.5
_PROSE_LINES = 3
_HARDLY_READ = 0.4

# Words of one line that stand close together, in the order in which they were read.
_Part = list[OcrWord]


def by_rows(words: Sequence[OcrWord]) -> list[OcrWord]:
    """Return words row by row from the top, lines and blocks counted anew.

    Words stay in the order in which they were read where prose stands in columns. A number behind
    a number (a sum behind a telephone number, sums of two cards) would be read as one with it: such
    come at the end.
    """
    if _is_in_columns(words):
        return list(words)
    rows: list[list[_Part]] = []
    sums: list[list[_Part]] = []
    for part in sorted(_parts(words), key=_left):
        level = (row for row in rows if _follows(row[-1], part))
        row = max(level, key=lambda row: _right(row[-1]), default=None)
        if row is None:
            rows.append([part])
        elif _has_letters(part) or _has_letters(row[-1]) or not _are_columns(row[-1], part):
            row.append(part)
        else:
            sums.append([part])
    rows = [*sorted(rows, key=_place_of), *sorted(sums, key=_place_of)]
    block, ordered, last = 0, [], rows[0][0] if rows else []
    for number, row in enumerate(rows):
        block += number > 0 and _are_apart(last, row[0])
        ordered += [replace(word, line=number, block=block) for part in row for word in part]
        last = max(row, key=lambda part: max(word.box[3] for word in part))
    return ordered


def _parts(words: Iterable[OcrWord]) -> list[_Part]:
    parts: list[_Part] = []
    for _, held in groupby(words, key=lambda word: word.line):
        line = list(held)
        is_even = _is_even(line)
        parts.append(line[:1])
        for last, word in pairwise(line):
            if _goes_on(last, word, is_even=is_even):
                parts[-1].append(word)
            else:
                parts.append([word])
    return parts


def _is_even(line: Sequence[OcrWord]) -> bool:
    """Say whether all words of a line stand level, so that the order in which they were read holds.

    Boxes of Chinese signs overlap at will.
    """
    middles = [_middle([word]) for word in line]
    heights = sorted(_height(word.box) for word in line)
    return max(middles) - min(middles) <= _EVEN * heights[len(heights) // 2]


def _goes_on(last: OcrWord, word: OcrWord, *, is_even: bool) -> bool:
    height = max(_height(last.box), _height(word.box))
    gap = word.box[0] - last.box[2]
    if gap > _COLUMNS_APART * height:
        return False
    return is_even or (_are_level(last, word) and gap >= -_INTO * height)


def _follows(last: _Part, part: _Part) -> bool:
    """Say whether a part stands in the row of another and behind it.

    What was hardly read is a speck beside the text.
    """
    if _left(part) < _right(last) - _INTO * _height(part[0].box):
        return False
    return _are_level(last[-1], part[0]) and min(trust(last), trust(part)) >= _HARDLY_READ


def _are_columns(last: _Part, part: _Part) -> bool:
    return _left(part) - _right(last) > _COLUMNS_APART * _height(part[0].box)


def _are_level(one: OcrWord, other: OcrWord) -> bool:
    shared = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return shared >= _LEVEL * min(_height(one.box), _height(other.box))


def _has_letters(part: _Part) -> bool:
    return any(sign.isalpha() for word in part for sign in word.text)


def _are_apart(above: _Part, below: _Part) -> bool:
    heights = sorted(_height(word.box) for word in (*above, *below))
    gap = min(word.box[1] for word in below) - max(word.box[3] for word in above)
    return gap > _BLOCKS_APART * heights[len(heights) // 2]


@dataclass(slots=True)
class _Block:
    words: list[OcrWord] = field(default_factory=list)

    @property
    def is_prose(self) -> bool:
        lines = len({word.line for word in self.words})
        return lines >= _PROSE_LINES and len(self.words) >= _PROSE_WORDS * lines

    @property
    def box(self) -> Box:
        boxes = [word.box for word in self.words]
        return (
            min(box[0] for box in boxes),
            min(box[1] for box in boxes),
            max(box[2] for box in boxes),
            max(box[3] for box in boxes),
        )


def _is_in_columns(words: Iterable[OcrWord]) -> bool:
    """Say whether prose stands beside prose."""
    blocks: dict[int, _Block] = {}
    for word in words:
        blocks.setdefault(word.block, _Block()).words.append(word)
    boxes = [block.box for block in blocks.values() if block.is_prose]
    return any(_are_beside(one, other) for one, other in combinations(boxes, 2))


def _are_beside(one: Box, other: Box) -> bool:
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > min(_height(one), _height(other)) / 2 and (
        one[2] <= other[0] or other[2] <= one[0]
    )


def _place_of(row: Sequence[_Part]) -> float:
    return _middle([word for part in row for word in part])


def _left(part: _Part) -> float:
    return min(word.box[0] for word in part)


def _right(part: _Part) -> float:
    return max(word.box[2] for word in part)


def _middle(words: Sequence[OcrWord]) -> float:
    return sum(word.box[1] + word.box[3] for word in words) / (2 * len(words))


def _height(box: Box) -> float:
    return max(1.0, box[3] - box[1])
