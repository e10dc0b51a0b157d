"""Operating points follow from measured figures by the rules that are documented."""

from __future__ import annotations

from inference.training.calibrate import biases_of, choose


def _row(exact: float, characters: float) -> dict[str, float]:
    return {"exact_f1": exact, "overlap_f1": exact, "character_recall": characters}


def test_presets_lean_apart_within_what_they_may_cost() -> None:
    measured = {
        -2.0: _row(0.80, 0.80),
        -1.0: _row(0.80, 0.87),
        0.0: _row(0.80, 0.90),
        1.0: _row(0.77, 0.91),
        2.0: _row(0.74, 0.93),
        3.0: _row(0.60, 0.99),
    }
    assert choose(measured) == {"balanced": 0.0, "high_recall": 2.0, "high_precision": -1.0}


def test_leaning_to_recall_makes_leaving_plain_text_cheaper() -> None:
    recall, precision = biases_of(2.0), biases_of(-2.0)
    assert recall.background_stay < 0 == recall.background_to_start
    assert precision.background_to_start < 0 == precision.background_stay
    assert biases_of(0.0) == type(recall)()
