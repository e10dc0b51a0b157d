"""What people see of labels."""

from __future__ import annotations

import pytest

from anonymizer.categories import CATEGORIES, category_of, counted, subtype_name
from inference.engine import labels


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
