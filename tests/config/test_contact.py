"""Whom to tell of a hole: what the owner said, in the form that programs read."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

ADDRESS = "/.well-known/security.txt"
ROOT = Path(__file__).parents[2]


def test_without_a_contact_there_is_no_file(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 404


def test_the_contact_and_an_end_are_named(client: Client, settings: Settings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@posteo.example"
    settings.PUBLIC_URL = "https://paste.example.org"
    answer = client.get(ADDRESS)
    assert answer["Content-Type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@posteo.example"
    assert fields["Canonical"] == f"https://paste.example.org{ADDRESS}"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=90) < left < timedelta(days=365)


@pytest.mark.parametrize("value", ["security@posteo.example", "http://x", "mailto:a\nEvil: 1"])
def test_what_is_no_address_stops_the_start(value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={**os.environ, "BLACKBAR_SECURITY_CONTACT": value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "BLACKBAR_SECURITY_CONTACT must begin with" in done.stderr
