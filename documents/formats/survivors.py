"""Whether a hidden value still stands somewhere: the question every check of a clean file asks.

A value survives where its letters and digits are found in a row, whatever the case, the form and
the signs between them ("BE71 0961", "be710961", "BE-71.0961"). What the redacted text itself still
shows (the same word elsewhere, left in sight on purpose) does not count.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

import re2

# Values of less weight are only looked for between the edges of words: "Li" is in "client".
SHORTEST_ANYWHERE = 6
# Chinese and Japanese write without spaces, and one sign there says as much as a few letters.
WEIGHT_OF_IDEOGRAPH = 3
LONGEST_ROW = 6
MOST_PASSES = 8
MOST_MATCHES = 200
_MARKS_OF_UTF16 = (b"\0", b"\xff\xfe", b"\xfe\xff")
_IDEOGRAPH = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_BETWEEN_LETTER_AND_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


class _Signs(dict[int, int | str | None]):
    """What stands for a sign, by its number: itself, a space, or nothing."""

    def __missing__(self, number: int) -> int | str | None:
        sign = chr(number)
        kept: int | str | None = number if sign.isalnum() else " "
        if unicodedata.category(sign) in {"Cf", "Mn"}:
            kept = None
        self[number] = kept
        return kept


_SIGNS = _Signs()
_ASCII_SIGNS = bytes(number if chr(number).isalnum() else 0x20 for number in range(128)).ljust(256)


def folded(text: str) -> str:
    """Return a text's letters and digits without case and form, a space for each stretch between.

    Invisible signs and combining marks fall away, so that they split no word.
    """
    if text.isascii():
        plain = text.lower().encode().translate(_ASCII_SIGNS).decode()
    else:
        plain = unicodedata.normalize("NFKD", text).casefold().translate(_SIGNS)
    return " ".join(plain.split())


class HiddenValues:
    """The values that were hidden, ready to be looked for.

    values:        as they stood in the original
    redacted_text: what everybody may see; a value that is left there is not looked for
    """

    def __init__(self, values: Iterable[str], redacted_text: str) -> None:
        wanted = list(dict.fromkeys(value for raw in values if (value := folded(raw))))
        self._take(_not_in(wanted, folded(redacted_text)))

    @classmethod
    def from_folded(cls, values: Iterable[str]) -> HiddenValues:
        """Return the values whose folded form is known; `folded_values` gives it."""
        made = cls((), "")
        made._take(list(values))
        return made

    @property
    def folded_values(self) -> tuple[str, ...]:
        """Return what is looked for, folded: enough to look for it in another process."""
        return tuple(self._words)

    @property
    def signs_of_short(self) -> frozenset[str]:
        """Return the letters and digits of values that are only looked for as whole words."""
        return frozenset("".join(map(_joined, filter(_is_short, self._words))))

    def _take(self, words: list[str]) -> None:
        self._words = words
        self._short = _pattern(map(_between_edges, filter(_is_short, words)))
        self._long = _pattern(_joined(word) for word in words if not _is_short(word))

    def __len__(self) -> int:
        return len(self._words)

    def are_in(self, text: str) -> bool:
        """Say whether any hidden value stands in a text."""
        if not self._words:
            return False
        plain = folded(text)
        if self._short is not None and self._short.search(f" {plain} "):
            return True
        return self._long_are_in(plain)

    def long_are_in(self, text: str) -> bool:
        """Say whether any value that needs no edges of words to be told stands in a text."""
        return self._long is not None and self._long_are_in(folded(text))

    def _long_are_in(self, plain: str) -> bool:
        return bool(self._long is not None and self._long.search(_joined(plain)))

    def of_signs(self, least: int) -> HiddenValues:
        """Return those of the values that have at least so many letters and digits."""
        return self.from_folded(word for word in self._words if len(_joined(word)) >= least)

    def are_in_bytes(self, content: bytes) -> bool:
        """Say whether any stands in bytes of unknown encoding: UTF-8, Latin-1 or UTF-16."""
        return any(self.are_in(text) for text in readings_of(content))

    def places(self, named: Iterable[tuple[str, str]]) -> tuple[str, ...]:
        """Return the names under which a text holds a hidden value: (name, text) -> names."""
        return tuple(name for name, text in named if self.are_in(text))


def readings_of(content: bytes) -> Iterator[str]:
    """Yield bytes as text in each encoding in which a value may stand there."""
    try:
        # Whoever finds no value in this finds none in Latin-1: accents there are no UTF-8.
        yield content.decode("utf-8")
    except UnicodeDecodeError:
        yield content.decode("utf-8", "ignore")
        yield content.decode("latin-1")
    if any(mark in content for mark in _MARKS_OF_UTF16):
        for encoding in ("utf-16-le", "utf-16-be"):
            for start in (0, 1):
                yield content[start:].decode(encoding, "ignore")


def _not_in(words: list[str], plain: str) -> list[str]:
    """Return the values that do not stand in a folded text."""
    shown = _shown_as_words(set(words), plain)
    # Where everybody sees "page12" they see the "12".
    parted = _BETWEEN_LETTER_AND_DIGIT.sub(" ", plain)
    shown |= _shown_as_words({word for word in words if _is_short(word)} - shown, parted)
    missing = [word for word in words if word not in shown]
    joined = (_joined(word) for word in missing if not _is_short(word))
    longs = _unfound(joined, _joined(plain))
    # Short values are rows of words, so that all of them were found already.
    return [word for word in missing if _is_short(word) or _joined(word) in longs]


def _shown_as_words(wanted: set[str], plain: str) -> set[str]:
    """Return those of the values that are a row of words in a folded text."""
    words = plain.split()
    lengths = {value.count(" ") + 1 for value in wanted}
    found: set[str] = set()
    for length in filter(LONGEST_ROW.__ge__, lengths):
        rows = zip(*(words[at:] for at in range(length)), strict=False)
        found |= wanted.intersection(map(" ".join, rows))
    return found


def _unfound(needles: Iterable[str], haystack: str) -> set[str]:
    """Return the strings that do not stand in another.

    A pass finds none that overlaps one before it, so further passes look for those still missing.
    Where very many are found, looking for one after the other is faster.
    """
    missing = set(needles)
    for _ in range(MOST_PASSES):
        pattern = _pattern(missing)
        matches = itertools.islice(pattern.finditer(haystack), MOST_MATCHES) if pattern else ()
        found = {match.group() for match in matches}
        if not found:
            return missing
        missing -= found
    return {needle for needle in missing if needle not in haystack}


def _is_short(word: str) -> bool:
    wide = 0 if word.isascii() else len(_IDEOGRAPH.findall(word))
    return len(_joined(word)) + (WEIGHT_OF_IDEOGRAPH - 1) * wide < SHORTEST_ANYWHERE


def _joined(word: str) -> str:
    return word.replace(" ", "")


def _between_edges(word: str) -> str:
    return f" {word} "


def _pattern(needles: Iterable[str]) -> re2._Regexp | None:
    words = sorted(set(needles))
    if not words:
        return None
    options = re2.Options()
    options.max_mem = 1 << 28
    return re2.compile("|".join(map(re2.escape, words)), options)
