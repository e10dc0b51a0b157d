"""How the command ends where no server is needed to say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from blackbar.command import main
from tests.apart import apart

TEXT = "Canary-7731 Ann Lee"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a text, and a server that nobody answers at."""
    (tmp_path / "here.txt").write_text(TEXT)
    (tmp_path / "page.html").write_text(TEXT)
    (tmp_path / "latin.txt").write_bytes(b"\xe9\xe8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BLACKBAR_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("blackbar.runners.time.sleep", lambda seconds: None)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("redact missing.txt", 4),
        ("redact .", 4),
        ("redact here.txt -o here.txt", 2),
        ("redact here.txt here.txt -o .", 2),
        ("redact here.txt page.html -o .", 2),
        ("redact here.txt page.html -o no-such-folder", 2),
        ("redact here.txt page.html --map m", 2),
        ("redact page.html", 2),
        ("redact page.html -o clean.html --map m", 2),
        ("redact latin.txt --as text", 2),
        ("redact here.txt --operators private_email", 2),
        ("redact here.txt --operators private_email=nothing", 2),
        ("redact here.txt --operator nothing", 2),
        ("redact here.txt --url http://blackbar.example", 2),
        ("redact here.txt", 3),
        ("redact page.html -o clean.html", 3),
        ("restore here.txt --map here.txt", 2),
        ("restore here.txt --map missing", 4),
        ("restore here.txt", 2),
        ("mcp --root no-such-folder", 2),
        ("mcp --root . --restore-folder here", 2),
        ("nothing", 2),
        ("", 2),
    ],
)
def test_exit_codes_say_what_went_wrong(
    folder: Path, capfdbinary: pytest.CaptureFixture[bytes], line: str, status: int
) -> None:
    before = sorted(path.name for path in folder.iterdir())
    try:
        ended = apart(main, line.split())
    except SystemExit as exc:  # argparse
        ended = int(str(exc.code))
    out, errors = capfdbinary.readouterr()
    assert ended == status, errors
    assert out == b""
    assert errors.splitlines()[-1].startswith(b"blackbar")
    assert b"Canary" not in errors
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "here.txt").read_text() == TEXT


def test_help_names_the_exit_codes(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert b"Exit status" in capfdbinary.readouterr().out
