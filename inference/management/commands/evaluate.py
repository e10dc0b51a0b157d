"""`manage.py evaluate`: how good the detector is on labelled text, without a server."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.engine.errors import InferenceError
from inference.engine.operating_points import BALANCED, NAMES
from inference.evaluation import MEASURES, Counts, Report, evaluate, table
from inference.output import standard_output
from inference.training.records import DataError, Record, read_records

if TYPE_CHECKING:
    from inference.engine.engine import Engine
    from inference.engine.spans import Span

SAMPLE = Path("tests/detection/sample")
_HELP = """Measure a checkpoint on labelled text: JSON Lines with
{"id", "lang", "source", "text", "spans": [{"start", "end", "label"}], "labels", "ignore"},
offsets in code points. `labels` names the categories that were looked for when the text was
annotated; others count neither way. Spans are compared without white space and punctuation at
their ends. "overall" counts all texts together, so long sets weigh more; "macro" is the mean over
sets, each weighing the same; for one file the two agree. False alarms are the spans flagged in
texts without any gold span. Needs no database."""


class Command(BaseCommand):
    """Measure a checkpoint on labelled text."""

    help = _HELP
    # Neither database nor settings matter here.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the data, the detector and the form of the answer."""
        parser.add_argument(
            "data",
            nargs="*",
            type=Path,
            help=f"files, or folders of .jsonl files, each file a set; without any, {SAMPLE}",
        )
        parser.add_argument("--limit", type=int, help="at most so many texts of each file")
        parser.add_argument("--format", choices=("table", "json"), default="table")
        parser.add_argument(
            "--checkpoint",
            default=settings.CHECKPOINT,
            help='"compact", a folder, or a hub name',
        )
        parser.add_argument("--operating-point", choices=NAMES, default=BALANCED)
        parser.add_argument(
            "--without-rules", action="store_true", help="the model alone: no rules, no repeats"
        )
        parser.add_argument(
            "--outside",
            action="append",
            default=[],
            metavar="SET",
            help="a set to leave out of overall and macro; may be given often",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure and print."""
        # Imported here: it loads the libraries of a model.
        from inference.engine.engine import Engine

        try:
            sets = _read(options["data"] or [settings.BASE_DIR / SAMPLE], options["limit"])
            counted = _counted(sets, options["outside"])
            engine = Engine.load(options["checkpoint"])
            report = _measure(engine, sets, options["operating_point"], options["without_rules"])
        except (DataError, InferenceError) as exc:
            raise CommandError(str(exc)) from exc
        if options["format"] == "json":
            used = {
                "checkpoint": engine.name,
                "revision": engine.revision,
                "operating_point": options["operating_point"],
                "rules": not options["without_rules"],
                "texts": sum(map(len, sets.values())),
            }
            answer = json.dumps(used | _as_json(report, counted), indent=2)
        else:
            answer = _as_tables(report, counted)
        with standard_output():
            self.stdout.write(answer)
            self.stdout.flush()


def _read(paths: Sequence[Path], limit: int | None) -> dict[str, list[Record]]:
    """Return the first `limit` records of each file, by file name without suffix.

    Raises DataError with a sentence that holds nothing of a text.
    """
    if limit is not None and limit < 1:
        raise DataError("The limit must be at least 1.")
    sets: dict[str, list[Record]] = {}
    for file in _files(paths):
        name = file.stem if file.stem not in sets else f"{file.parent.name}/{file.stem}"
        records = list(read_records(file))[:limit]
        if not records:
            raise DataError(f"{file.name}, line 1: there is no record in this file.")
        if name in sets:
            raise DataError(f"Two files are named {name}; give one of them another name.")
        sets[name] = records
    return sets


def _counted(sets: Mapping[str, Sequence[Record]], outside: Sequence[str]) -> list[str]:
    """Return the names of the sets that are not left out; each that is must exist."""
    for name in outside:
        if name not in sets:
            raise DataError(f"There is no set {name} to leave out.")
    return [name for name in sets if name not in outside]


def _files(paths: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.jsonl"))
            if not found:
                raise DataError(f"There is no .jsonl file in {path}.")
            files += found
        elif path.exists():
            files.append(path)
        else:
            raise DataError(f"There is no file {path}.")
    return list(dict.fromkeys(files))


def _measure(
    engine: Engine, sets: Mapping[str, Sequence[Record]], point: str, without_rules: bool
) -> Report:
    measured = replace(engine, uses_rules=not without_rules)

    def detect(texts: Sequence[str]) -> Iterable[Iterable[Span]]:
        return [found.spans for found in measured.detect(texts, point)]

    return evaluate(detect, sets)


def _as_json(report: Report, counted: Sequence[str]) -> dict[str, object]:
    def measures(counts: Counts) -> dict[str, float]:
        return {name: round(getattr(counts, name), 4) for name in MEASURES}

    def rows(named: Mapping[str, Counts]) -> dict[str, object]:
        return {
            name: measures(counts)
            | {
                "gold": counts.gold,
                "predicted": counts.predicted,
                "clean_words": counts.clean_words,
            }
            for name, counts in sorted(named.items())
        }

    macro = {name: round(value, 4) for name, value in report.macro(counted).items()}
    return {
        "overall": measures(report.overall(counted)),
        "macro": macro,
        "by_label": rows(report.by_label),
        "by_language": rows(report.by_language),
        "by_set": rows(report.by_set),
    }


def _as_tables(report: Report, counted: Sequence[str]) -> str:
    together: dict[str, Counts | Mapping[str, float]] = {**report.by_set}
    overall = report.overall(counted)
    if overall.gold and len(counted) > 1:
        together[f"**mean of {len(counted)} sets**"] = report.macro(counted)
    together["**all texts together**"] = overall
    parts = (("set", together), ("category", report.by_label), ("language", report.by_language))
    return "\n\n".join(
        f"By {title}\n\n{table(dict(sorted(rows.items())) if title != 'set' else rows)}"
        for title, rows in parts
    )
