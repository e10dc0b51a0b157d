"""Rules read from JSON, strictly, with sentences about all that is wrong."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from anonymizer.categories import CATEGORIES, COLOURS
from anonymizer.operators.policy import Naming, Numbering, Operator
from anonymizer.rules.model import AlwaysHide, CustomCategory, Rules, Terms
from anonymizer.rules.patterns import compiled
from anonymizer.rules.problems import FieldError, Problems
from inference.engine.operating_points import BALANCED, NAMES

MAX_TERMS = 20_000
MAX_PATTERNS = 100
MAX_CATEGORIES = 24
LONGEST_TERM = 200
LONGEST_NAME = 40
MAX_MASK = 100
MAX_RETENTION_DAYS = 36_500
# A tag leaves the value in sight: nothing that is shared may.
OPERATORS = tuple(one for one in Operator if one is not Operator.TAG)
_SUBTYPE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")
_FIELDS = frozenset(
    {
        "operating_point", "default_operator", "operators", "naming", "numbering", "mask_length",
        "thresholds", "always", "never", "categories", "shared_numbers", "needs_approval",
        "needs_two", "shows_unreviewed", "retention_days",
    }
)  # fmt: skip
_FLAGS = ("shared_numbers", "needs_approval", "needs_two", "shows_unreviewed")
# As placeholders can hold it and still be recognised after a rewrite.
_MOST_WORDS, _LONGEST_WORD = 5, 24
Choice = TypeVar("Choice", bound=StrEnum)


def read_rules(data: Any) -> Rules:
    """Return rules of what `Rules.as_json` wrote. Raises RulesError."""
    problems = Problems()
    if not isinstance(data, Mapping):
        problems.add("rules", "Rules have to be an object.")
        problems.check()
    problems.unknown(data, _FIELDS)
    categories = _categories(data.get("categories", []), problems)
    labels = frozenset(CATEGORIES) | {one.label for one in categories}
    default = _choice(data, "default_operator", Operator.REPLACE, OPERATORS, problems)
    rules = Rules(
        operating_point=_point(data.get("operating_point", BALANCED), problems),
        default_operator=default,
        operators=_operators(data.get("operators", {}), labels, problems),
        naming=_choice(data, "naming", Naming.FINE, tuple(Naming), problems),
        numbering=_choice(data, "numbering", Numbering.TYPE, tuple(Numbering), problems),
        mask_length=_whole(data, "mask_length", 5, MAX_MASK, problems),
        thresholds=_thresholds(data.get("thresholds", {}), labels, problems),
        always=_always(data.get("always", []), labels, problems),
        never=_terms(data.get("never", {}), "never", problems),
        categories=categories,
        retention_days=_whole(data, "retention_days", None, MAX_RETENTION_DAYS, problems),
        **{name: _flag(data, name, problems) for name in _FLAGS},
    )
    _check_whole(rules, problems)
    problems.check()
    return rules


def _check_whole(rules: Rules, problems: Problems) -> None:
    """Note what only the parts together show."""
    lists = [rules.never, *(a.terms for a in rules.always), *(c.terms for c in rules.categories)]
    if sum(len(one.exact) + len(one.folded) for one in lists) > MAX_TERMS:
        problems.add("rules", f"All lists together hold at most {MAX_TERMS:,} terms.")
    if sum(len(one.patterns) for one in lists) > MAX_PATTERNS:
        problems.add("rules", f"All lists together hold at most {MAX_PATTERNS} patterns.")
    if rules.needs_two and not rules.needs_approval:
        problems.add("needs_two", "Two people can only be asked for where approval is.")


def _point(value: Any, problems: Problems) -> str:
    if value in NAMES:
        return str(value)
    problems.add("operating_point", f"It must be one of {', '.join(NAMES)}.")
    return BALANCED


def _choice(
    data: Mapping[str, Any],
    field: str,
    default: Choice,
    choices: tuple[Choice, ...],
    problems: Problems,
) -> Choice:
    value = data.get(field, str(default))
    for choice in choices:
        if value == str(choice):
            return choice
    problems.add(field, f"It must be one of {', '.join(map(str, choices))}.")
    return default


def _whole(
    data: Mapping[str, Any], field: str, default: int | None, most: int, problems: Problems
) -> int | None:
    value = data.get(field, default)
    if value is None or (type(value) is int and 1 <= value <= most):
        return value
    problems.add(field, f"It must be a whole number from 1 to {most:,}, or nothing.")
    return default


def _flag(data: Mapping[str, Any], field: str, problems: Problems) -> bool:
    value = data.get(field, False)
    if not isinstance(value, bool):
        problems.add(field, "It must be true or false.")
    return value is True


def _operators(value: Any, labels: Collection[str], problems: Problems) -> dict[str, Operator]:
    if not isinstance(value, Mapping):
        problems.add("operators", "It must be an object.")
        return {}
    read: dict[str, Operator] = {}
    for name, operator in value.items():
        field = f"operators.{str(name)[:40]}"
        if name not in labels and not _SUBTYPE.fullmatch(str(name)):
            problems.add(field, "There is no such category.")
        elif operator not in OPERATORS:
            problems.add(field, f"It must be one of {', '.join(map(str, OPERATORS))}.")
        else:
            read[name] = Operator(operator)
    return read


def _thresholds(value: Any, labels: Collection[str], problems: Problems) -> dict[str, float]:
    if not isinstance(value, Mapping):
        problems.add("thresholds", "It must be an object.")
        return {}
    read: dict[str, float] = {}
    for label, least in value.items():
        field = f"thresholds.{str(label)[:40]}"
        if label not in labels:
            problems.add(field, "There is no such category.")
        elif type(least) not in (int, float) or not 0 <= least <= 1:
            problems.add(field, "It must be a number from 0 to 1.")
        else:
            read[label] = float(least)
    return read


def _always(value: Any, labels: Collection[str], problems: Problems) -> tuple[AlwaysHide, ...]:
    read = []
    for place, one in enumerate(_listed(value, "always", MAX_CATEGORIES * 2, problems)):
        field = f"always.{place}"
        problems.unknown(one, {"label", "terms"}, f"{field}.")
        label = one.get("label")
        if not isinstance(label, str) or label not in labels:
            problems.add(f"{field}.label", "There is no such category.")
            continue
        read.append(AlwaysHide(label, _terms(one.get("terms", {}), field, problems)))
    return tuple(read)


def _categories(value: Any, problems: Problems) -> tuple[CustomCategory, ...]:
    read: list[CustomCategory] = []
    for place, one in enumerate(_listed(value, "categories", MAX_CATEGORIES, problems)):
        field = f"categories.{place}"
        problems.unknown(one, {"name", "colour", "terms", "label"}, f"{field}.")
        terms = _terms(one.get("terms", {}), field, problems)
        colour = one.get("colour", 1)
        if type(colour) is not int or not 1 <= colour <= COLOURS:
            problems.add(f"{field}.colour", f"It must be a whole number from 1 to {COLOURS}.")
            colour = 1
        with problems.of(f"{field}.name"):
            category = CustomCategory.named(_name(one.get("name")), colour, terms)
            _check_free(category, read)
            read.append(category)
    return tuple(read)


def _check_free(category: CustomCategory, others: Collection[CustomCategory]) -> None:
    taken = {other.label.partition("_")[2] for other in others}
    if category.label.partition("_")[2] in taken:
        raise FieldError("Another category has this name.")


def _name(value: Any) -> str:
    if not isinstance(value, str) or not any(map(str.isalpha, value)):
        raise FieldError("Give it a name.")
    name = " ".join(value.split())
    words = re.findall(r"[^\W_]+", name)
    if len(name) > LONGEST_NAME:
        raise FieldError(f"It has at most {LONGEST_NAME} characters.")
    if len(words) > _MOST_WORDS or max(map(len, words)) > _LONGEST_WORD:
        raise FieldError(f"It has at most {_MOST_WORDS} words of {_LONGEST_WORD} letters.")
    if not name.isprintable():
        raise FieldError("It holds signs that cannot be shown.")
    return name


def _listed(value: Any, field: str, most: int, problems: Problems) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        problems.add(field, "It must be a list of objects.")
        return []
    if len(value) > most:
        problems.add(field, f"There are at most {most}.")
    return value[:most]


def _terms(value: Any, field: str, problems: Problems) -> Terms:
    if not isinstance(value, Mapping):
        problems.add(field, "It must be an object with exact, folded and patterns.")
        return Terms()
    problems.unknown(value, {"exact", "folded", "patterns"}, f"{field}.")
    read: dict[str, tuple[str, ...]] = {}
    for kind in ("exact", "folded", "patterns"):
        listed = value.get(kind, [])
        where = f"{field}.{kind}"
        if not isinstance(listed, list | tuple) or not all(isinstance(x, str) for x in listed):
            problems.add(where, "It must be a list of strings.")
            listed = []
        if kind == "patterns":
            read[kind] = _patterns(listed, where, problems)
        else:
            read[kind] = _written(listed, where, problems)
    return Terms(**read)


def _written(listed: Collection[str], field: str, problems: Problems) -> tuple[str, ...]:
    """Return terms without blanks around them, each once."""
    terms: dict[str, None] = {}
    if len(listed) > MAX_TERMS:
        problems.add(field, f"There are at most {MAX_TERMS:,}.")
        return ()
    for place, written in enumerate(listed, start=1):
        term = written.strip()
        if not any(char.isprintable() and not char.isspace() for char in term):
            problems.add(field, f"Term {place} is empty.")
        elif len(term) > LONGEST_TERM:
            problems.add(field, f"Term {place} is longer than {LONGEST_TERM} characters.")
        elif any("\ud800" <= char <= "\udfff" for char in term):
            problems.add(field, f"Term {place} holds half of a sign.")
        else:
            terms[term] = None
    return tuple(terms)


def _patterns(listed: Collection[str], field: str, problems: Problems) -> tuple[str, ...]:
    if len(listed) > MAX_PATTERNS:
        problems.add(field, f"There are at most {MAX_PATTERNS}.")
        return ()
    for place, pattern in enumerate(listed, start=1):
        try:
            compiled(pattern)
        except FieldError as exc:
            problems.add(field, f"Pattern {place} {exc}")
    return tuple(dict.fromkeys(listed))
