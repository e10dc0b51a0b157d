"""The bundled checkpoint scores what scores.json says, and that is good enough.

After a new checkpoint: python -m benchmarks.detection writes scores.json anew.
"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from inference.evaluation import MEASURES

HERE = Path(__file__).parent
SCORES = json.loads((HERE / "scores.json").read_text())
TOLERANCE = 0.01
# In a set of a few texts one span moves a figure by more.
TOLERANCE_OF_A_SET = 0.02
SHARES = MEASURES[:-1]
ALARMS = MEASURES[-1]


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, Any]]:
    found = {}
    for name in ("sample", "clean"):
        out = StringIO()
        folder = str(HERE / name)
        call_command("evaluate", folder, checkpoint="compact", format="json", stdout=out)
        found[name] = json.loads(out.getvalue())
    return found


def test_scores_are_those_of_the_bundled_checkpoint(measured: dict[str, dict[str, Any]]) -> None:
    for name, found in measured.items():
        for key in ("checkpoint", "revision", "operating_point", "texts"):
            assert found[key] == SCORES[name][key]


def test_the_sample_scores_what_is_written(measured: dict[str, dict[str, Any]]) -> None:
    found, written = measured["sample"], SCORES["sample"]
    for part in ("overall", "macro"):
        for measure in SHARES:
            assert found[part][measure] == pytest.approx(written[part][measure], abs=TOLERANCE)
    assert found["by_set"].keys() == written["by_set"].keys()
    for name, row in found["by_set"].items():
        for measure in SHARES:
            expected = pytest.approx(written["by_set"][name][measure], abs=TOLERANCE_OF_A_SET)
            assert row[measure] == expected, name


def test_false_alarms_are_as_written_and_under_four(measured: dict[str, dict[str, Any]]) -> None:
    rate = measured["clean"]["overall"][ALARMS]
    assert rate < 4.0
    assert rate == pytest.approx(SCORES["clean"]["overall"][ALARMS], abs=0.3)


def test_the_sample_reaches_what_is_promised(measured: dict[str, dict[str, Any]]) -> None:
    macro = measured["sample"]["macro"]
    assert macro["exact_f1"] >= 0.73
    assert macro["overlap_f1"] >= 0.83
    assert macro["character_recall"] >= 0.94
