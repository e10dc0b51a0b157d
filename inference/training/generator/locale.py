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


# How companies are called after people.
_FIRMS = {
    "en": ("{a} & Sons", "{a} Ltd", "{a}-{b}", "{a}, {b} and {c}", "{a} Group", "{a} Inc",
           "{a} Insurance", "{a} & {b} LLP", "{a} Mutual", "{a} Financial Services", "{a} PLC"),
    "de": ("{a} GmbH", "{a} & {b} KG", "Bäckerei {a}", "{a} AG & Co. KG", "Gebr. {a}",
           "{a} {b} OHG", "{a} e.K.", "{a} Versicherung", "Autohaus {a}"),
    "fr": ("{a} et Fils", "{a} SARL", "Maison {a}", "{a} & {b}", "Éditions {a}", "Garage {a}"),
    "es": ("Hermanos {a}", "{a} e Hijos", "{a}, {b} y {c}", "{a} S.L.", "Grupo {a}",
           "{a}-{b} S.A."),
    "it": ("{a} e Figli", "Fratelli {a}", "{a} S.r.l.", "Studio {a}-{b}", "{a} & {b} S.p.A."),
    "pt": ("{a} e Filhos", "Irmãos {a}", "{a} Ltda.", "{a}, {b} e Associados", "Grupo {a} S.A."),
    "nl": ("Gebr. {a}", "{a} B.V.", "{a} & Zonen", "{a} {b} N.V.", "Bakkerij {a}"),
    "pl": ("{a} i Synowie", "{a} Sp. z o.o.", "Zakład {a}", "{a} S.A.", "{a} {b} Sp.j."),
    "el": ("Αφοί {a} Ο.Ε.", "{a} και Σία Ο.Ε.", "{a} Α.Ε.", "{a} - {b} Ε.Π.Ε.", "{a} ΕΕ"),
    "ru": ("ООО «{a}»", "АО «{a} и {b}»", "{a} и сыновья", "ИП {a}"),
    "tr": ("{a} Ticaret A.Ş.", "{a} Kardeşler", "{a} ve Oğulları", "{a} Ltd. Şti."),
    "zh": ("{a}氏集团有限公司", "{a}记食品有限公司", "{a}氏贸易公司"),
    "ja": ("{a}株式会社", "株式会社{a}製作所", "{a}商店", "有限会社{a}"),
    "ko": ("{a}산업 주식회사", "(주){a}앤{b}", "{a}상사"),
    "hi": ("{a} ब्रदर्स", "{a} एंड संस", "{a} ट्रेडर्स", "{a} उद्योग लि."),
    "ar": ("شركة {a} وأولاده", "مؤسسة {a} للتجارة", "مجموعة {a}"),
}  # fmt: skip


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

    def firm(self, rng: random.Random) -> str:
        """Return a company's name, often one made of its founders' names."""
        if rng.random() < 0.5:
            return rng.choice(self.company)
        names = {letter: rng.choice(self.family) for letter in "abc"}
        return rng.choice(_FIRMS.get(self.code, _FIRMS["en"])).format_map(names)

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
