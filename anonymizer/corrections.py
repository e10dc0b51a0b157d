"""Corrections by hand: mark what was missed, unmark what is not private, undo and redo.

A correction is kept as a difference (spans removed, spans added), so that undoing it brings back
the very spans that were there, with their scores and reasons. The history is sealed with the
original: it holds offsets and labels of what is private.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Literal, cast, get_args

from anonymizer.categories import CATEGORIES, category_of
from anonymizer.text import mentions_of, same_value
from inference.engine.spans import Span

MAX_UNDO = 100
MAX_EDITS = 2000
Op = Literal["add", "remove", "relabel", "undo", "redo"]
OPS: frozenset[str] = frozenset(get_args(Op))


Cut = Callable[[Sequence[Span]], list[Span]]


class CorrectionError(Exception):
    """Raised when an edit makes no sense for this text; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, as the reading page sends it. Offsets are code points of the original."""

    op: Op
    start: int = 0
    end: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What one correction did to the spans."""

    removed: tuple[Span, ...]
    added: tuple[Span, ...]

    def inverted(self) -> Change:
        """Return the change that takes this one back."""
        return Change(self.added, self.removed)


@dataclass(slots=True)
class History:
    """Changes that can be undone and redone, the latest last."""

    undo: list[Change]
    redo: list[Change]


def parse_edits(body: bytes) -> tuple[int, list[Edit], bool]:
    """Read what a reading page sends: the revision it shows, its edits, whether for all mentions.

    Raises CorrectionError.
    """
    try:
        data = json.loads(body)
        edits = [
            Edit(
                cast(Op, str(edit["op"])),
                int(edit.get("start", 0)),
                int(edit.get("end", 0)),
                str(edit.get("label", "")),
            )
            for edit in data["edits"]
        ]
        revision, all_mentions = int(data["revision"]), bool(data.get("all_mentions", False))
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as exc:
        raise CorrectionError("The server did not understand this change.") from exc
    if not all(edit.op in OPS for edit in edits):
        raise CorrectionError("The server did not understand this change.")
    return revision, edits, all_mentions


def apply_edits(
    text: str,
    spans: Sequence[Span],
    edits: Sequence[Edit],
    history: History,
    *,
    all_mentions: bool,
    cut: Cut,
    labels: Collection[str] = (),
) -> list[Span]:
    """Return the spans after a correction, and note it in the history.

    all_mentions: each edit goes for every place where the same value stands
    cut:          cuts spans that run over a seam of the text
    labels:       of the categories that the text's policy knows beside the usual ones
    Raises CorrectionError; the history is unchanged then.
    """
    if not edits or len(edits) > MAX_EDITS:
        raise CorrectionError("There is nothing to change.")
    _check_labels(edits, labels)
    current = list(spans)
    if edits[0].op in {"undo", "redo"}:
        return _step(current, history, undo=edits[0].op == "undo")
    for (op, label), group in groupby(edits, key=lambda edit: (edit.op, edit.label)):
        places = {
            place
            for edit in group
            for place in _places(text, current, edit, all_mentions=all_mentions)
        }
        if op == "add":
            current = _with_marks(current, places, label)
        else:
            current = _without_or_relabelled(current, places, label if op == "relabel" else None)
    current = cut(current)
    before, after = set(spans), set(current)
    change = Change(
        tuple(span for span in spans if span not in after),
        tuple(span for span in current if span not in before),
    )
    if change.removed or change.added:
        history.undo = [*history.undo, change][-MAX_UNDO:]
        history.redo = []
    return current


def _check_labels(edits: Iterable[Edit], labels: Collection[str]) -> None:
    for edit in edits:
        names_one = edit.op in {"add", "relabel"}
        if names_one and edit.label not in CATEGORIES and edit.label not in labels:
            raise CorrectionError("This category is not known.")


def _step(spans: list[Span], history: History, *, undo: bool) -> list[Span]:
    source, target = (history.undo, history.redo) if undo else (history.redo, history.undo)
    if not source:
        raise CorrectionError("There is nothing to undo." if undo else "There is nothing to redo.")
    change = source.pop()
    target.append(change)
    if undo:
        change = change.inverted()
    removed = set(change.removed)
    return sorted(
        [span for span in spans if span not in removed] + list(change.added), key=_by_start
    )


def _places(
    text: str, spans: Sequence[Span], edit: Edit, *, all_mentions: bool
) -> list[tuple[int, int]]:
    """Return the (start, end) for which an edit goes. Raises CorrectionError."""
    if not 0 <= edit.start < edit.end <= len(text):
        raise CorrectionError("The marked place is not in this text.")
    if edit.op == "add":
        start, end = _trimmed(text, edit.start, edit.end)
        mentions = mentions_of(text, text[start:end]) if all_mentions else []
        return [(start, end), *mentions]
    chosen = [span for span in spans if (span.start, span.end) == (edit.start, edit.end)]
    if not chosen:
        raise CorrectionError("This mark is not there any more.")
    if not all_mentions:
        return [(edit.start, edit.end)]
    folded = same_value(text[edit.start : edit.end])
    return [
        (span.start, span.end)
        for span in spans
        if span.label == chosen[0].label and same_value(text[span.start : span.end]) == folded
    ]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a range without white space at its ends. Raises CorrectionError if none is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start == end:
        raise CorrectionError("Only white space was marked.")
    return start, end


def _with_marks(spans: Sequence[Span], places: set[tuple[int, int]], label: str) -> list[Span]:
    """Add marks in one pass; what a mark touches becomes part of it, so that no tail shows."""
    marks = [
        Span(start, end, label, detector="person", reason="Marked by hand.")
        for start, end in places
    ]
    joined: list[Span] = []
    for span in sorted([*spans, *marks], key=_by_start):
        if not joined or span.start >= joined[-1].end:
            joined.append(span)
            continue
        # Spans are disjoint, so one of the two is a mark.
        mark = span if span.detector == "person" and span.label == label else joined[-1]
        end = max(joined[-1].end, span.end)
        joined[-1] = replace(mark, start=joined[-1].start, end=end)
    return joined


def _without_or_relabelled(
    spans: Sequence[Span], places: set[tuple[int, int]], label: str | None
) -> list[Span]:
    """Return the spans without those at the places, or with them under another label."""
    if label is None:
        return [span for span in spans if (span.start, span.end) not in places]
    reason = f"Changed to {category_of(label).name.lower()} by hand."
    return [
        replace(span, label=label, subtype="", detector="person", score=1.0, reason=reason)
        if (span.start, span.end) in places
        else span
        for span in spans
    ]


def history_as_json(history: History) -> dict[str, Any]:
    """Return a history as it is sealed."""
    return {
        "undo": [_change_as_json(change) for change in history.undo],
        "redo": [_change_as_json(change) for change in history.redo],
    }


def history_from(stored: dict[str, Any]) -> History:
    """Return a history as it was sealed."""
    return History(
        [_change_from(entry) for entry in stored["undo"]],
        [_change_from(entry) for entry in stored["redo"]],
    )


def _change_as_json(change: Change) -> dict[str, Any]:
    return {
        "removed": [span.as_json() for span in change.removed],
        "added": [span.as_json() for span in change.added],
    }


def _change_from(stored: dict[str, Any]) -> Change:
    return Change(_spans_from(stored["removed"]), _spans_from(stored["added"]))


def _spans_from(stored: Iterable[dict[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in stored)


def _by_start(span: Span) -> int:
    return span.start
