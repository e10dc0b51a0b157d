"""Labelled records: one JSON object a line, spans in code points of the text."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from inference.engine.labels import CATEGORIES

# Characters of a sample over all sets: a minute or two of one core.
_SAMPLE_CHARS = 400_000


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


def read_records(path: Path) -> Iterator[Record]:
    """Yield the records of a JSONL file; raises DataError naming the line that is not valid."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield _record(json.loads(line))
            except (KeyError, TypeError, ValueError) as exc:
                raise DataError(f"{path.name}, line {number}: not a valid record.") from exc


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


def _record(row: dict[str, object]) -> Record:
    text = row["text"]
    spans, ignore, labels = row["spans"], row.get("ignore", []), row["labels"]
    if not (isinstance(text, str) and isinstance(spans, list) and isinstance(ignore, list)):
        raise TypeError
    if not isinstance(labels, list) or not set(labels) <= set(CATEGORIES):
        raise ValueError
    zones = tuple((int(zone["start"]), int(zone["end"])) for zone in ignore)
    found = tuple(sorted((int(s["start"]), int(s["end"]), str(s["label"])) for s in spans))
    if any(not 0 <= start < end <= len(text) for start, end, _ in found):
        raise ValueError
    return Record(
        id=str(row["id"]),
        source=str(row["source"]),
        language=str(row["lang"]),
        text=text,
        spans=found,
        annotated=frozenset(map(str, labels)),
        ignore=zones,
    )
