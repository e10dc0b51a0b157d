"""Rules as a request sends them."""

from __future__ import annotations

from typing import Any

from anonymizer.categories import CATEGORIES
from anonymizer.rules import Rules, RulesError
from api.v1.problems import Problem
from api.v1.under import Errors
from policies.catalogue import SUBTYPES

# Of what may be named in a problem; anything else a caller may have written.
_PARTS = frozenset(Rules().as_json()) | frozenset(
    {*CATEGORIES, "label", "terms", "name", "colour", "exact", "folded", "patterns"}
).union(*SUBTYPES.values())


def read_rules(value: Any, errors: Errors) -> Rules:
    """Return rules. What is wrong stands under "rules.always.0.patterns", without what was sent."""
    try:
        return Rules.from_json(value)
    except RulesError as exc:
        for field, sentences in exc.errors.items():
            errors.setdefault(_named(field), []).extend(sentences)
        return Rules()


def _named(field: str) -> str:
    parts = ["rules"]
    for part in field.split("."):
        if part not in _PARTS and not part.isdecimal():
            break
        parts.append(part)
    return ".".join(parts)


def refuse(errors: Errors) -> None:
    """Raise Problem if something is wrong."""
    if errors:
        raise Problem(422, "invalid", errors=errors)
