"""The clean texts are what they say, and rules leave them alone."""

from __future__ import annotations

from pathlib import Path

from inference.engine.labels import CATEGORIES
from inference.engine.rules import find_spans
from inference.evaluation import compare
from inference.training.records import read_folder

CLEAN = read_folder(Path(__file__).parent / "clean")
RECORDS = [record for records in CLEAN.values() for record in records]


def test_there_are_enough_words_in_enough_languages() -> None:
    words = sum(compare(record, [])[0].clean_words for record in RECORDS)
    assert words >= 12_000
    assert len({record.language for record in RECORDS}) >= 10
    assert len({record.id for record in RECORDS}) == len(RECORDS)


def test_nothing_in_them_is_marked_and_every_category_was_looked_for() -> None:
    for record in RECORDS:
        assert not record.spans
        assert not record.ignore
        assert record.annotated == frozenset(CATEGORIES)


def test_rules_alone_hardly_ever_flag_anything_there() -> None:
    flagged = [span for record in RECORDS for span in find_spans(record.text)]
    assert len(flagged) <= 1  # the address of an interface in a release note
