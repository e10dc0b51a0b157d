"""Operating points follow from measured figures by the rules that are documented."""

from __future__ import annotations

from inference.engine.operating_points import Biases
from inference.training.calibrate import Setting, biases_of, choose


def _row(exact: float, characters: float, precision: float) -> dict[str, float]:
    return {
        "exact_f1": exact,
        "overlap_f1": exact,
        "character_recall": characters,
        "precision": precision,
    }


def test_presets_lean_apart_within_what_they_may_cost() -> None:
    measured = {
        Setting(-2.0, 0.0): _row(0.82, 0.89, 0.95),
        Setting(-1.0, 0.0): _row(0.82, 0.94, 0.85),
        Setting(0.0, 0.0): _row(0.82, 0.96, 0.80),
        Setting(0.0, 1.0): _row(0.80, 0.97, 0.78),
        Setting(1.0, 0.0): _row(0.78, 0.975, 0.75),
        Setting(2.0, 1.0): _row(0.74, 0.98, 0.70),
        Setting(3.0, 1.0): _row(0.60, 0.99, 0.50),
    }
    assert choose(measured) == {
        "balanced": Setting(0.0, 1.0),
        "high_recall": Setting(2.0, 1.0),
        "high_precision": Setting(-1.0, 0.0),
    }


def test_balanced_hides_the_most_where_nothing_hides_enough() -> None:
    measured = {
        Setting(0.0, 0.0): _row(0.80, 0.90, 0.80),
        Setting(0.0, 1.0): _row(0.70, 0.92, 0.78),
    }
    assert choose(measured)["balanced"] == Setting(0.0, 1.0)


def test_leaning_to_recall_makes_leaving_plain_text_cheaper() -> None:
    recall, precision = biases_of(Setting(2.0, 0.0)), biases_of(Setting(-2.0, 0.0))
    assert recall.background_stay < 0 == recall.background_to_start
    assert precision.background_to_start < 0 == precision.background_stay
    assert biases_of(Setting(0.0, 0.0)) == Biases()


def test_holding_makes_going_on_cheaper_and_touches_nothing_else() -> None:
    assert biases_of(Setting(0.0, 1.5)) == Biases(inside_to_continue=1.5)
