"""Measure the bundled checkpoint and write what the documentation and the tests say about it.

    .venv/bin/python -m benchmarks.detection [DATA.jsonl or folder ...]

Without data: the sample and the clean texts of the repository, into tests/detection/scores.json
and the tables of docs/detection.md that show them. With data: the tables for those sets too,
beside what benchmarks/presidio.json holds of Presidio. Several minutes for a million words.
"""

from __future__ import annotations

import argparse
import datetime
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCORES = ROOT / "tests/detection/scores.json"
PAGE = ROOT / "docs/detection.md"
PRESIDIO = ROOT / "benchmarks/presidio.json"
CLEAN = "tests/detection/clean"
POINT_TEXTS = 100  # of each set, for the table of operating points
POINTS = ("balanced", "high_recall", "high_precision")
ALARMS = "false_alarms_per_1000_words"
Row = dict[str, Any]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument("data", nargs="*", help="labelled files or folders for the large tables")
    parser.add_argument("--checkpoint", default="compact")
    arguments = parser.parse_args()

    def measure(paths: Sequence[str], *options: str) -> Row:
        return evaluate([*paths, "--checkpoint", arguments.checkpoint, *options])

    sample, clean = measure([]), measure([CLEAN])
    SCORES.write_text(json.dumps({"sample": sample, "clean": clean}, indent=1) + "\n")
    presidio = json.loads(PRESIDIO.read_text()) if PRESIDIO.exists() else {}
    tables = {
        "sample": by_set(sample, presidio.get("sample", {})),
        "clean": alarms(clean, "by_set", "set", presidio.get("clean", {})),
        "clean languages": alarms(clean, "by_language", "language", presidio.get("clean", {})),
    }
    tables["measured"] = (
        f"Measured {datetime.date.today():%Y-%m-%d} with {sample['checkpoint']},"
        f" revision `{sample['revision']}`."
    )
    write_tables(tables)
    if arguments.data:
        whole = measure(arguments.data)
        beside = presidio.get("sets", {})
        tables["sets"] = by_set(whole, beside)
        tables["categories"] = beside_presidio(whole, "by_label", "category", beside)
        tables["languages"] = beside_presidio(whole, "by_language", "language", beside)
        write_tables(tables)
        part = [*arguments.data, "--limit", str(POINT_TEXTS)]
        rows = {
            point: (
                measure(part, "--operating-point", point),
                measure([CLEAN], "--operating-point", point),
            )
            for point in POINTS
        }
        rows["balanced, model alone"] = (
            measure(part, "--without-rules"),
            measure([CLEAN], "--without-rules"),
        )
        tables["points"] = operating_points(rows)
        write_tables(tables)


def evaluate(arguments: Sequence[str]) -> Row:
    """Run `manage.py evaluate` and return its JSON."""
    command = [sys.executable, "manage.py", "evaluate", "--format", "json", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: Row = json.loads(done.stdout)
    return found


def by_set(ours: Row, presidio: Row) -> str:
    """Return the measures of each set, and their mean."""
    rows = {**ours["by_set"], f"**mean of {len(ours['by_set'])}**": ours["macro"]}
    theirs = {**presidio.get("by_set", {}), f"**mean of {len(ours['by_set'])}**": None}
    if presidio:
        theirs[f"**mean of {len(ours['by_set'])}**"] = presidio["macro"][""]
    return _compared("set", rows, theirs if presidio else {})


def beside_presidio(ours: Row, part: str, title: str, presidio: Row) -> str:
    """Return the measures of categories or languages that have gold spans."""
    rows = {name: row for name, row in sorted(ours[part].items()) if row["gold"]}
    return _compared(title, rows, presidio.get(part, {}))


def _compared(title: str, rows: Row, presidio: Row) -> str:
    names = ("exact_f1", "overlap_f1", "character_recall", "precision")
    heads = ["exact F1", "overlap F1", "characters", "precision"]
    if presidio:
        heads = [f"{head}: Blackbar | Presidio" for head in heads]
    lines = [f"| {title} | " + " | ".join(heads) + " |"]
    lines.append("|---" * (lines[0].count("|") - 1) + "|")
    for name, row in rows.items():
        cells = [name]
        for measure in names:
            cells.append(f"{row[measure]:.3f}")
            if presidio:
                other = presidio.get(name)
                cells.append(f"{other[measure]:.3f}" if other else "–")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def alarms(ours: Row, part: str, title: str, presidio: Row) -> str:
    """Return false alarms in clean text, with all texts together in the last row."""
    heads = f"| {title} | words | alarms per 1,000 words |" + (" Presidio |" if presidio else "")
    lines = [heads, "|---" * (heads.count("|") - 1) + "|"]
    rows = dict(sorted(ours[part].items()))
    words = sum(row["clean_words"] for row in rows.values())
    rows["**all**"] = {**ours["overall"], "clean_words": words}
    for name, row in rows.items():
        line = f"| {name} | {row['clean_words']:,} | {row[ALARMS]:.1f} |"
        if presidio:
            other = presidio["overall"][""] if name == "**all**" else presidio[part][name]
            line += f" {other[ALARMS]:.1f} |"
        lines.append(line)
    return "\n".join(lines)


def operating_points(rows: dict[str, tuple[Row, Row]]) -> str:
    """Return the means over the sets, and the false alarms in clean text, of each row."""
    lines = [
        "| | exact F1 | overlap F1 | characters | precision | recall | clean text: alarms |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (whole, clean) in rows.items():
        row = whole["macro"]
        names = ("exact_f1", "overlap_f1", "character_recall", "precision", "recall")
        cells = [name, *(f"{row[m]:.3f}" for m in names), f"{clean['overall'][ALARMS]:.1f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write_tables(tables: dict[str, str]) -> None:
    """Put tables between their marks in the page; each must have its marks there."""
    page = PAGE.read_text()
    for name, table in tables.items():
        mark = re.compile(rf"(<!-- table: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = mark.subn(
            lambda found, table=table: f"{found[1]}\n{table}\n\n{found[2]}", page
        )
        if count != 1:
            raise SystemExit(f"docs/detection.md lacks the marks of the table {name}.")
    PAGE.write_text(page)


if __name__ == "__main__":
    main()
