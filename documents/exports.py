"""A document's text and spans as files for other programs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from anonymizer.text import Style
from documents.models import Document
from documents.services import Original, redaction_of
from inference.engine.spans import Span


def redacted_text(document: Document) -> str:
    """Return the text of the file as shared, without its name."""
    return (document.redacted_text or "")[document.redacted_text_start :]


def spans_as_json(document: Document, original: Original) -> str:
    """Return the text and its spans as JSON, for who may see the original.

    Offsets are code points of `text`, the file's text.
    """
    start = document.text_start
    listed = [_row(span, original, start) for span in _spans_of_text(original, start)]
    body = {"name": original.name, "text": original.text[start:], "spans": listed}
    return json.dumps(body, ensure_ascii=False, indent=1)


def spans_as_csv(document: Document, original: Original) -> str:
    """Return the spans as CSV, for who may see the original; cells never start a formula."""
    start, out = document.text_start, io.StringIO()
    columns = ["start", "end", "label", "subtype", "text", "score", "detector", "reason"]
    writer = csv.DictWriter(out, columns, lineterminator="\r\n")
    writer.writeheader()
    for span in _spans_of_text(original, start):
        row = _row(span, original, start)
        writer.writerow({**row, "text": _plain_cell(row["text"])})
    return out.getvalue()


def numbered(document: Document, original: Original) -> tuple[str, dict[str, str]]:
    """Return the text with numbered placeholders, and the map from each to what it hides.

    A value that stands there in several spellings is mapped to the first of them.
    """
    redaction = redaction_of(document, original, Style.NUMBERED)
    values: dict[str, str] = {}
    for span, bar in zip(original.spans, redaction.bars, strict=True):
        placeholder = redaction.text[bar.start : bar.end]
        values.setdefault(placeholder, original.text[span.start : span.end])
    in_name = [i for i, span in enumerate(original.spans) if span.start < document.text_start]
    shift = sum(
        (redaction.bars[i].end - redaction.bars[i].start)
        - (original.spans[i].end - original.spans[i].start)
        for i in in_name
    )
    return redaction.text[document.text_start + shift :], values


def _spans_of_text(original: Original, start: int) -> list[Span]:
    return [span for span in original.spans if span.start >= start]


def _row(span: Span, original: Original, start: int) -> dict[str, Any]:
    return {
        "start": span.start - start,
        "end": span.end - start,
        "label": span.label,
        "subtype": span.subtype or "",
        "text": original.text[span.start : span.end],
        "score": round(span.score, 4),
        "detector": span.detector,
        "reason": span.reason,
    }


def _plain_cell(value: str) -> str:
    # A spreadsheet takes such a cell for a formula.
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
