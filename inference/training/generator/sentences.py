"""Texts made of sentences with slots: news, court cases, records, and text about nobody.

A capital letter in a slot stands for something private, a small one for something that is not:
{P} a full name, {p} none; {D} the date of an event in somebody's life, {d} that of a law.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from inference.training.generator import values
from inference.training.generator.documents import (
    ACCOUNT,
    ADDRESS,
    DATE,
    EMAIL,
    PERSON,
    PHONE,
    SECRET,
)
from inference.training.generator.draft import Draft
from inference.training.generator.locale import Locale, locales
from inference.training.generator.words import Words, words_by_language

# Languages of Africa, in which names, places and everyday capitals are easily confused.
_AFRICAN = frozenset(
    ("hau", "yor", "ibo", "swa", "zul", "xho", "sna", "amh", "kin", "lug",
     "luo", "wol", "bam", "ewe", "fon", "mos", "nya", "tsn", "twi", "pcm")
)  # fmt: skip
_AFRICAN_SHARE = 0.6
_SLOT = re.compile(r"\{(\w+)\}")
_SPACELESS = ("zh", "ja")
# Lengths and times of day: labelled sets mark them in English and African texts, not in others.
_LENGTHS = ("L", "H")

Writer = Callable[[random.Random, Words, Locale], str]
_PRIVATE: Mapping[str, tuple[str, Writer]] = {
    "P": (PERSON, lambda rng, words, locale: words.full_name(rng)),
    "uP": (PERSON, lambda rng, words, locale: words.prefix + words.full_name(rng)),
    "UP": (PERSON, lambda rng, words, locale: words.prefix.upper() + words.full_name(rng)),
    "G": (PERSON, lambda rng, words, locale: rng.choice(words.given)),
    "uG": (PERSON, lambda rng, words, locale: words.prefix + rng.choice(words.given)),
    "UG": (PERSON, lambda rng, words, locale: words.prefix.upper() + rng.choice(words.given)),
    "F": (PERSON, lambda rng, words, locale: rng.choice(words.family)),
    "uF": (PERSON, lambda rng, words, locale: words.prefix + rng.choice(words.family)),
    "UF": (PERSON, lambda rng, words, locale: words.prefix.upper() + rng.choice(words.family)),
    "I": (PERSON, lambda rng, words, locale: words.initials(rng)),
    "D": (DATE, lambda rng, words, locale: words.moment(rng)),
    "leD": (DATE, lambda rng, words, locale: "le " + words.date(rng)),
    "LeD": (DATE, lambda rng, words, locale: "Le " + words.date(rng)),
    "elD": (DATE, lambda rng, words, locale: "el " + words.date(rng)),
    "ElD": (DATE, lambda rng, words, locale: "El " + words.date(rng)),
    "L": (DATE, lambda rng, words, locale: words.length(rng)),
    "H": (DATE, lambda rng, words, locale: _hour(rng, words)),
    "A": (ADDRESS, lambda rng, words, locale: locale.home(rng).replace("\n", ", ")),
    "T": (PHONE, lambda rng, words, locale: locale.phone(rng)),
    "E": (EMAIL, lambda rng, words, locale: _email(rng, words)),
    "N": (ACCOUNT, lambda rng, words, locale: _number(rng)),
    "V": (ACCOUNT, lambda rng, words, locale: values.plate(rng)),
    "K": (ACCOUNT, lambda rng, words, locale: values.chassis(rng)),
    "B": (ACCOUNT, lambda rng, words, locale: values.iban(rng)),
    "C": (ACCOUNT, lambda rng, words, locale: values.card(rng)),
    "S": (SECRET, lambda rng, words, locale: values.secret(rng)),
}
_PUBLIC: Mapping[str, Writer] = {
    "d": lambda rng, words, locale: words.date(rng),
    "y": lambda rng, words, locale: str(rng.randint(1250, 2026)),
    "n": lambda rng, words, locale: str(rng.randint(10, 990)),
    "m": lambda rng, words, locale: str(rng.randint(2, 9)),
    "c": lambda rng, words, locale: rng.choice(words.places),
    "o": lambda rng, words, locale: rng.choice(words.bodies or words.places),
    "f": lambda rng, words, locale: rng.choice(words.family),
    "i": lambda rng, words, locale: rng.choice("ABCDFGHKLMNRSTW") + rng.choice((".", ".", "")),
    "U": lambda rng, words, locale: _email(rng, words).split("@")[0],
}


def news(draft: Draft, rng: random.Random, _: Locale) -> None:
    """A few sentences of news: people and when things happened to them are marked."""
    by_language = _sentences("news")
    african = [code for code in by_language if code in _AFRICAN]
    others = [code for code in by_language if code not in _AFRICAN]
    code = rng.choice(african if rng.random() < _AFRICAN_SHARE else others)
    _write(draft, rng, code, by_language[code], rng.randint(1, 5))


def court(draft: Draft, rng: random.Random, _: Locale) -> None:
    """Part of a court case: parties, witnesses and dates of events, not laws and citations."""
    by_language = _sentences("court")
    code = rng.choice((*by_language, "de", "de", "de", "en", "en"))
    _write(draft, rng, code, by_language[code], rng.randint(2, 8))


def records(draft: Draft, rng: random.Random, _: Locale) -> None:
    """Short entries about people, as offices and surgeries keep them."""
    by_language = _sentences("records")
    code = rng.choice((*by_language, "el", "el"))
    _write(draft, rng, code, by_language[code], rng.randint(1, 4))


def clean(draft: Draft, rng: random.Random, _: Locale) -> None:
    """Text of encyclopaedias, manuals, licences and release notes: nothing in it is private."""
    by_language = _sentences("clean")
    code = rng.choice((*by_language, "en", "en", "en", "el", "ko"))
    _write(draft, rng, code, by_language[code], rng.randint(2, 9))


def _write(
    draft: Draft, rng: random.Random, code: str, sentences: tuple[str, ...], count: int
) -> None:
    words, locale = words_by_language()[code], _locale(code)
    draft.language = code
    gap = rng.choice(("\n", "")) if code in _SPACELESS else rng.choice((" ", " ", "\n", "\n\n"))
    chosen = rng.sample(sentences, min(count, len(sentences)))
    for number, sentence in enumerate(chosen):
        draft.add(gap if number else "")
        _fill(draft, rng, sentence, words, locale)


def _fill(draft: Draft, rng: random.Random, sentence: str, words: Words, locale: Locale) -> None:
    # Labelled sets disagree on whether a place in a sentence about somebody is an address.
    is_about_people = any(slot[:1].isupper() for slot in _SLOT.findall(sentence))
    for number, part in enumerate(_SLOT.split(sentence)):
        if number % 2 == 0:
            draft.add(part)
        elif part in _LENGTHS and words.code not in (*_AFRICAN, "en"):
            draft.unsure(_PRIVATE[part][1](rng, words, locale))
        elif part in _PRIVATE:
            label, writer = _PRIVATE[part]
            draft.add(writer(rng, words, locale), label)
        elif part == "c" and is_about_people and words.code not in _AFRICAN:
            draft.unsure(rng.choice(words.places))
        else:
            draft.add(_PUBLIC[part](rng, words, locale))


@cache
def _sentences(name: str) -> dict[str, tuple[str, ...]]:
    data = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return {code: tuple(text.split("|")) for code, text in data.items()}


@cache
def _locale(code: str) -> Locale:
    """Return the forms of a language, English ones for a language without."""
    return next((locale for locale in locales() if locale.code == code), locales()[0])


def _email(rng: random.Random, words: Words) -> str:
    return values.email(rng, rng.choice(words.given), rng.choice(words.family))


def _number(rng: random.Random) -> str:
    return values.identity(rng) if rng.random() < 0.6 else values.contract(rng)


def _hour(rng: random.Random, words: Words) -> str:
    if words.code == "en":
        minutes, half = rng.choice(("", ".30", ".15", ":45")), rng.choice(("a.m.", "p.m."))
        return f"{rng.randint(1, 12)}{minutes} {half}"
    return f"{rng.randint(6, 22)}.{rng.choice(('00', '15', '30', '45'))}"
