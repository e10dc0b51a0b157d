"""Rules as JSON: what comes back, and what is said of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anonymizer.operators.policy import Naming, Numbering, Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, RulesError, Terms

FULL = Rules(
    operating_point="high_recall",
    default_operator=Operator.MASK,
    operators={
        "private_date": Operator.KEEP,
        "IBAN": Operator.HASH,
        "custom3_project_code": Operator.CATEGORY,
    },
    naming=Naming.PLAIN,
    numbering=Numbering.ALL,
    mask_length=None,
    thresholds={"private_person": 0.25, "custom3_project_code": 1.0},
    always=(
        AlwaysHide("private_person", Terms(exact=("Ada",), folded=("Grace",))),
        AlwaysHide("custom3_project_code", Terms(patterns=(r"PX-\d+",))),
    ),
    never=Terms(exact=("Kanzlei Hofmann",)),
    categories=(CustomCategory.named("Project code", 3, Terms(folded=("Blauer Reiter",))),),
    shared_numbers=True,
    needs_approval=True,
    needs_two=True,
    shows_unreviewed=True,
    retention_days=30,
)


@pytest.mark.parametrize("rules", [Rules(), FULL])
def test_rules_come_back_as_they_were(rules: Rules) -> None:
    assert Rules.from_json(json.loads(json.dumps(rules.as_json()))) == rules


def test_what_is_left_out_has_its_default() -> None:
    assert Rules.from_json({}) == Rules()


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ([], "rules"),
        ({"colour": 1}, "colour"),
        ({"operating_point": "best"}, "operating_point"),
        ({"default_operator": "tag"}, "default_operator"),
        ({"operators": []}, "operators"),
        ({"operators": {"private_person": "tag"}}, "operators.private_person"),
        ({"operators": {"nothing": "mask"}}, "operators.nothing"),
        ({"operators": {"custom1_other": "mask"}}, "operators.custom1_other"),
        ({"naming": "long"}, "naming"),
        ({"numbering": None}, "numbering"),
        ({"mask_length": 0}, "mask_length"),
        ({"mask_length": True}, "mask_length"),
        ({"thresholds": {"private_person": 1.01}}, "thresholds.private_person"),
        ({"thresholds": {"private_person": float("nan")}}, "thresholds.private_person"),
        ({"thresholds": {"IBAN": 0.5}}, "thresholds.IBAN"),
        ({"always": {}}, "always"),
        ({"always": [{"label": "x", "terms": {}}]}, "always.0.label"),
        ({"always": [{"label": ["x"]}]}, "always.0.label"),
        ({"always": [{"label": "secret", "terms": []}]}, "always.0"),
        ({"always": [{"label": "secret", "more": 1}]}, "always.0.more"),
        ({"never": {"exact": "Ada"}}, "never.exact"),
        ({"never": {"exact": ["Ada", 1]}}, "never.exact"),
        ({"never": {"exact": ["  "]}}, "never.exact"),
        ({"never": {"folded": ["\u200b"]}}, "never.folded"),
        ({"never": {"folded": ["a" * 201]}}, "never.folded"),
        ({"never": {"folded": ["a\ud800"]}}, "never.folded"),
        ({"never": {"patterns": ["(a"]}}, "never.patterns"),
        ({"never": {"patterns": ["a"] * 101}}, "never.patterns"),
        ({"never": {"glob": ["a"]}}, "never.glob"),
        ({"categories": [{"name": "", "colour": 1}]}, "categories.0.name"),
        ({"categories": [{"name": "12", "colour": 1}]}, "categories.0.name"),
        ({"categories": [{"name": "a b c d e f", "colour": 1}]}, "categories.0.name"),
        ({"categories": [{"name": "a" * 25, "colour": 1}]}, "categories.0.name"),
        ({"categories": [{"name": "A", "colour": 9}]}, "categories.0.colour"),
        ({"categories": [{"name": "A"}, {"name": "a", "colour": 2}]}, "categories.1.name"),
        ({"shared_numbers": "yes"}, "shared_numbers"),
        ({"needs_two": True}, "needs_two"),
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": 1.5}, "retention_days"),
    ],
)
def test_each_wrong_field_has_a_sentence(data: Any, field: str) -> None:
    with pytest.raises(RulesError) as raised:
        Rules.from_json(data)
    assert list(raised.value.errors) == [field]
    assert all(one.endswith(".") for one in raised.value.errors[field])


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_quoted() -> None:
    data = {"never": {"patterns": ["(Margarethe", "ok", "a*"]}, "mask_length": -1}
    with pytest.raises(RulesError) as raised:
        Rules.from_json(data)
    said = raised.value.errors
    assert set(said) == {"never.patterns", "mask_length"}
    assert [one.split()[:2] for one in said["never.patterns"]] == [
        ["Pattern", "1"],
        ["Pattern", "3"],
    ]
    assert "Margarethe" not in str(said) + str(raised.value)


def test_a_label_follows_from_colour_and_name_and_from_nothing_else() -> None:
    data = {"categories": [{"name": " Project   Code 7", "colour": 3, "label": "secret"}]}
    (category,) = Rules.from_json(data).categories
    assert (category.label, category.name) == ("custom3_project_code_7", "Project Code 7")


def test_terms_are_kept_once_and_without_blanks_around_them() -> None:
    rules = Rules.from_json({"never": {"exact": [" Ada ", "Ada", "Bob"]}})
    assert rules.never.exact == ("Ada", "Bob")
