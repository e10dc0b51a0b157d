"""Labelled records: one JSON object a line, spans in code points of the text."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inference.engine.labels import CATEGORIES

# Characters of a sample over all sets: a minute or two of one core.
_SAMPLE_CHARS = 400_000
# What every URL has: a dot or slash with no white space after it.
_INNER_MARK = re.compile(r"[./．／。][^\s]")


class DataError(ValueError):
    """Raised when a data file is missing or a record in it is not valid."""


@dataclass(frozen=True, slots=True)
class Record:
    """One labelled text.

    spans:      (start, end, category), half-open code points
    annotated:  the categories this source annotates; others are unknown, not absent
    ignore:     (start, end) zones where nothing is known
    """

    id: str
    source: str
    language: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    annotated: frozenset[str] = frozenset(CATEGORIES)
    ignore: tuple[tuple[int, int], ...] = ()

    def with_text(self, text: str) -> Record:
        """Return the record with a text of the same length, such as its capitals."""
        if len(text) != len(self.text):
            raise ValueError("The new text moves the spans.")
        return replace(self, text=text)


def with_plain_absences(record: Record) -> Record:
    """Return the record with categories counted as annotated that its text cannot hold.

    A text without a digit has no telephone or account number in it, one without @ no e-mail
    address, one without a dot or slash inside a word no URL, whatever its source looked for.
    """
    absent = set()
    if not any(character.isdigit() for character in record.text):
        absent |= {"account_number", "private_phone"}
    if "@" not in record.text and "＠" not in record.text:
        absent.add("private_email")
    if not _INNER_MARK.search(record.text):
        absent.add("private_url")
    return replace(record, annotated=record.annotated | absent)


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a JSONL file, blank lines aside.

    Raises DataError naming the line that is not valid and what is wrong with it, without its text.
    """
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.isspace():
                    try:
                        yield _record(_parsed(line), str(number), path.stem)
                    except _NotValid as exc:
                        raise DataError(f"{path.name}, line {number}: {exc}") from None
    except OSError as exc:
        raise DataError(f"{path.name} cannot be read.") from exc


def read_folder(folder: Path) -> dict[str, list[Record]]:
    """Return the records of all JSONL files in a folder, by file name without suffix.

    Raises DataError if there is none.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise DataError(f"There is no .jsonl file in {folder}.")
    return {path.stem: list(read_records(path)) for path in files}


def sample(sets: Mapping[str, list[Record]], per_set: int) -> dict[str, list[Record]]:
    """Return a fixed part of each set, small enough to score during a run."""
    chosen: dict[str, list[Record]] = {}
    for name, records in sorted(sets.items()):
        rng = random.Random(name)
        budget = _SAMPLE_CHARS // max(len(sets), 1)
        part: list[Record] = []
        for record in rng.sample(records, min(per_set, len(records))):
            budget -= len(record.text)
            if budget < 0 and part:
                break
            part.append(record)
        chosen[name] = part
    return chosen


def write_records(path: Path, records: list[Record]) -> None:
    """Write records as JSONL."""
    with path.open("w", encoding="utf-8") as out:
        for record in records:
            row = {
                "id": record.id,
                "lang": record.language,
                "source": record.source,
                "text": record.text,
                "spans": [
                    {"start": start, "end": end, "label": label}
                    for start, end, label in record.spans
                ],
                "labels": [name for name in CATEGORIES if name in record.annotated],
                "ignore": [{"start": start, "end": end} for start, end in record.ignore],
            }
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


class _NotValid(ValueError):
    """Raised with a sentence about a line, without its text."""


def _parsed(line: bytes) -> dict[str, object]:
    try:
        row = json.loads(line)
    except UnicodeDecodeError:
        raise _NotValid("the line is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise _NotValid("the line is not valid JSON.") from None
    if not isinstance(row, dict):
        raise _NotValid("the line is not a JSON object.")
    return row


def _record(row: Mapping[str, object], number: str, name: str) -> Record:
    text, labels = row.get("text"), row.get("labels", list(CATEGORIES))
    if not isinstance(text, str):
        raise _NotValid("the record has no text.")
    if not isinstance(labels, list) or not all(label in CATEGORIES for label in labels):
        raise _NotValid("labels is not a list of known categories.")
    spans = []
    for span in _objects(row, "spans"):
        if span.get("label") not in CATEGORIES:
            raise _NotValid("a span has an unknown label.")
        spans.append((*_range(span, text), str(span["label"])))
    return Record(
        id=str(row.get("id", number)),
        source=str(row.get("source", name)),
        language=str(row.get("lang", "unknown")),
        text=text,
        spans=tuple(sorted(spans)),
        annotated=frozenset(labels),
        ignore=tuple(_range(zone, text) for zone in _objects(row, "ignore")),
    )


def _objects(row: Mapping[str, object], key: str) -> list[dict[str, object]]:
    listed = row.get(key, [] if key == "ignore" else None)
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _NotValid(f"{key} is not a list of objects.")
    return listed


def _range(item: Mapping[str, object], text: str) -> tuple[int, int]:
    start, end = item.get("start"), item.get("end")
    # True is an int to Python, so the very type is asked for.
    if type(start) is not int or type(end) is not int:
        raise _NotValid("an offset is not a whole number.")
    if not 0 <= start < end <= len(text):
        raise _NotValid("an offset lies outside of the text.")
    return start, end
