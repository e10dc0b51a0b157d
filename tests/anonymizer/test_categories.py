"""What people see of labels."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anonymizer.categories import CATEGORIES, category_of, counted, custom_label, subtype_name
from anonymizer.operators.policy import Naming, type_of
from inference.engine import labels
from inference.engine.spans import Span


def test_every_label_of_the_model_has_a_category() -> None:
    assert set(CATEGORIES) == set(labels.CATEGORIES)


def test_names_tags_and_keys_differ() -> None:
    known = list(CATEGORIES.values())
    for field in ("name", "tag", "key"):
        assert len({getattr(category, field) for category in known}) == len(known)


def test_categories_that_do_not_occur_are_counted_as_zero() -> None:
    counts = {category.label: category.count for category in counted(["secret", "secret"])}
    assert counts == {label: 2 if label == "secret" else 0 for label in CATEGORIES}


def test_a_label_of_another_checkpoint_is_shown_by_its_own_name() -> None:
    assert category_of("private_passport").name == "Passport"
    assert [c.count for c in counted(["private_passport"]) if c.label == "private_passport"] == [1]


@pytest.mark.parametrize(
    ("subtype", "name"),
    [
        ("", ""),
        ("SSN", "SSN"),
        ("DATE_OF_BIRTH", "Date of birth"),
        ("IP_ADDRESS", "IP address"),
        ("URL_WITH_TOKEN", "URL with token"),
        ("PASSPORT", "Passport"),
    ],
)
def test_subtypes_in_words(subtype: str, name: str) -> None:
    assert subtype_name(subtype) == name


@pytest.mark.parametrize(
    ("name", "colour", "label", "shown", "written"),
    [
        ("Project code", 3, "custom3_project_code", "Project code", "PROJECT_CODE"),
        ("  AZ-Nummer 7 ", 8, "custom8_az_nummer_7", "Az nummer 7", "AZ_NUMMER"),
        ("Проект", 1, "custom1_проект", "Проект", "CUSTOM"),
    ],
)
def test_a_label_of_a_workspace_s_own_says_all_that_is_shown_of_it(
    name: str, colour: int, label: str, shown: str, written: str
) -> None:
    assert custom_label(name, colour) == label
    category = category_of(label)
    assert (category.name, category.css, category.key) == (shown, f"custom{colour}", "")
    assert len(category.tag) <= 3
    assert type_of(Span(0, 1, label), Naming.FINE) == written
    assert type_of(Span(0, 1, label), Naming.LABEL) == written


@pytest.mark.parametrize(("name", "colour"), [("", 1), ("!?", 1), ("Name", 0), ("Name", 9)])
def test_an_own_category_needs_a_name_and_a_colour(name: str, colour: int) -> None:
    with pytest.raises(ValueError, match="name and a colour"):
        custom_label(name, colour)


def test_own_categories_are_counted_last_and_as_zero_too() -> None:
    counts = [(c.label, c.count) for c in counted(["custom2_b"], own=["custom2_b", "custom1_a"])]
    assert counts[len(CATEGORIES) :] == [("custom1_a", 0), ("custom2_b", 1)]


def test_each_colour_has_a_hue_in_both_themes_and_a_pattern_of_its_own() -> None:
    sheet = (Path(__file__).parents[2] / "static/css/tokens.css").read_text()
    patterns = re.findall(
        r"^\.(\w+)[^{]*\{ --h: var\(--\1\);\s*--u: ([^}]*)\}", sheet, re.MULTILINE
    )
    assert {name for name, _ in patterns} == {*CATEGORIES, *(f"custom{n}" for n in range(1, 9))}
    assert len({pattern for _, pattern in patterns}) == len(patterns)
    for name, _ in patterns:
        light, dark, switched = re.findall(rf"--{name}: (#\w{{6}});", sheet)
        assert dark == switched
        assert _contrast(light, "#fbf9f5") >= 4.5
        assert _contrast(dark, "#171716") >= 4.5


def _contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
