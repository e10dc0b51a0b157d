"""Rules in words, and what is different between two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anonymizer.categories import CATEGORIES, category_of, subtype_name
from anonymizer.operators.policy import Operator
from anonymizer.rules import CustomCategory, Rules, Terms
from policies.catalogue import NAMINGS, NUMBERINGS, OPERATORS, POINTS, SUBTYPES

KINDS_OF_TERMS = (
    ("exact", "written exactly so"),
    ("folded", "in any spelling"),
    ("patterns", "patterns"),
)
_NONE = "none"


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that rules say.

    label: of the category that it is about, "" for none; gives the line its colour
    """

    name: str
    value: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class TermList:
    """Terms of one kind that rules hold; they may name people.

    about: "Always hidden as Person", "Never hidden", "Project names"
    """

    about: str
    kind: str
    terms: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two rules: what was said, and what is."""

    name: str
    before: str
    after: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class TermChange:
    """Terms that one of two rules has and the other has not; they may name people."""

    about: str
    kind: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    label: str = ""


def sayings(rules: Rules) -> list[Saying]:
    """Return what rules say, but for their lists of terms."""
    return [*_categories(rules), *_subtypes(rules), *_manner(rules), *_sharing(rules)]


def term_lists(rules: Rules) -> list[TermList]:
    """Return the lists of rules that are not empty."""
    return [one for one in _lists(rules) if one.terms]


def count_of_terms(rules: Rules) -> int:
    """Return how many terms the lists of rules hold."""
    return sum(len(one.terms) for one in _lists(rules))


def changes(before: Rules, after: Rules) -> list[Change]:
    """Return what is different, but for the lists of terms, in the order of the editor."""
    old = {(one.name, one.label): one for one in sayings(before)}
    new = {(one.name, one.label): one for one in sayings(after)}
    found = []
    for key in dict.fromkeys([*old, *new]):
        was = old[key].value if key in old else _default(before, key[1])
        now = new[key].value if key in new else _default(after, key[1])
        if was != now:
            found.append(Change(key[0], was, now, key[1]))
    return found


def term_changes(before: Rules, after: Rules) -> list[TermChange]:
    """Return the differences between the lists of terms."""
    old = _merged(_lists(before))
    new = _merged(_lists(after))
    found = []
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key, ()), new.get(key, ())
        added = tuple(term for term in now if term not in set(was))
        removed = tuple(term for term in was if term not in set(now))
        if added or removed:
            found.append(TermChange(key[0], key[1], added, removed, key[2]))
    return found


def how(rules: Rules, label: str) -> str:
    """Return how a category is hidden: "mask, if at least 0.60 sure"."""
    operator = rules.operators.get(label, rules.default_operator)
    threshold = rules.thresholds.get(label, 0)
    if not threshold or operator is Operator.KEEP:
        return OPERATORS[operator]
    return f"{OPERATORS[operator]}, if at least {threshold:.2f} sure"


def _categories(rules: Rules) -> Iterator[Saying]:
    for label in CATEGORIES:
        yield Saying(category_of(label).name, how(rules, label), label)
    for one in rules.categories:
        yield Saying(one.name, _how_custom(rules, one), one.label)


def _how_custom(rules: Rules, one: CustomCategory) -> str:
    return f"{how(rules, one.label)}, colour {one.colour}"


def _subtypes(rules: Rules) -> Iterator[Saying]:
    for label, subtypes in SUBTYPES.items():
        for subtype in subtypes:
            if subtype in rules.operators:
                name = f"{category_of(label).name}: {subtype_name(subtype)}"
                yield Saying(name, OPERATORS[rules.operators[subtype]], label)


def _manner(rules: Rules) -> Iterator[Saying]:
    yield Saying("Detection", POINTS.get(rules.operating_point, rules.operating_point))
    yield Saying("Names in placeholders", NAMINGS[rules.naming])
    yield Saying("Numbers", NUMBERINGS[rules.numbering])
    length = "as long as the value" if rules.mask_length is None else f"{rules.mask_length} signs"
    yield Saying("Masks", length)
    yield Saying("The same number in all items", _yes(rules.shared_numbers))


def _sharing(rules: Rules) -> Iterator[Saying]:
    approval = "by two" if rules.needs_two else "needed"
    yield Saying("Approval before sharing", approval if rules.needs_approval else "not needed")
    yield Saying("Shows that nobody has reviewed it", _yes(rules.shows_unreviewed))
    days = rules.retention_days
    kept = "until its own end" if days is None else f"{days} day{'s' if days != 1 else ''}"
    yield Saying("Items are kept", kept)


def _lists(rules: Rules) -> Iterator[TermList]:
    for one in rules.always:
        about = f"Always hidden as {category_of(one.label).name}"
        yield from _kinds(about, one.terms, one.label)
    yield from _kinds("Never hidden", rules.never, "")
    for category in rules.categories:
        yield from _kinds(category.name, category.terms, category.label)


def _kinds(about: str, terms: Terms, label: str) -> Iterator[TermList]:
    for field, kind in KINDS_OF_TERMS:
        yield TermList(about, kind, getattr(terms, field), label)


def _merged(lists: Iterable[TermList]) -> dict[tuple[str, str, str], tuple[str, ...]]:
    merged: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for one in lists:
        key = (one.about, one.kind, one.label)
        merged[key] = (*merged.get(key, ()), *one.terms)
    return merged


def _default(rules: Rules, label: str) -> str:
    """Return what holds where rules say nothing of their own: of a subtype, what its category does.

    A category of its own that is not there says nothing at all.
    """
    return how(rules, label) if label in CATEGORIES else _NONE


def _yes(value: bool) -> str:
    return "yes" if value else "no"
