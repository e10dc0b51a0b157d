"""`manage.py redact` as a shell runs it: no server, no settings, no database."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inference.engine.engine import Engine

ROOT = Path(__file__).parents[2]
# What finds the programs; no setting of a server.
BARE = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
# Line ends of both kinds, characters of one to four bytes, NUL, no line end at the end.
LETTER = (
    "Dear Ms Jane Doe,\r\nwrite to jane.doe@posteo.example 👩‍👩‍👧 or é\u0301 日本.\n"
    "\x00 The number is +49 30 901820.\r\nNo end"
)
PRIVATE = ("Jane", "Doe", "jane.doe@posteo.example", "901820")


def redact(
    *arguments: str | Path, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the command with nothing in its environment but what is given."""
    return subprocess.run(
        [sys.executable, ROOT / "manage.py", "redact", *arguments],
        input=stdin,
        capture_output=True,
        env={**BARE, **environment},
        cwd="/",
        timeout=120,
    )


def _failed(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the sentence of a command that ended with an error and wrote nothing."""
    assert (done.returncode, done.stdout) == (1, b"")
    said = done.stderr.decode()
    assert re.fullmatch(r"CommandError: [^\n]+\.\n", said)
    assert not any(value in said for value in PRIVATE)
    return said


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    """What --format json says of the letter, in a locale that knows only ASCII."""
    done = redact("--format", "json", "-", stdin=LETTER.encode(), LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_json_has_the_keys_of_opf(answer: dict[str, Any]) -> None:
    keys = ["schema_version", "summary", "text", "detected_spans", "redacted_text"]
    assert list(answer) == keys
    summary = ["output_mode", "span_count", "by_label", "decoded_mismatch"]
    assert list(answer["summary"]) == summary
    assert answer["detected_spans"]
    for span in answer["detected_spans"]:
        assert list(span) == ["label", "start", "end", "text", "placeholder"]


def test_json_agrees_with_itself_and_with_the_text(answer: dict[str, Any]) -> None:
    spans, text = answer["detected_spans"], answer["text"]
    assert text == LETTER
    assert answer["schema_version"] == 1
    assert answer["summary"]["output_mode"] == "typed"
    assert answer["summary"]["decoded_mismatch"] is False
    assert answer["summary"]["span_count"] == len(spans)
    labels = [span["label"] for span in spans]
    assert answer["summary"]["by_label"] == {label: labels.count(label) for label in set(labels)}
    hidden = text
    for span in reversed(spans):
        assert text[span["start"] : span["end"]] == span["text"]
        assert span["placeholder"] == f"<{span['label'].upper()}>"
        hidden = hidden[: span["start"]] + span["placeholder"] + hidden[span["end"] :]
    assert answer["redacted_text"] == hidden


def test_json_names_what_the_engine_finds(answer: dict[str, Any]) -> None:
    (detection,) = Engine.load("compact").detect([LETTER])
    found = [(span["label"], span["start"], span["end"]) for span in answer["detected_spans"]]
    assert found == [(span.label, span.start, span.end) for span in detection.spans]
    assert {"private_person", "private_email", "private_phone"} <= {label for label, *_ in found}


def test_text_is_written_as_it_is_but_for_what_is_private(
    answer: dict[str, Any], tmp_path: Path
) -> None:
    letter = tmp_path / "Brief é.txt"
    letter.write_bytes(LETTER.encode())
    done = redact(letter, LC_ALL="C")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == answer["redacted_text"]
    assert done.stdout.endswith(b"\r\nNo end")
    assert not any(value.encode() in done.stdout for value in PRIVATE)


def test_redacted_mode_tells_no_kinds(answer: dict[str, Any]) -> None:
    done = redact("--format", "json", "--output-mode", "redacted", stdin=LETTER.encode())
    read = json.loads(done.stdout)
    count = len(answer["detected_spans"])
    assert read["summary"]["by_label"] == {"redacted": count}
    assert {span["placeholder"] for span in read["detected_spans"]} == {"<REDACTED>"}
    assert {span["label"] for span in read["detected_spans"]} == {"redacted"}
    assert read["redacted_text"] == re.sub(
        "<PRIVATE_[A-Z]+>", "<REDACTED>", answer["redacted_text"]
    )


def test_argmax_without_rules_is_each_token_s_best_label() -> None:
    options = ("--decode-mode", "argmax", "--without-rules", "--format", "json")
    done = redact(*options, stdin=LETTER.encode())
    found = json.loads(done.stdout)["detected_spans"]
    engine = Engine(Engine.load("compact").model, uses_rules=False, decodes="argmax")
    (detection,) = engine.detect([LETTER])
    assert [(s["start"], s["end"]) for s in found] == [(s.start, s.end) for s in detection.spans]


def test_a_file_is_written_whole_and_no_half_is_left(tmp_path: Path) -> None:
    letter, out = tmp_path / "letter.txt", tmp_path / "out.txt"
    letter.write_bytes(LETTER.encode())
    out.write_text("older")
    done = redact("-f", letter, "-o", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert "<PRIVATE_EMAIL>" in out.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letter.txt", "out.txt"]


def test_what_was_there_stays_if_the_text_cannot_be_read(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("older")
    said = _failed(redact("-o", out, stdin=LETTER.encode() + b"\xff Jane"))
    assert "UTF-8" in said
    assert out.read_text() == "older"
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def test_what_was_there_stays_if_the_answer_cannot_be_written(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    out.write_text("older")
    (tmp_path / ".out.txt.part").mkdir()  # where the half is written
    assert "written" in _failed(redact("-o", out, stdin=LETTER.encode()))
    assert out.read_text() == "older"


@pytest.mark.parametrize("name", ["no/such/folder/out.txt", "."])
def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path, name: str) -> None:
    assert "written" in _failed(redact("-o", tmp_path / name, stdin=LETTER.encode()))
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_behind_the_pipe_is_one_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", "redact"],
            input=LETTER.encode(),
            stdout=full,
            stderr=subprocess.PIPE,
            env=BARE,
        )
    assert done.returncode == 1
    assert (
        done.stderr.decode()
        == "CommandError: The output cannot be written: No space left on device.\n"
    )


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, name: str) -> None:
    assert "read" in _failed(redact(tmp_path / name))


def test_a_checkpoint_that_is_none_is_one_sentence() -> None:
    assert "checkpoint" in _failed(redact("--checkpoint", "no such", stdin=LETTER.encode()))


@pytest.mark.parametrize("text", ["", " \r\n\t\u3000\n", "\x00", "\ufeff"])
def test_nothing_to_see_comes_back_as_it_is(text: str) -> None:
    done = redact(stdin=text.encode())
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, text, b"")


def test_empty_json_is_whole() -> None:
    read = json.loads(redact("--format", "json").stdout)
    assert (read["text"], read["detected_spans"], read["redacted_text"]) == ("", [], "")
    assert read["summary"]["by_label"] == {}


def test_a_reader_that_has_enough_is_no_error() -> None:
    """As in `manage.py redact | head -c1`."""
    process = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "redact", "--without-rules"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=BARE,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    process.stdin.write(b"No private word.\n" * 5)
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait(120) == 0


@pytest.mark.parametrize(
    ("closing", "said"),
    [("<&-", "Standard input is closed."), (">&-", "Standard output is closed")],
)
def test_what_the_shell_closed_is_said_in_a_sentence(closing: str, said: str) -> None:
    command = f'"{sys.executable}" "{ROOT}/manage.py" redact --without-rules {closing}'
    done = subprocess.run(
        ["sh", "-c", command], input=b"x", capture_output=True, env=BARE, cwd="/", timeout=120
    )
    assert _failed(done).startswith(f"CommandError: {said}")
