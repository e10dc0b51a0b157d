"""How good a detector is on labelled text: found spans against gold spans.

Spans are compared after trimming white space and punctuation at both ends. Only categories
that a source annotates count, and predictions that touch a zone to ignore count neither way
unless they meet a gold span.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

from inference.engine.spans import Span
from inference.training.records import Record

# A word of prose; where a script has no spaces, two characters stand for one word.
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]{1,2}"
    r"|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+"
)


@dataclass(slots=True)
class Counts:
    """What was counted over some texts; all figures derive from these.

    gold, predicted:   number of spans
    exact:             predicted spans with the start, end and label of a gold span
    gold_met:          gold spans that share a character with a prediction of their label
    predicted_met:     predicted spans that share a character with a gold span of their label
    gold_chars, hidden_chars: characters of gold spans, and those under any prediction
    clean_words, false_alarms: words of texts with nothing private in them, and spans flagged there
    """

    gold: int = 0
    predicted: int = 0
    exact: int = 0
    gold_met: int = 0
    predicted_met: int = 0
    gold_chars: int = 0
    hidden_chars: int = 0
    clean_words: int = 0
    false_alarms: int = 0

    def add(self, other: Counts) -> None:
        """Add the counts of other texts."""
        for item in fields(self):
            setattr(self, item.name, getattr(self, item.name) + getattr(other, item.name))

    @property
    def precision(self) -> float:
        """Share of predicted spans that are exactly right; 0 if there are none."""
        return _share(self.exact, self.predicted)

    @property
    def recall(self) -> float:
        """Share of gold spans that were found exactly; 0 if there are none."""
        return _share(self.exact, self.gold)

    @property
    def exact_f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _f1(self.precision, self.recall)

    @property
    def overlap_precision(self) -> float:
        """Share of predicted spans that meet a gold span of their label."""
        return _share(self.predicted_met, self.predicted)

    @property
    def overlap_recall(self) -> float:
        """Share of gold spans that meet a prediction of their label."""
        return _share(self.gold_met, self.gold)

    @property
    def overlap_f1(self) -> float:
        """Harmonic mean of the two above."""
        return _f1(self.overlap_precision, self.overlap_recall)

    @property
    def character_recall(self) -> float:
        """Share of gold characters that some prediction hides, whatever its label."""
        return _share(self.hidden_chars, self.gold_chars)

    @property
    def false_alarms_per_1000_words(self) -> float:
        """Flagged spans per 1,000 words of text with nothing private in it."""
        return 1000 * _share(self.false_alarms, self.clean_words)


@dataclass(slots=True)
class Report:
    """Counts by set, by set and label, by label and by language."""

    by_set: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_label: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    by_language: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    def overall(self, names: Iterable[str] | None = None) -> Counts:
        """Return the counts of sets (those named, or all) as one: long sets weigh more."""
        total = Counts()
        for name in self.by_set if names is None else names:
            total.add(self.by_set[name])
        return total

    def add(self, name: str, record: Record, predicted: Iterable[Span]) -> None:
        """Count one record of the set `name`."""
        counts, by_label = compare(record, predicted)
        self.by_set[name].add(counts)
        self.by_language[record.language].add(counts)
        for label, part in by_label.items():
            self.by_label[label].add(part)

    def macro(self, names: Iterable[str] | None = None) -> dict[str, float]:
        """Return the measures averaged over sets (those named, or all), each weighing the same.

        False alarms are averaged over the sets that have text without private spans.
        """
        sets = [self.by_set[name] for name in (self.by_set if names is None else names)]
        scored = [counts for counts in sets if counts.gold]
        clean = [counts for counts in sets if counts.clean_words]
        means = {
            name: _share(sum(getattr(counts, name) for counts in scored), len(scored))
            for name in MEASURES
            if name != "false_alarms_per_1000_words"
        }
        alarms = sum(counts.false_alarms_per_1000_words for counts in clean)
        return means | {"false_alarms_per_1000_words": _share(alarms, len(clean))}


MEASURES = (
    "exact_f1",
    "overlap_f1",
    "character_recall",
    "precision",
    "recall",
    "false_alarms_per_1000_words",
)


def evaluate(
    detect: Callable[[Sequence[str]], Iterable[Iterable[Span]]],
    sets: Mapping[str, Sequence[Record]],
    batch_size: int = 16,
) -> Report:
    """Return the counts of a detector on labelled sets.

    detect: gives the spans of each of up to `batch_size` texts
    """
    report = Report()
    for name, records in sets.items():
        for first in range(0, len(records), batch_size):
            batch = records[first : first + batch_size]
            answers = detect([record.text for record in batch])
            for record, spans in zip(batch, answers, strict=True):
                report.add(name, record, spans)
    return report


def compare(record: Record, predicted: Iterable[Span]) -> tuple[Counts, dict[str, Counts]]:
    """Return the counts of one text, in all and by label."""
    text = record.text
    gold = _trimmed(text, (span for span in record.spans if span[2] in record.annotated))
    found = _trimmed(text, ((span.start, span.end, span.label) for span in predicted))
    hidden = bytearray(len(text))
    for start, end, _ in found:
        hidden[start:end] = b"\1" * (end - start)
    scored = [
        span
        for span in found
        if span[2] in record.annotated and (_meets(span, gold) or not _meets(span, record.ignore))
    ]
    words = 0 if gold else len(_WORD.findall(text))
    total = Counts()
    by_label: dict[str, Counts] = {}
    for label in record.annotated:
        wanted = [span for span in gold if span[2] == label]
        given = [span for span in scored if span[2] == label]
        counts = Counts(
            gold=len(wanted),
            predicted=len(given),
            exact=len(set(wanted) & set(given)),
            gold_met=sum(_meets(span, given) for span in wanted),
            predicted_met=sum(_meets(span, wanted) for span in given),
            gold_chars=sum(end - start for start, end, _ in wanted),
            hidden_chars=sum(sum(hidden[start:end]) for start, end, _ in wanted),
            false_alarms=0 if gold else len(given),
        )
        total.add(counts)
        counts.clean_words = words
        by_label[label] = counts
    total.clean_words = words
    return total, by_label


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without white space and punctuation at its ends."""
    while start < end and _is_outer(text[start]):
        start += 1
    while end > start and _is_outer(text[end - 1]):
        end -= 1
    return start, end


def table(rows: Mapping[str, Counts | Mapping[str, float]]) -> str:
    """Return measures as a Markdown table, one row a name; a dash where nothing was counted."""
    lines = [
        "| | exact F1 | overlap F1 | characters | precision | recall | alarms / 1,000 words |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        cells = [_cell(row, measure) for measure in MEASURES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(row: Counts | Mapping[str, float], measure: str) -> str:
    is_alarm = measure == "false_alarms_per_1000_words"
    if isinstance(row, Counts):
        if not (row.clean_words if is_alarm else row.gold):
            return "–"
        value = getattr(row, measure)
    else:
        value = row[measure]
    return f"{value:.1f}" if is_alarm else f"{value:.3f}"


def _is_outer(character: str) -> bool:
    return character.isspace() or unicodedata.category(character).startswith("P")


def _trimmed(text: str, spans: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    cut = [(*trim(text, start, end), label) for start, end, label in spans]
    return sorted({span for span in cut if span[0] < span[1]})


def _meets(
    span: tuple[int, int, str],
    others: Sequence[tuple[int, int, str]] | Sequence[tuple[int, int]],
) -> bool:
    return any(span[0] < other[1] and other[0] < span[1] for other in others)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return _share(2 * precision * recall, precision + recall)
