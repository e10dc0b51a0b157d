"""Keeping texts that a model is measured on out of what it is trained on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from inference.training.records import Record

# Stretches this long do not meet by chance; formulas of courts and forms sometimes do.
_WORDS, _CHARACTERS = 13, 40
_NO_SPACES = (
    r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
# One character of a script without spaces between words, or one word of any other.
_UNIT = re.compile(rf"[{_NO_SPACES}]|[^\W{_NO_SPACES}]+")
_SPACELESS = re.compile(rf"[{_NO_SPACES}]")


class Leaks:
    """The texts of held-out sets, to compare others with."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Begin with `texts`."""
        self._whole: set[str] = set()
        self._stretches: set[int] = set()
        for text in texts:
            self.add(text)

    def add(self, text: str, *, is_template: bool = False) -> None:
        """Hold a text out; of one made from a known template only the whole text counts."""
        units = _units(text)
        self._whole.add(" ".join(units))
        if not is_template:
            self._stretches.update(_stretches(units))

    def __contains__(self, text: str) -> bool:
        """Say whether a text equals a held-out one or shares a long stretch with one.

        Case, punctuation, white space and Unicode's compatibility forms make no difference.
        """
        units = _units(text)
        return " ".join(units) in self._whole or any(
            stretch in self._stretches for stretch in _stretches(units)
        )


def without_leaks(
    sources: Mapping[str, list[Record]],
    held_out: Mapping[str, list[Record]],
    template_sets: Iterable[str] = (),
) -> tuple[dict[str, list[Record]], dict[str, int]]:
    """Return the sources without records that leak from held-out sets, and how many went.

    template_sets: held-out sets made from templates that training may share; of these only
                   equal texts count
    """
    templates = frozenset(template_sets)
    leaks = Leaks()
    for name, records in held_out.items():
        for record in records:
            leaks.add(record.text, is_template=name in templates)
    kept = {
        name: [record for record in records if record.text not in leaks]
        for name, records in sources.items()
    }
    gone = {name: len(records) - len(kept[name]) for name, records in sources.items()}
    return kept, {name: count for name, count in gone.items() if count}


def _units(text: str) -> list[str]:
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def _stretches(units: list[str]) -> Iterator[int]:
    """Yield a hash of each stretch: words, or characters where most units are such."""
    spaceless = sum(_SPACELESS.match(unit) is not None for unit in units)
    length = _CHARACTERS if 2 * spaceless > len(units) else _WORDS
    for start in range(len(units) - length + 1):
        yield hash(tuple(units[start : start + length]))
