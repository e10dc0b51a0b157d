"""`manage.py evaluate`: what it prints, and what it says about bad data."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference.evaluation import MEASURES

ROOT = Path(__file__).parents[2]
NAME = "Ingrid Halvorsen"
TEXT = f"My name is {NAME}, write to ingrid@halvorsen.example please."
START = TEXT.index(NAME)
GOLD = {"start": START, "end": START + len(NAME), "label": "private_person"}
RECORD: dict[str, Any] = {
    "id": "1",
    "lang": "en",
    "source": "own",
    "text": TEXT,
    "spans": [GOLD],
    "labels": ["private_person"],
    "ignore": [],
}
CLEAN = {**RECORD, "text": "The valve is closed by hand. " * 20, "spans": [], "lang": "de"}


def write(folder: Path, *records: dict[str, Any], name: str = "mine.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def evaluate(*arguments: object) -> dict[str, Any]:
    out = StringIO()
    call_command(
        "evaluate", *map(str, arguments), "--checkpoint", "compact", format="json", stdout=out
    )
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def refusal(*arguments: object) -> str:
    with pytest.raises(CommandError) as caught:
        evaluate(*arguments)
    assert caught.value.returncode == 1
    message = str(caught.value)
    assert message.endswith(".")
    assert "Ingrid" not in message
    assert "Halvorsen" not in message
    return message


def test_json_has_the_measures_by_everything(tmp_path: Path) -> None:
    found = evaluate(write(tmp_path, RECORD, CLEAN))
    assert set(found["overall"]) == set(MEASURES)
    assert found["overall"]["exact_f1"] == 1.0
    assert found["overall"]["character_recall"] == 1.0
    assert found["overall"]["false_alarms_per_1000_words"] == 0.0
    for part, names in {
        "by_label": {"private_person"},
        "by_language": {"en", "de"},
        "by_set": {"mine"},
    }.items():
        assert set(found[part]) == names
        assert all(set(MEASURES) <= set(row) for row in found[part].values())
    assert found["macro"] == found["overall"]
    assert found["checkpoint"].startswith("compact")
    assert len(found["revision"]) == 12
    assert found["operating_point"] == "balanced"


def test_false_alarms_are_told_apart_by_category_and_language(tmp_path: Path) -> None:
    alarm = {**CLEAN, "text": "Mail jane.roe@example.com. " * 2, "labels": ["private_email"]}
    found = evaluate(write(tmp_path, alarm, RECORD))
    words = found["by_label"]["private_email"]["clean_words"]
    assert words == 10
    rate = 1000 * 2 / words
    assert found["by_label"]["private_email"]["false_alarms_per_1000_words"] == rate
    assert found["by_language"]["de"]["false_alarms_per_1000_words"] == rate
    assert found["overall"]["false_alarms_per_1000_words"] == rate


def test_overall_counts_texts_and_macro_counts_sets(tmp_path: Path) -> None:
    wrong = {**GOLD, "start": 0, "end": 2}
    write(tmp_path, RECORD, RECORD, RECORD, name="good.jsonl")
    write(tmp_path, {**RECORD, "spans": [wrong]}, name="bad.jsonl")
    found = evaluate(tmp_path)
    assert found["overall"]["recall"] == 0.75
    assert found["macro"]["recall"] == 0.5
    without = evaluate(tmp_path, "--outside", "bad")
    assert without["overall"]["recall"] == without["macro"]["recall"] == 1.0
    assert "bad" in without["by_set"]


def test_limit_counts_texts_of_each_file(tmp_path: Path) -> None:
    write(tmp_path, RECORD, RECORD, name="a.jsonl")
    write(tmp_path, RECORD, RECORD, RECORD, name="b.jsonl")
    assert evaluate(tmp_path, "--limit", 1)["texts"] == 2


def test_rules_can_be_left_out(tmp_path: Path) -> None:
    text = "x DE89 3704 0044 0532 0130 00 y"
    record = {**RECORD, "text": text, "spans": [], "labels": ["account_number", "secret"]}
    path = write(tmp_path, record, {**record, "text": "key AKIAIOSFODNN7EXAMPLE"})
    with_rules, alone = evaluate(path), evaluate(path, "--without-rules")
    assert with_rules["by_set"]["mine"]["false_alarms_per_1000_words"] > 0
    assert with_rules["by_label"]["secret"]["predicted"] == 1
    assert (with_rules["rules"], alone["rules"]) == (True, False)
    assert alone["by_label"]["secret"]["predicted"] <= with_rules["by_label"]["secret"]["predicted"]


def test_operating_point_is_the_one_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, RECORD)
    assert evaluate(path, "--operating-point", "high_recall")["operating_point"] == "high_recall"


def test_table_has_a_row_for_each_set_category_and_language(tmp_path: Path) -> None:
    out = StringIO()
    call_command("evaluate", str(write(tmp_path, RECORD)), "--checkpoint", "compact", stdout=out)
    for name in ("mine", "private_person", "en", "**all texts together**"):
        assert f"| {name} | 1.000 | 1.000 | 1.000 | 1.000 | 1.000 | – |" in out.getvalue()


def bad(**changes: object) -> str:
    return json.dumps({**RECORD, **changes})


BAD_LINES = {
    "not json": f'{{"text": "{NAME}"',
    "not an object": json.dumps([NAME]),
    "no text": bad(text=None),
    "text is a number": bad(text=5),
    "no spans": bad(spans=None),
    "span is no object": bad(spans=[NAME]),
    "offset past the end": bad(spans=[{**GOLD, "end": len(TEXT) + 1}]),
    "offset below zero": bad(spans=[{**GOLD, "start": -1}]),
    "empty span": bad(spans=[{**GOLD, "end": START}]),
    "offset is a fraction": bad(spans=[{**GOLD, "end": 20.5}]),
    "offset is true": bad(spans=[{**GOLD, "start": True}]),
    "unknown label of a span": bad(spans=[{**GOLD, "label": NAME}]),
    "unknown label": bad(labels=[NAME]),
    "labels are no list": bad(labels="private_person"),
    "zone to ignore outside": bad(ignore=[{"start": 0, "end": 10_000}]),
    "nested too deep": "[" * 100_000,
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_line_is_named_without_its_text(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text(f"{json.dumps(RECORD)}\n\n{BAD_LINES[name]}\n")
    assert refusal(path).startswith("mine.jsonl, line 3: ")


def test_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(b'{"text": "\xff"}\n')
    assert refusal(path).startswith("mine.jsonl, line 1: ")


def test_empty_file_missing_file_and_empty_folder_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    assert refusal(empty).startswith("empty.jsonl, line 1: ")
    assert "no file" in refusal(tmp_path / "nothing.jsonl")
    (tmp_path / "folder").mkdir()
    assert "no .jsonl file" in refusal(tmp_path / "folder")
    assert "limit" in refusal(write(tmp_path, RECORD), "--limit", 0)
    assert "no set" in refusal(write(tmp_path, RECORD), "--outside", "other")


def test_unknown_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        call_command("evaluate", str(write(tmp_path, RECORD)), checkpoint=str(tmp_path / "none"))


def run(path: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as in a shell where no server is set up."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", "evaluate", "--checkpoint", "compact", str(path)]
    return subprocess.run(command, cwd=ROOT, env=keep, capture_output=True, text=True)


def test_command_needs_no_server_and_no_settings(tmp_path: Path) -> None:
    done = run(write(tmp_path, RECORD))
    assert done.returncode == 0, done.stderr
    assert "| mine | 1.000 |" in done.stdout


def test_refusal_is_one_sentence_and_exit_status_1(tmp_path: Path) -> None:
    done = run(tmp_path / "none.jsonl")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("shell", "status"), [(">&-", 1), ("| true", 0), ("<&-", 0)])
def test_a_closed_output_is_no_traceback(tmp_path: Path, shell: str, status: int) -> None:
    path = write(tmp_path, RECORD)
    command = f'"{sys.executable}" "{ROOT}/manage.py" evaluate "{path}" {shell}'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, timeout=120
    )
    assert done.returncode == status
    said = done.stderr.decode()
    assert said.startswith("CommandError: Standard output is closed" if status else "")
    assert said.count("\n") == status
    assert (NAME in said) is False
