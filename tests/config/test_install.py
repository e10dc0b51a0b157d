"""What ./run and ./test do before there is an environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import install

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("checkpoint", "expected"),
    [
        ("", False),
        ("compact", False),
        ("openai/privacy-filter", True),
        ("/no/such/folder", False),
    ],
)
def test_only_names_on_the_hub_bring_torch(checkpoint: str, expected: bool) -> None:
    assert install.needs_torch(checkpoint) is expected


def test_a_directory_brings_torch_unless_it_is_compact(tmp_path: Path) -> None:
    assert install.needs_torch(str(tmp_path))
    (tmp_path / "model.int8.onnx").touch()
    assert not install.needs_torch(str(tmp_path))


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("Failed to establish a new connection", "needs a network"),
        ("error: Request failed: dns error", "needs a network"),
        ("The virtual environment was not created: ensurepip is not available", "venv package"),
        ("something else", "exit code 3"),
    ],
)
def test_a_failed_step_is_one_sentence(output: str, expected: str) -> None:
    command = [sys.executable, "-c", f"import sys; print({output!r}); sys.exit(3)"]
    with pytest.raises(install.InstallError, match=expected):
        install.attempt(command)


def test_an_old_python_is_one_sentence(tmp_path: Path) -> None:
    for tool in ("dirname", "basename"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    for name in ("python3", "python"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        [str(ROOT / "run")], env={"PATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Blackbar needs Python 3.11 or newer, and none was found here."
    ]


def test_locks_name_no_source_and_carry_hashes() -> None:
    for name in ("base", "test"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert "://" not in text
        packages = [line for line in text.splitlines() if "==" in line]
        assert packages
        assert all(line.endswith("\\") for line in packages)


def test_base_install_has_no_torch() -> None:
    text = (ROOT / "requirements" / "base.txt").read_text()
    assert not [line for line in text.splitlines() if line.startswith(("torch", "transformers"))]


def test_help_needs_no_environment() -> None:
    command = [sys.executable, "-I", "config/install.py", "run", "--help"]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True)
    assert done.returncode == 0
    assert "--checkpoint" in done.stdout
