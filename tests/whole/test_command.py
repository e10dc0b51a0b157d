"""The command `blackbar` as a process, against the whole server."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from tests.interrupts import interruptible
from tests.whole.api_keys import keys
from tests.whole.conftest import ROOT, Server

__all__ = ("keys",)
NAME, MAIL = "Margarethe Lindqvist", "m.lindqvist@posteo.example"
TEXT = f"Customer {NAME} wrote from {MAIL}.\r\nZürich 👍\n"
PYTHON = [sys.executable, "-m", "blackbar"]
Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def environment(server: Server, keys: dict[str, str]) -> dict[str, str]:
    """What a shell would have set."""
    path = str(ROOT / "clients/python/src")
    set_up = {"BLACKBAR_URL": server.url, "BLACKBAR_API_KEY": keys["redact"], "PYTHONPATH": path}
    return {"PATH": os.environ["PATH"], **set_up}


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """A function that runs the command in an empty folder."""

    def run(*arguments: str, text: str | bytes = b"", **more: str) -> object:
        sent = text.encode() if isinstance(text, str) else text
        return subprocess.run(
            [*PYTHON, *arguments],
            input=sent,
            capture_output=True,
            cwd=tmp_path,
            env=environment | more,
            timeout=300,
            check=False,
        )

    return run  # type: ignore[return-value]


def test_a_pipe_goes_there_and_back(run: Run, tmp_path: Path) -> None:
    done = run("redact", "--map", "names.json", text=TEXT)
    assert (done.returncode, done.stderr) == (0, b"")
    redacted = done.stdout.decode()
    assert NAME not in redacted
    assert redacted.endswith(".\r\nZürich 👍\n")
    kept = tmp_path / "names.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    back = run("restore", "--map", "names.json", text=redacted)
    assert (back.returncode, back.stdout.decode()) == (0, TEXT)


def test_a_map_that_lay_open_is_closed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text("{}")
    (tmp_path / "names.json").chmod(0o644)
    run("redact", "--map", "names.json", text=TEXT)
    assert stat.S_IMODE((tmp_path / "names.json").stat().st_mode) == 0o600


def test_a_plain_map_restores_too_and_the_result_is_private(run: Run, tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_text(json.dumps({"[PERSON_1]": NAME, "[DATE_1]": "May"}))
    (tmp_path / "letter.txt").write_text("Dear **[Person 1]**,")
    done = run("restore", "letter.txt", "--map", "plain.json", "-o", "out.txt")
    assert done.returncode == 0
    assert (tmp_path / "out.txt").read_text() == f"Dear **{NAME}**,"
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o600
    told = json.loads(run("restore", "letter.txt", "--map", "plain.json", "--json").stdout)
    assert (told["count"], told["missing"]) == (1, ["[DATE_1]"])


def test_operators_are_chosen(run: Run) -> None:
    done = run("redact", "--operator", "mask", "--operators", "private_email=category", text=TEXT)
    assert "█████" in done.stdout.decode()
    assert b"[EMAIL]" in done.stdout


def test_json_tells_what_was_hidden_and_no_original(run: Run) -> None:
    done = run("redact", "--json", text=TEXT)
    told = json.loads(done.stdout)
    assert told["counts"]["private_email"] == 1
    assert {one["replacement"] for one in told["entities"]} >= {"[PERSON_1]", "[EMAIL_1]"}
    assert NAME.encode() not in done.stdout
    assert MAIL.encode() not in done.stdout


def test_several_files_go_into_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clean").mkdir()
    for name in ("a.txt", "b.md"):
        (tmp_path / name).write_text(f"# {name}\nWrite to {MAIL}.")
    done = run("redact", "a.txt", "b.md", "-o", "clean")
    assert done.returncode == 0, done.stderr
    for name in ("a.txt", "b.md"):
        assert (tmp_path / "clean" / name).read_text() == f"# {name}\nWrite to [EMAIL_1]."


def test_a_pdf_goes_to_a_file_and_is_clean(run: Run, tmp_path: Path) -> None:
    document = pymupdf.open()
    document.new_page().insert_text((72, 96), f"This agreement is made with {NAME}.")
    document.save(tmp_path / "contract.pdf")
    done = run("redact", "contract.pdf", "-o", "clean.pdf", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["certificate"]
    with pymupdf.open(tmp_path / "clean.pdf") as clean:
        assert NAME not in clean[0].get_text()
    piped = run("redact", "-o", "-", text=(tmp_path / "contract.pdf").read_bytes())
    assert piped.stdout.startswith(b"%PDF-")


def test_a_mail_is_no_plain_text_whatever_it_looks_like(run: Run, tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_text("Subject: x\n\nTWFyZ2FyZXRoZQ==")
    done = run("redact", "letter.eml")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"-o" in done.stderr


def test_what_the_server_refuses_is_said_in_one_line(run: Run) -> None:
    done = run("redact", "--mask-length", "1000000", text=TEXT)
    assert (done.returncode, done.stdout) == (1, b"")
    (line,) = done.stderr.splitlines()
    assert b"mask_length" in line


def test_several_files_without_a_folder_follow_each_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "here.txt").write_text(f"{MAIL}\n")
    done = run("redact", "here.txt", "here.txt")
    assert done.stdout == b"[EMAIL_1]\n[EMAIL_1]\n"


def test_a_key_that_is_none_is_said(run: Run) -> None:
    done = run("redact", text=TEXT, BLACKBAR_API_KEY="blackbar_" + "0" * 32)
    assert done.returncode == 1
    assert b"invalid_key" in done.stderr


def test_bytes_that_are_no_text_are_not_taken_for_one(run: Run) -> None:
    done = run("redact", "--as", "text", text=b"\xff\xfe" + TEXT.encode("utf-16-le"))
    assert done.returncode == 2
    assert b"UTF-8" in done.stderr


def _shell(script: str, environment: dict[str, str], folder: Path) -> tuple[int, str, str]:
    ready = script.replace("blackbar", " ".join(PYTHON))
    done = subprocess.run(
        ["bash", "-c", ready],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_reader_that_goes_away_ends_it_quietly(
    environment: dict[str, str], tmp_path: Path
) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*PYTHON, "redact"],
        input=TEXT.encode(),
        stdout=write,
        stderr=subprocess.PIPE,
        env=environment,
        cwd=tmp_path,
        timeout=300,
        check=False,
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("blackbar redact <&-", 2),
        ("echo x | blackbar redact >&-", 2),
        ("echo x | blackbar redact --operator no 2>&-", 2),
        ("echo x | blackbar redact 2>&-", 0),
        ("blackbar redact </dev/null", 0),
    ],
)
def test_closed_streams_are_borne(
    environment: dict[str, str], tmp_path: Path, script: str, status: int
) -> None:
    code, _, errors = _shell(script, environment, tmp_path)
    assert (code, "Traceback" in errors) == (status, False)


def test_an_interrupt_ends_it_as_a_shell_expects(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """The server that it speaks to here takes the request and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(120)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            interruptible([*PYTHON, "redact"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment | {"BLACKBAR_URL": url},
        )
        assert process.stdin is not None
        process.stdin.write(TEXT.encode())
        process.stdin.close()
        process.stdin = None
        connection, _ = silent.accept()
        with connection:
            connection.recv(100)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate(timeout=120)
    assert (process.returncode, out, errors) == (-signal.SIGINT, b"", b"")
