"""Corrections by hand: mark what was missed, unmark what is not private, undo and redo.

A correction is kept as a difference (spans removed, spans added), so that undoing it brings back
the very spans that were there, with their scores and reasons. The history is sealed with the
original: it holds offsets and labels of what is private.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any, Literal, get_args

from django.db import transaction

from anonymizer.categories import CATEGORIES, category_of
from anonymizer.text import mentions_of, same_value
from inference.engine.spans import Span
from inference.models import Scan
from inference.queue import seal_spans
from pastebin.models import Paste
from pastebin.services import (
    GoneError,
    Original,
    PasteError,
    lock_paste,
    read_original,
    republish,
)
from vault.envelope import DataKey

MAX_UNDO = 100
MAX_EDITS = 2000
Op = Literal["add", "remove", "relabel", "undo", "redo"]
OPS: frozenset[str] = frozenset(get_args(Op))


class CorrectionError(PasteError):
    """Raised when an edit makes no sense for this text; nothing was changed."""


class ConflictError(PasteError):
    """Raised when the spans were changed elsewhere since the page was loaded."""


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


@transaction.atomic
def correct(
    *, paste: Paste, key: DataKey, revision: int, edits: Sequence[Edit], all_mentions: bool
) -> None:
    """Apply edits as one correction and publish the result.

    all_mentions: each edit goes for every place where the same value stands.
    Raises CorrectionError, ConflictError, GoneError; nothing is changed then.
    """
    locked = lock_paste(paste)
    if locked.redacted_text is None:
        raise GoneError("This paste is not ready yet.")
    if locked.revision != revision:
        raise ConflictError(
            "These marks were changed in another window. This is how they stand now; "
            "your last step was not applied."
        )
    original = read_original(locked, key)
    history = read_history(locked, key)
    spans = _apply(locked, original, edits, history, all_mentions=all_mentions)
    _store(locked, key, original.text, spans, history)


def read_history(paste: Paste, key: DataKey) -> History:
    """Open a paste's correction history. Raises UnsealError."""
    if paste.sealed_history is None:
        return History([], [])
    stored = paste.envelope.unseal_json(key, paste.sealed_history, "history")
    return History(
        [_change_from(entry) for entry in stored["undo"]],
        [_change_from(entry) for entry in stored["redo"]],
    )


def _apply(
    paste: Paste,
    original: Original,
    edits: Sequence[Edit],
    history: History,
    *,
    all_mentions: bool,
) -> list[Span]:
    if not edits or len(edits) > MAX_EDITS:
        raise CorrectionError("There is nothing to change.")
    text, spans = original.text, original.spans
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
    current = paste.cut_at_title(current)
    before, after = set(spans), set(current)
    change = Change(
        tuple(span for span in spans if span not in after),
        tuple(span for span in current if span not in before),
    )
    if change.removed or change.added:
        history.undo = [*history.undo, change][-MAX_UNDO:]
        history.redo = []
    return current


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
    if edit.op in {"add", "relabel"} and edit.label not in CATEGORIES:
        raise CorrectionError("This category is not known.")
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


def _store(paste: Paste, key: DataKey, text: str, spans: Sequence[Span], history: History) -> None:
    envelope = paste.envelope
    Scan.objects.filter(envelope=envelope).update(sealed_spans=seal_spans(envelope, key, spans))
    paste.sealed_history = envelope.seal_json(
        key,
        {
            "undo": [_change_as_json(change) for change in history.undo],
            "redo": [_change_as_json(change) for change in history.redo],
        },
        "history",
    )
    republish(paste, text, spans)


def _change_as_json(change: Change) -> dict[str, Any]:
    return {
        "removed": [asdict(span) for span in change.removed],
        "added": [asdict(span) for span in change.added],
    }


def _change_from(stored: dict[str, Any]) -> Change:
    return Change(_spans_from(stored["removed"]), _spans_from(stored["added"]))


def _spans_from(stored: Iterable[dict[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**span) for span in stored)


def _by_start(span: Span) -> int:
    return span.start
