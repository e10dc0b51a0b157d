"""Certificates: by page, by API and by command, one answer."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from documents import certificates
from documents.formats.model import Check, Kind
from vault import signing

ROOT = Path(__file__).resolve().parents[2]
CLEAN = b"Dear <PRIVATE_PERSON>"


@pytest.fixture
def issued() -> dict[str, object]:
    """A certificate of CLEAN."""
    return certificates.issue(
        kind=Kind.TEXT,
        source_sha256="0" * 64,
        clean_sha256=hashlib.sha256(CLEAN).hexdigest(),
        checkpoint="compact 1.1",
        labels=["private_person"],
        checks=[Check("text", 1)],
        removed=["1 attachment was removed."],
    )


def test_a_certificate_survives_being_written_and_read(issued: dict[str, object]) -> None:
    again = certificates.parse(json.dumps(issued, indent=3).encode())
    assert certificates.check(CLEAN, again).is_good


@pytest.mark.parametrize(
    "name",
    ["clean_sha256", "source_sha256", "checks", "counts", "removed", "made_at", "checkpoint"],
)
def test_a_changed_field_is_noticed(issued: dict[str, object], name: str) -> None:
    verdict = certificates.check(CLEAN, {**issued, name: "other"})
    assert not verdict.is_good
    assert "changed after it was signed" in verdict.sentence


def test_an_added_field_is_noticed(issued: dict[str, object]) -> None:
    assert not certificates.check(CLEAN, {**issued, "note": "trust me"}).is_good


def test_another_server_s_signature_does_not_count(
    issued: dict[str, object], settings: pytest.MonkeyPatch
) -> None:
    settings.SECRET_KEY = "another-secret-of-another-server-entirely"  # type: ignore[attr-defined]
    assert not certificates.check(CLEAN, issued).is_good
    forged = {**issued, "public_key": signing.public_key()}
    forged["signature"] = signing.sign(certificates.signed_bytes(forged))
    assert not certificates.check(CLEAN, forged, str(issued["public_key"])).is_good


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b'{"clean_sha256": 1}',
        b"[" * 100_000,
        b'{"a":' + b"9" * 2_000_000,
    ],
)
def test_what_is_no_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(certificates.NotACertificateError):
        certificates.parse(content)


@pytest.mark.parametrize(("file", "code"), [(CLEAN, 0), (CLEAN + b".", 1)])
def test_the_command_says_yes_or_no(
    issued: dict[str, object], tmp_path: Path, file: bytes, code: int
) -> None:
    (tmp_path / "clean.txt").write_bytes(file)
    (tmp_path / "certificate.json").write_text(json.dumps(issued))
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("BLACKBAR", "DATABASE", "REDIS"))
    }
    command = [sys.executable, str(ROOT / "manage.py"), "verify_certificate"]
    files = [str(tmp_path / "clean.txt"), str(tmp_path / "certificate.json")]
    key = ["--public-key", str(issued["public_key"])]
    done = subprocess.run([*command, *files, *key], env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert ("unchanged since" in done.stdout) == (code == 0)
    without = subprocess.run([*command, *files], env=environment, capture_output=True, text=True)
    assert "--public-key" in without.stderr
