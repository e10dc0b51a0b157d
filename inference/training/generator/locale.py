"""Names, streets, companies and form words of the languages that documents are written in."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from inference.training.generator import values

_WORDS = (
    "invoice", "receipt", "customer", "bill_to", "name", "address", "phone", "email", "born",
    "identity", "account", "date", "due", "total", "order", "item", "dear", "regards", "patient",
    "doctor", "password", "website", "employee", "contract", "company",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up person; the full name is in the order that the language uses."""

    given: str
    family: str
    full: str


@dataclass(frozen=True, slots=True)
class Locale:
    """One language's lists, and how a name is put together."""

    code: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    street: tuple[str, ...]
    city: tuple[str, ...]
    company: tuple[str, ...]
    phones: tuple[str, ...]
    words: dict[str, str]
    plain: tuple[str, ...]
    is_family_first: bool
    joiner: str

    def person(self, rng: random.Random) -> Person:
        """Return a person with a full name, sometimes with two given names or an initial."""
        given, family = rng.choice(self.given), rng.choice(self.family)
        if self.is_family_first:
            return Person(given, family, f"{family}{self.joiner}{given}")
        full = f"{given} {family}"
        draw = rng.random()
        if draw < 0.08:
            full = f"{family}, {given}"
        elif draw < 0.14:
            full = f"{given} {rng.choice(self.given)} {family}"
        elif draw < 0.2:
            full = f"{given[0]}. {family}"
        return Person(given, family, full)

    def home(self, rng: random.Random) -> str:
        """Return a full postal address on one line or two."""
        street = self._fill(rng, rng.choice(self.street))
        city = self._fill(rng, rng.choice(self.city))
        if self.is_family_first:
            return city + (" " if self.code == "ko" else "") + street
        return street + rng.choice((", ", ", ", "\n")) + city

    def phone(self, rng: random.Random) -> str:
        """Return a phone number in a form of the language's countries."""
        return values.pattern(rng, rng.choice(self.phones))

    def sentence(self, rng: random.Random) -> str:
        """Return a sentence with nothing private in it."""
        return rng.choice(self.plain).replace("{d}", values.date(rng))

    def _fill(self, rng: random.Random, form: str) -> str:
        return form.format(
            n=rng.randint(1, 240),
            m=rng.randint(1, 9),
            p2=values.digits(rng, 2),
            p3=values.digits(rng, 3),
            p4=values.digits(rng, 4),
            p5=values.digits(rng, 5),
        )


@cache
def locales() -> tuple[Locale, ...]:
    """Return all languages, English first."""
    data = json.loads(Path(__file__).with_name("locales.json").read_text(encoding="utf-8"))
    return tuple(_locale(code, row) for code, row in data.items())


def _locale(code: str, row: dict[str, Any]) -> Locale:
    def split(name: str) -> tuple[str, ...]:
        return tuple(row[name].split("|"))

    return Locale(
        code=code,
        given=split("given"),
        family=split("family"),
        street=split("street"),
        city=split("city"),
        company=split("company"),
        phones=split("phone"),
        words=dict(zip(_WORDS, split("words"), strict=True)),
        plain=split("plain"),
        is_family_first=bool(row.get("family_first")),
        joiner=str(row.get("joiner", " ")),
    )
