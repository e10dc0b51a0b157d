import json
from pathlib import Path

import pytest

from inference.engine.errors import OperatingPointError
from inference.engine.operating_points import NAMES, Biases, presets, read_calibration, select

KEYS = (
    "background_stay",
    "background_to_start",
    "inside_to_continue",
    "inside_to_end",
    "end_to_background",
    "end_to_start",
)


def write(path: Path, points: dict[str, float]) -> Path:
    listed = {
        name: {"biases": {f"transition_bias_{key}": value for key in KEYS}}
        for name, value in points.items()
    }
    path.write_text(json.dumps({"operating_points": listed}))
    return path


def test_default_of_the_file_is_balanced(tmp_path: Path) -> None:
    points = read_calibration(write(tmp_path / "c.json", {"default": 0.5}))
    assert points["balanced"] == Biases(*[0.5] * 6)
    assert set(points) == set(NAMES)


def test_presets_of_the_file_win_over_derived_ones(tmp_path: Path) -> None:
    points = read_calibration(write(tmp_path / "c.json", {"default": 0, "high_recall": -3}))
    assert points["high_recall"] == Biases(*[-3.0] * 6)


def test_missing_file_gives_the_presets(tmp_path: Path) -> None:
    assert read_calibration(tmp_path / "none.json") == presets()


@pytest.mark.parametrize("content", ["{", "[]", '{"operating_points": {"default": {}}}', "null"])
def test_damaged_file_raises(tmp_path: Path, content: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(content)
    with pytest.raises(OperatingPointError):
        read_calibration(path)


def test_bias_that_is_not_finite_raises(tmp_path: Path) -> None:
    with pytest.raises(OperatingPointError):
        read_calibration(write(tmp_path / "c.json", {"default": float("nan")}))


def test_unknown_operating_point_raises() -> None:
    with pytest.raises(OperatingPointError, match="balanced"):
        select(presets(), "reckless")
