"""Rules said in words, and compared."""

from __future__ import annotations

import re
from pathlib import Path

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from policies.catalogue import SUBTYPES
from policies.words import changes, sayings, term_changes, term_lists

ROOT = Path(__file__).parents[2]


def in_short(before: Rules, after: Rules) -> list[tuple[str, str, str]]:
    """Return changes as (name, before, after)."""
    return [(one.name, one.before, one.after) for one in changes(before, after)]


def test_subtypes_are_those_of_the_documentation() -> None:
    written = (ROOT / "docs" / "detection.md").read_text()
    table = {
        label: tuple(re.findall(r"`([A-Z_]+)`", row))
        for label, row in re.findall(r"^\| `(\w+)` \| (`[A-Z].*) \|$", written, re.M)
    }
    assert dict(SUBTYPES) == table


def test_a_changed_operator_is_said_before_and_after() -> None:
    before = Rules(operators={"private_phone": Operator.MASK})
    after = Rules(operators={"private_phone": Operator.REPLACE})
    assert in_short(before, after) == [("Phone", "mask", "replace")]


def test_a_changed_default_is_said_for_every_category_that_follows_it() -> None:
    before = Rules(operators={"secret": Operator.MASK})
    named = [name for name, _, _ in in_short(before, Rules(default_operator=Operator.HASH))]
    assert "Person" in named
    assert ("Secret", "mask", "hash") in in_short(before, Rules(default_operator=Operator.HASH))


def test_a_subtype_of_its_own_is_compared_with_its_category() -> None:
    before = Rules(operators={"account_number": Operator.MASK})
    after = Rules(operators={"account_number": Operator.MASK, "IBAN": Operator.KEEP})
    assert in_short(before, after) == [("Account: IBAN", "mask", "off")]
    assert in_short(after, before) == [("Account: IBAN", "off", "mask")]


def test_thresholds_approval_and_retention_are_said() -> None:
    after = Rules(
        thresholds={"private_date": 0.6}, needs_approval=True, needs_two=True, retention_days=1
    )
    assert in_short(Rules(), after) == [
        ("Date", "replace", "replace, if at least 0.60 sure"),
        ("Approval before sharing", "not needed", "by two"),
        ("Items are kept", "until its own end", "1 day"),
    ]


def test_a_new_category_comes_and_goes() -> None:
    own = CustomCategory.named("Project code", 3, Terms(patterns=("PX-[0-9]+",)))
    with_it = Rules(categories=(own,), operators={own.label: Operator.CATEGORY})
    assert in_short(Rules(), with_it) == [("Project code", "none", "category, colour 3")]
    assert in_short(with_it, Rules()) == [("Project code", "category, colour 3", "none")]
    assert [(one.about, one.terms) for one in term_lists(with_it)] == [
        ("Project code", ("PX-[0-9]+",))
    ]


def test_terms_that_came_and_went_are_named() -> None:
    def always(*terms: str) -> Rules:
        return Rules(always=(AlwaysHide("private_person", Terms(exact=terms)),))

    (one,) = term_changes(always("Ann", "Bo"), always("Bo", "Cy"))
    assert (one.about, one.added, one.removed) == ("Always hidden as Person", ("Cy",), ("Ann",))
    assert term_changes(always("Ann"), always("Ann")) == []
    assert changes(always("Ann"), always("Bo")) == []


def test_what_rules_say_names_no_term() -> None:
    rules = Rules(never=Terms(exact=("Bertha Quill",)))
    assert "Quill" not in str(sayings(rules))
