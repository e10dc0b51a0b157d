"""Operating points: how much to favour recall or precision, measured on labelled sets."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from inference.engine.compact import CompactModel
from inference.engine.model import Emissions
from inference.engine.operating_points import (
    BALANCED,
    CALIBRATION_FILE,
    HIGH_PRECISION,
    HIGH_RECALL,
    Biases,
)
from inference.engine.viterbi import decode
from inference.evaluation import Report
from inference.training.records import Record, sample

# Above zero it gets easier to leave plain text, below zero harder; in units of log-probability.
_LEANINGS = (-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
_ALLOWED_F1_LOSS = 0.07
_ALLOWED_RECALL_LOSS = 0.04

Measured = dict[float, dict[str, float]]


def calibrate(checkpoint: Path, sets: Mapping[str, list[Record]]) -> dict[str, object]:
    """Write viterbi_calibration.json into a checkpoint and return what was measured.

    balanced:       the leaning with the best sum of exact F1, overlap F1 and, counted twice
                    because a miss is a leak, character recall
    high_recall:    the furthest leaning to recall that costs at most 0.07 of exact F1
    high_precision: the furthest leaning to precision that costs at most 0.04 of character recall
    """
    model = CompactModel.load(checkpoint)
    part = sample(sets, 60)
    emissions = {
        name: model.emit([record.text for record in records]) for name, records in part.items()
    }
    measured = {leaning: _measure(model, part, emissions, leaning) for leaning in _LEANINGS}
    chosen = choose(measured)
    points = {
        name: {"biases": _named(biases_of(leaning)), "leaning": leaning}
        for name, leaning in {"default": chosen[BALANCED], **chosen}.items()
    }
    text = json.dumps({"operating_points": points}, indent=2) + "\n"
    target = checkpoint / CALIBRATION_FILE
    target.with_suffix(".part").write_text(text)
    os.replace(target.with_suffix(".part"), target)
    return {"chosen": chosen, "measured": measured}


def choose(measured: Measured) -> dict[str, float]:
    """Return the leaning of each operating point by the rules that `calibrate` names."""
    balanced = max(measured, key=lambda at: _worth(measured[at]))
    best = measured[balanced]
    recall, precision = balanced, balanced
    for leaning in sorted(at for at in measured if at > balanced):
        if measured[leaning]["exact_f1"] < best["exact_f1"] - _ALLOWED_F1_LOSS:
            break
        recall = leaning
    for leaning in sorted((at for at in measured if at < balanced), reverse=True):
        if measured[leaning]["character_recall"] < (
            best["character_recall"] - _ALLOWED_RECALL_LOSS
        ):
            break
        precision = leaning
    return {BALANCED: balanced, HIGH_RECALL: recall, HIGH_PRECISION: precision}


def _worth(figures: Mapping[str, float]) -> float:
    return figures["exact_f1"] + figures["overlap_f1"] + 2 * figures["character_recall"]


def biases_of(leaning: float) -> Biases:
    """Return the six biases of a leaning: only edges between plain text and spans move."""
    if leaning >= 0:
        return Biases(background_stay=-leaning, end_to_background=-leaning / 3)
    return Biases(background_to_start=leaning, end_to_start=leaning / 3)


def _measure(
    model: CompactModel,
    sets: Mapping[str, list[Record]],
    emissions: Mapping[str, list[Emissions]],
    leaning: float,
) -> dict[str, float]:
    report = Report()
    biases = biases_of(leaning)
    for name, records in sets.items():
        for record, answer in zip(records, emissions[name], strict=True):
            report.add(name, record, decode(record.text, answer, model.scheme, biases))
    return {name: round(value, 4) for name, value in report.macro().items()}


def _named(biases: Biases) -> dict[str, float]:
    return {
        f"transition_bias_{item.name}": round(getattr(biases, item.name), 4) + 0.0
        for item in fields(biases)
    }
