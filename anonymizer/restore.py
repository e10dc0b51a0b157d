"""Restoring: originals put back where their placeholder or surrogate stands whole.

One pass from left to right; what was put back is never looked at again, so an original that reads
like a placeholder stays one. No expression is made from what a user sends.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from anonymizer.operators.placeholders import find_placeholders, key_of


@dataclass(frozen=True, slots=True)
class Entity:
    """What stood where.

    start, end: place of the placeholder in the redacted text; 0, 0 where it is not known
    """

    placeholder: str
    original: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """A text with its originals.

    count:   how many places were restored
    missing: placeholders that were given and do not stand in the text
    """

    text: str
    count: int
    missing: tuple[str, ...]


def restore(text: str, entities: Sequence[Entity]) -> Restored:
    """Put originals back.

    Where the redacted text comes back unchanged, each place gets the spelling that stood there.
    In a rewritten text a value that was spelt in several ways gets the spelling it had first,
    unless its placeholder stands as often as before.
    """
    if places := _known_places(text, entities):
        return _joined(text, [(e.start, e.end, e.original) for e in places], entities)
    return _joined(text, list(_found_places(text, entities)), entities)


def from_map(originals: Mapping[str, str]) -> list[Entity]:
    """Return the entities of a plain map from placeholder to original."""
    return [Entity(placeholder, original) for placeholder, original in originals.items()]


def _known_places(text: str, entities: Sequence[Entity]) -> list[Entity]:
    """Return the entities in order if all stand where they stood, and nowhere else."""
    placed = sorted(entities, key=lambda entity: entity.start)
    read = 0
    for entity in placed:
        if not entity.placeholder or not read <= entity.start < entity.end <= len(text):
            return []
        if text[entity.start : entity.end] != entity.placeholder:
            return []
        read = entity.end
    stand = sum(1 for _ in _occurrences(text, entities))
    return placed if stand <= len(placed) else []


def _found_places(text: str, entities: Sequence[Entity]) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, what to put there) for every placeholder that stands in the text."""
    originals: dict[str, list[str]] = {}
    for entity in entities:
        originals.setdefault(_name(entity.placeholder), []).append(entity.original)
    places = list(_occurrences(text, entities))
    counts = Counter(name for _, _, name, _ in places)
    seen: Counter[str] = Counter()
    for start, end, name, tail in places:
        spellings = originals[name]
        index = seen[name] if counts[name] == len(spellings) else 0
        seen[name] += 1
        yield start, end, spellings[index] + tail


def _occurrences(text: str, entities: Iterable[Entity]) -> Iterator[tuple[int, int, str, str]]:
    """Yield (start, end, name, what follows the original) in order, without overlaps."""
    names = {_name(entity.placeholder) for entity in entities if entity.placeholder}
    values = _Values(name for name in names if not name.startswith("\0"))
    bracketed = [
        (found.start, found.end, "\0" + found.key, found.possessive)
        for found in find_placeholders(text)
        if "\0" + found.key in names
    ]
    starts = [place[0] for place in bracketed]
    position = 0
    for start, end in values.find(text):
        for place in bracketed[bisect_left(starts, position) : bisect_left(starts, start)]:
            if place[0] >= position:
                yield place
                position = place[1]
        if start >= position:
            yield start, end, text[start:end], ""
            position = end
    for place in bracketed[bisect_left(starts, position) :]:
        if place[0] >= position:
            yield place
            position = place[1]


class _Values:
    """Strings to be found whole in a text: surrogates, and placeholders of another form."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = frozenset(values)
        lengths: dict[str, set[int]] = {}
        for value in self._values:
            lengths.setdefault(value[0], set()).add(len(value))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield (start, end), the longest value at each place, not overlapping."""
        if not self._values:
            return
        position = 0
        for start, first in enumerate(text):
            if start < position or first not in self._lengths:
                continue
            for length in self._lengths[first]:
                end = start + length
                if text[start:end] in self._values and stands_whole(text, start, end):
                    yield start, end
                    position = end
                    break


def stands_whole(text: str, start: int, end: int) -> bool:
    """Say whether no letter or digit of the text runs into a place.

    Scripts from the CJK radicals on are written without spaces: there a word has no edges.
    """
    return not (
        (start > 0 and _joins(text[start - 1]) and _joins(text[start]))
        or (end < len(text) and _joins(text[end]) and _joins(text[end - 1]))
    )


def _joins(char: str) -> bool:
    return (char.isalnum() or char == "_") and char < "\u2e80"


def _name(placeholder: str) -> str:
    """Return what all spellings of a placeholder share; others stand for themselves."""
    key = key_of(placeholder)
    return placeholder if key is None else "\0" + key


def _joined(
    text: str, places: Sequence[tuple[int, int, str]], entities: Iterable[Entity]
) -> Restored:
    pieces: list[str] = []
    read = 0
    for start, end, original in places:
        pieces += (text[read:start], original)
        read = end
    standing = {name for _, _, name, _ in _occurrences(text, entities)}
    missing = dict.fromkeys(e.placeholder for e in entities if _name(e.placeholder) not in standing)
    return Restored("".join([*pieces, text[read:]]), len(places), tuple(missing))
