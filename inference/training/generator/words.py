"""Names, places, months and ways to say when, of more languages than there are forms for."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from inference.training.generator import values
from inference.training.generator.locale import locales

_FOREIGN_SHARE = 0.15
_FAMILY_FIRST = ("zh", "ja", "ko", "vi", "hu")


@dataclass(frozen=True, slots=True)
class Words:
    """One language's lists.

    forms: how a date is written; when: other ways to say when; spans: lengths of time
    bodies: courts and offices; prefix: what a name begins with as the subject of a sentence
    """

    code: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    places: tuple[str, ...]
    months: tuple[str, ...]
    forms: tuple[str, ...]
    when: tuple[str, ...]
    spans: tuple[str, ...]
    bodies: tuple[str, ...]
    prefix: str

    def full_name(self, rng: random.Random) -> str:
        """Return a name as news and forms give it, now and then one from another language."""
        is_foreign = rng.random() < _FOREIGN_SHARE
        words = rng.choice(all_words()) if is_foreign else self
        given, family = rng.choice(words.given), rng.choice(words.family)
        if words.code in _FAMILY_FIRST:
            return f"{family} {given}" if words.code in ("vi", "hu") else family + given
        draw = rng.random()
        if draw < 0.1:
            return f"{given} {rng.choice(words.given)} {family}"
        if draw < 0.18:
            return f"{given} {family[0]}. {rng.choice(words.family)}"
        if draw < 0.23:
            return f"{given} {family}-{rng.choice(words.family)}"
        return f"{given} {family}"

    def initials(self, rng: random.Random) -> str:
        """Return a name reduced to letters, as courts publish it."""
        given, family = rng.choice(self.given), rng.choice(self.family)
        forms = (f"{family[0]}.", f"{family[0]}", f"{family[0]}…", f"{given[0]}. {family[0]}.",
                 f"{given[0]}.{family[0]}.", f"{given[0]}. {family}", f"{family[:2]}.")  # fmt: skip
        return rng.choices(forms, (8, 4, 2, 3, 1, 1, 1))[0]

    def date(self, rng: random.Random, first: int = 1975, last: int = 2027) -> str:
        """Return a date written out, or in figures as `values.date` does."""
        if rng.random() < 0.15:
            return values.date(rng, first, last)
        month = rng.randint(1, 12)
        return rng.choice(self.forms).format(
            day=rng.randint(1, 28),
            month=self.months[month - 1],
            mm=f"{month:02}",
            year=rng.randint(first, last),
        )

    def moment(self, rng: random.Random) -> str:
        """Return a date or another way to say when."""
        if not self.when or rng.random() < 0.5:
            return self.date(rng)
        return rng.choice(self.when).format(n=rng.randint(2, 60), h=rng.randint(1, 12))

    def length(self, rng: random.Random) -> str:
        """Return a length of time."""
        form = rng.choice(self.spans or self.when)
        return form.format(n=rng.randint(2, 60), h=rng.randint(1, 12))


@cache
def words_by_language() -> dict[str, Words]:
    """Return the lists of all languages."""
    data = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))
    forms = {locale.code: locale for locale in locales()}

    def words(code: str, row: dict[str, str]) -> Words:
        def split(name: str) -> tuple[str, ...]:
            return tuple(row[name].split("|")) if name in row else ()

        locale = forms.get(code)
        return Words(
            code=code,
            given=split("given") + (locale.given if locale else ()),
            family=split("family") + (locale.family if locale else ()),
            places=split("places"),
            months=split("months"),
            forms=split("forms"),
            when=split("when"),
            spans=split("spans"),
            bodies=split("bodies"),
            prefix=row.get("prefix", ""),
        )

    return {code: words(code, row) for code, row in data.items()}


@cache
def all_words() -> tuple[Words, ...]:
    """Return the lists of all languages in a fixed order."""
    return tuple(words_by_language().values())
