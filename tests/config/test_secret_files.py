"""Secrets from files, and the start refuses those that are none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.secret_files import SecretFileError, with_files

ROOT = Path(__file__).parents[2]
GOOD_KEY = "k1:QkxBQ0tCQVItdGVzdC1rZXktb2YtMzItYnl0ZXMhIT0="


def test_a_file_gives_the_value_without_its_line_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("s3cret\n")
    env = {"BLACKBAR_SECRET_KEY_FILE": str(path), "OTHER_FILE": str(path), "PATH": "/bin"}
    assert with_files(env) == {
        "BLACKBAR_SECRET_KEY": "s3cret",
        "OTHER_FILE": str(path),
        "PATH": "/bin",
    }


def test_the_addresses_of_servers_may_lie_in_files_too(tmp_path: Path) -> None:
    path = tmp_path / "url"
    path.write_text("postgresql://u:p@db/x")
    assert with_files({"DATABASE_URL_FILE": str(path)}) == {"DATABASE_URL": "postgresql://u:p@db/x"}


def test_of_two_values_none_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("one")
    env = {"BLACKBAR_SECRET_KEY": "two", "BLACKBAR_SECRET_KEY_FILE": str(path)}
    with pytest.raises(SecretFileError, match="not both"):
        with_files(env)


def test_a_missing_file_is_named_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SecretFileError, match="BLACKBAR_SECRET_KEY_FILE"):
        with_files({"BLACKBAR_SECRET_KEY_FILE": str(tmp_path / "none")})


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"BLACKBAR_SECRET_KEY": "secret" * 6}, "BLACKBAR_SECRET_KEY is not random"),
        ({"BLACKBAR_SERVICE_KEYS": "k1:" + "A" * 43 + "="}, "a key that is not random"),
        ({"BLACKBAR_METRICS_TOKEN": "letmein"}, "BLACKBAR_METRICS_TOKEN is too short"),
        ({"BLACKBAR_SECRET_KEY": "short"}, "at least 32 characters"),
        ({}, ""),
    ],
)
def test_a_server_behind_tls_does_not_start_with_weak_secrets(
    changed: dict[str, str], sentence: str
) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": "postgresql://nowhere/unused",
        "REDIS_URL": "redis://nowhere:1/0",
        "BLACKBAR_PUBLIC_URL": "https://paste.example.org",
        "BLACKBAR_SECRET_KEY": "vUz3mD0_1kQp8yXcTnB5rJ7hWfLs2GaE9oViZd4K",
        "BLACKBAR_SERVICE_KEYS": GOOD_KEY,
        **changed,
    }
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is (sentence == "")
    assert sentence in done.stderr
    secrets = [env["BLACKBAR_SECRET_KEY"], env["BLACKBAR_SERVICE_KEYS"].partition(":")[2]]
    assert not any(secret in done.stderr for secret in secrets if len(secret) > 8)
