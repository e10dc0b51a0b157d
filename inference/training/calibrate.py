"""Operating points: how much to favour recall or precision, measured on labelled sets."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
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

# Leaning: above zero it gets easier to leave plain text, below zero harder. Holding: how much
# easier it gets to go on with a span than to end it. Both in units of log-probability.
_LEANINGS = (-3.0, -2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0)
_HOLDINGS = (0.0, 0.5, 1.0, 2.0)
_WANTED_RECALL = 0.965
_ALLOWED_F1_LOSS = 0.07
_ALLOWED_RECALL_LOSS = 0.04


@dataclass(frozen=True, slots=True)
class Setting:
    """The two numbers of an operating point."""

    leaning: float
    holding: float


Measured = dict[Setting, dict[str, float]]


def calibrate(checkpoint: Path, sets: Mapping[str, list[Record]]) -> dict[str, object]:
    """Write viterbi_calibration.json into a checkpoint and return what was measured.

    balanced:       the setting with the best sum of exact and overlap F1 among those that hide
                    96.5% of the sample's private characters (about 95% of all dev sets)
    high_recall:    the setting with the best character recall that costs at most 0.07 of exact F1
    high_precision: the setting with the best precision that costs at most 0.04 of character recall
    """
    model = CompactModel.load(checkpoint)
    part = sample(sets, 60)
    emissions = {
        name: list(model.emit([record.text for record in records]))
        for name, records in part.items()
    }
    measured = {
        setting: _measure(model, part, emissions, setting)
        for setting in itertools.starmap(Setting, itertools.product(_LEANINGS, _HOLDINGS))
    }
    chosen = choose(measured)
    points = {
        name: {"biases": _named(biases_of(setting)), **asdict(setting)}
        for name, setting in {"default": chosen[BALANCED], **chosen}.items()
    }
    text = json.dumps({"operating_points": points}, indent=2) + "\n"
    target = checkpoint / CALIBRATION_FILE
    target.with_suffix(".part").write_text(text)
    os.replace(target.with_suffix(".part"), target)
    return {
        "chosen": {name: asdict(setting) for name, setting in chosen.items()},
        "measured": [asdict(setting) | figures for setting, figures in measured.items()],
    }


def choose(measured: Measured) -> dict[str, Setting]:
    """Return the setting of each operating point by the rules that `calibrate` names."""
    most = max(figures["character_recall"] for figures in measured.values())
    hiding = [
        at
        for at, figures in measured.items()
        if figures["character_recall"] >= min(_WANTED_RECALL, most)
    ]
    balanced = max(hiding, key=lambda at: _worth(measured[at]))
    best = measured[balanced]
    cheap = [
        at
        for at, figures in measured.items()
        if figures["exact_f1"] >= best["exact_f1"] - _ALLOWED_F1_LOSS
    ]
    safe = [
        at
        for at, figures in measured.items()
        if figures["character_recall"] >= best["character_recall"] - _ALLOWED_RECALL_LOSS
    ]
    return {
        BALANCED: balanced,
        HIGH_RECALL: max(cheap, key=lambda at: measured[at]["character_recall"]),
        HIGH_PRECISION: max(safe, key=lambda at: measured[at]["precision"]),
    }


def _worth(figures: Mapping[str, float]) -> float:
    return figures["exact_f1"] + figures["overlap_f1"]


def biases_of(setting: Setting) -> Biases:
    """Return the six biases of a setting."""
    easier, harder = max(setting.leaning, 0.0), min(setting.leaning, 0.0)
    return Biases(
        background_stay=-easier,
        end_to_background=-easier / 3,
        background_to_start=harder,
        end_to_start=harder / 3,
        inside_to_continue=setting.holding,
    )


def _measure(
    model: CompactModel,
    sets: Mapping[str, list[Record]],
    emissions: Mapping[str, list[Emissions]],
    setting: Setting,
) -> dict[str, float]:
    report = Report()
    biases = biases_of(setting)
    for name, records in sets.items():
        for record, answer in zip(records, emissions[name], strict=True):
            report.add(name, record, decode(record.text, answer, model.scheme, biases))
    return {name: round(value, 4) for name, value in report.macro().items()}


def _named(biases: Biases) -> dict[str, float]:
    return {
        f"transition_bias_{item.name}": round(getattr(biases, item.name), 4) + 0.0
        for item in fields(biases)
    }
