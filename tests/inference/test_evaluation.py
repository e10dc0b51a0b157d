"""The measures count what they say."""

from __future__ import annotations

import pytest

from inference.engine.spans import Span
from inference.evaluation import Report, compare, table, trim
from inference.training.records import Record

TEXT = "Call Anna Schmidt (0151 2345678) at Acme in Bonn."
RECORD = Record(
    id="1",
    source="t",
    language="en",
    text=TEXT,
    spans=((5, 17, "private_person"), (19, 31, "private_phone")),
    annotated=frozenset({"private_person", "private_phone"}),
    ignore=((36, 40),),
)


def test_perfect_answer_scores_one() -> None:
    counts, _ = compare(RECORD, [Span(5, 17, "private_person"), Span(19, 31, "private_phone")])
    assert counts.exact_f1 == counts.overlap_f1 == counts.character_recall == 1.0
    assert counts.precision == counts.recall == 1.0


def test_outer_punctuation_and_space_do_not_matter() -> None:
    counts, _ = compare(RECORD, [Span(4, 18, "private_person"), Span(18, 33, "private_phone")])
    assert counts.exact_f1 == 1.0
    assert trim(TEXT, 17, 33) == (19, 31)


def test_part_of_a_span_is_overlap_only() -> None:
    counts, _ = compare(RECORD, [Span(5, 9, "private_person")])
    assert counts.exact == 0
    assert counts.overlap_precision == 1.0
    assert counts.overlap_recall == 0.5
    assert counts.character_recall == pytest.approx(4 / 24)


def test_wrong_label_still_hides_characters() -> None:
    counts, _ = compare(RECORD, [Span(5, 31, "private_address")])
    assert counts.exact_f1 == counts.overlap_f1 == 0.0
    assert counts.character_recall == 1.0


def test_unannotated_category_counts_neither_way() -> None:
    counts, _ = compare(RECORD, [Span(44, 48, "private_address")])
    assert counts.predicted == 0


def test_prediction_in_an_ignored_zone_counts_neither_way() -> None:
    counts, _ = compare(RECORD, [Span(36, 40, "private_person")])
    assert counts.predicted == 0


def test_false_alarms_are_counted_on_clean_text_only() -> None:
    clean = Record("2", "t", "en", "the " * 100, ())
    report = Report()
    report.add("clean", clean, [Span(0, 3, "secret")])
    report.add("private", RECORD, [Span(5, 17, "private_person"), Span(32, 34, "private_phone")])
    macro = report.macro()
    assert macro["false_alarms_per_1000_words"] == 10.0
    assert macro["exact_f1"] == report.by_set["private"].exact_f1


def test_report_groups_by_label_and_language() -> None:
    report = Report()
    report.add("a", RECORD, [Span(5, 17, "private_person")])
    assert report.by_label["private_person"].recall == 1.0
    assert report.by_label["private_phone"].recall == 0.0
    assert report.by_language["en"].recall == 0.5
    assert "| a |" in table(report.by_set)
