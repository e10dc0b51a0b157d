"""compose.yaml fits the code: the same processes, settings that exist, secrets that are made."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as Compose reads it."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def test_it_runs_the_processes_of_the_procfile(compose: dict[str, Any]) -> None:
    """The web process is the image's own command; beat keeps its file where it may write."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    for name, command in (line.split(": exec python -m ") for line in lines):
        words = shlex.split(command)
        if name == "web":
            image = (ROOT / "deploy" / "Dockerfile").read_text()
            assert f"CMD {words}".replace("'", '"') in image
        elif name == "beat":
            assert compose["services"][name]["command"][:5] == words[:5]
        else:
            assert compose["services"][name]["command"] == words


def test_its_settings_exist(compose: dict[str, Any]) -> None:
    documented = set(re.findall(r"^\| `([A-Z_\d]+)`", _settings(), re.MULTILINE))
    named = {name.removesuffix("_FILE") for name in compose["x-blackbar"]["environment"]}
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    named |= set(re.findall(r"\b(BLACKBAR_[A-Z_]+)=", image))
    assert named <= documented
    assert len(named) > 10


def test_its_secrets_are_made_once_and_are_good(compose: dict[str, Any], tmp_path: Path) -> None:
    command = ["sh", str(ROOT / "deploy" / "make-secrets"), str(tmp_path / "secrets")]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {Path(one["file"]).name for one in compose["secrets"].values()} == set(made)
    assert made["postgres_password"] in made["database_url"]
    assert re.fullmatch(r"k1:[A-Za-z0-9+/]{43}=", made["service_keys"])
    assert len(set(made["secret_key"])) >= 20
    subprocess.run(command, check=True, capture_output=True)
    again = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert again == made


def test_only_who_needs_it_reaches_the_internet(compose: dict[str, Any]) -> None:
    outside = {
        name for name, one in compose["services"].items() if "outside" in one.get("networks", [])
    }
    assert outside == {"proxy", "files"}
    assert compose["networks"]["inside"] == {"internal": True}
    with_ports = {name for name, one in compose["services"].items() if one.get("ports")}
    assert with_ports == {"proxy"}


def _settings() -> str:
    return (ROOT / "docs" / "settings.md").read_text()
