"""Marks as reviewers see them: the most doubtful first, with what was decided on each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from anonymizer.categories import CATEGORIES, Category, category_of
from anonymizer.reading import Marked, OriginalSpan, original_spans
from anonymizer.storable import storable
from anonymizer.text import Redaction
from entries.models import Entry
from entries.services import GUESSED
from inference.engine.spans import Span
from review.items import Reviewed
from review.models import Comment, Decision, Verdict
from review.sealed import Places, Remark, Said, open_remark, open_said
from review.services import name_of
from sharing.corrections import read_marks
from sharing.policies import own_labels, redaction_of
from vault.envelope import DataKey

MOST_LISTED = 1_000
MOST_IN_HISTORY = 100
_WORDS = 160
_STATES = {
    Verdict.ACCEPT: "accepted",
    Verdict.REJECT: "rejected",
    Verdict.ADD: "added",
    Verdict.RECATEGORISE: "changed",
}


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """An item opened for review."""

    item: Reviewed
    entry: Entry
    key: DataKey
    text: str
    spans: tuple[Span, ...]
    redaction: Redaction
    decided: tuple[Told, ...]

    @property
    def seen(self) -> int:
        """The last decision that a page made of this knows of."""
        return max((told.decision.pk for told in self.decided), default=0)


@dataclass(frozen=True, slots=True, repr=False)
class Told:
    """A decision with what it says."""

    decision: Decision
    said: Said

    @property
    def reviewer(self) -> str:
        """Who decided."""
        return name_of(self.decision.reviewer)

    @property
    def state(self) -> str:
        """What it made of the place."""
        return _STATES[Verdict(self.decision.kind)]

    @property
    def label(self) -> Category:
        """The category it is about: the one after it, or the former one."""
        return category_of(self.decision.label or self.decision.former)

    @property
    def former(self) -> Category:
        """The category before it."""
        return category_of(self.decision.former)


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the list.

    state: "undecided", "accepted", "rejected", "added" or "changed"
    """

    start: int
    end: int
    category: Category
    words: str
    score_text: str
    found_by: str
    reason: str
    subtype: str
    mentions: int
    redacted: str
    is_unsure: bool
    state: str
    reviewer: str
    at: datetime | None
    why: str
    comments: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. words: what stands at its place, "" for a part of a picture"""

    told: Told
    words: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A comment with what it says. words: of the place that it is about"""

    comment: Comment
    remark: Remark
    author: str
    words: str


def open_for_review(item: Reviewed, key: DataKey) -> Opened:
    """Open an item's text, marks and decisions. Raises UnsealError, GoneError."""
    entry: Any = item.entry
    text, spans = read_marks(item, key)
    standing = entry.decisions.select_related("reviewer", "undone_by").order_by("pk")
    decided = tuple(Told(row, open_said(item.envelope, key, row.sealed)) for row in standing)
    return Opened(item, entry, key, text, tuple(spans), redaction_of(item, text, spans), decided)


def original_marks(opened: Opened) -> list[OriginalSpan]:
    """Return the marks of the whole text as reading pages show them."""
    model_name = opened.item.scan.checkpoint.partition("@")[0] + " model"
    bars, redacted = opened.redaction.bars, opened.redaction.text
    marked = original_spans(opened.text, opened.spans, bars, redacted, model_name)
    return [span for _, _, span in marked if isinstance(span, OriginalSpan)]


def marked_text(opened: Opened, marks: Sequence[Mark]) -> list[Marked]:
    """Return the marked places for the text, what was rejected among them. marks: all of them"""
    states = {(mark.start, mark.end): mark.state for mark in marks}
    shown = [
        replace(span, state=states.get((span.start, span.end), ""))
        for span in original_marks(opened)
    ]
    shown += [_shown(mark) for mark in marks if mark.state == "rejected"]
    return sorted(((span.start, span.end, span) for span in shown), key=lambda one: one[0])


def listed(opened: Opened, comments: Sequence[Talk]) -> list[Mark]:
    """Return the marks to decide on: guesses by their score, then what people marked."""
    places = Places(opened.key)
    latest = {
        bytes(told.decision.place): told
        for told in opened.decided
        if told.decision.undone_at is None
    }
    talked = Counter((one.remark.start, one.remark.end) for one in comments)
    made = [
        _mark(opened, span, latest.get(places.of(span.start, span.end)), talked)
        for span in original_marks(opened)
    ]
    made += [
        _rejected(opened, told, talked)
        for told in latest.values()
        if told.decision.kind == Verdict.REJECT
        and told.said.box is None
        and not any(told.said.touches(span.start, span.end) for span in opened.spans)
    ]
    return sorted(made, key=lambda mark: (not mark.score_text, mark.score_text, mark.start))


def history(opened: Opened) -> list[Line]:
    """Return what was decided, the latest first."""
    latest = opened.decided[: -MOST_IN_HISTORY - 1 : -1]
    return [Line(told, _words(opened, told.said.start, told.said.end)) for told in latest]


def comments_on(opened: Opened) -> list[Talk]:
    """Return what was said, by place and time; what is dealt with comes last."""
    rows = opened.entry.comments.select_related("author", "resolved_by").order_by("pk")
    said = [(row, open_remark(opened.entry.envelope, opened.key, row.sealed)) for row in rows]
    said.sort(key=lambda pair: pair[0].resolved_at is not None)
    return [
        Talk(row, remark, name_of(row.author), _words(opened, remark.start, remark.end))
        for row, remark in said
    ]


def categories_for(item: Reviewed) -> list[Category]:
    """Return the categories to choose from; those of the workspace's own have no digit."""
    own = [category_of(label) for label in sorted(own_labels(item))]
    return [*CATEGORIES.values(), *(replace(category, key="") for category in own)]


def _mark(
    opened: Opened, span: OriginalSpan, told: Told | None, talked: Counter[tuple[int, int]]
) -> Mark:
    # Found again after somebody rejected it, under other rules: that is decided anew.
    if told is not None and told.decision.kind == Verdict.REJECT:
        told = None
    state = "undecided" if span.detector in GUESSED else "added"
    return Mark(
        start=span.start,
        end=span.end,
        category=category_of(span.label),
        words=_words(opened, span.start, span.end),
        score_text=span.score_text,
        found_by=span.detector_text,
        reason=span.reason,
        subtype=span.subtype,
        mentions=span.mentions,
        redacted=span.redacted,
        is_unsure=span.is_unsure,
        state=told.state if told else state,
        reviewer=told.reviewer if told else "",
        at=told.decision.at if told else None,
        why=told.said.why if told else "",
        comments=talked[span.start, span.end],
    )


def _rejected(opened: Opened, told: Told, talked: Counter[tuple[int, int]]) -> Mark:
    start, end = told.said.start, told.said.end
    was = told.said.removed[0] if told.said.removed else Span(start, end, told.decision.former)
    is_guess = was.detector in {"model", "rule"}
    return Mark(
        start=start,
        end=end,
        category=told.former,
        words=_words(opened, start, end),
        score_text=f"{was.score:.2f}" if is_guess else "",
        found_by="",
        reason=was.reason,
        subtype="",
        mentions=1,
        redacted="shown as it is",
        is_unsure=False,
        state="rejected",
        reviewer=told.reviewer,
        at=told.decision.at,
        why=told.said.why,
        comments=talked[start, end],
    )


def _shown(mark: Mark) -> OriginalSpan:
    return OriginalSpan(
        id=-1,
        start=mark.start,
        end=mark.end,
        label=mark.category.label,
        name=mark.category.name,
        tag=mark.category.tag,
        score=None,
        score_text="",
        detector="person",
        detector_text="",
        reason="",
        subtype="",
        value=mark.start,
        mentions=1,
        redacted="",
        state="rejected",
    )


def _words(opened: Opened, start: int, end: int) -> str:
    """Return what stands at a place, in one line and not too long."""
    words = " ".join(storable(opened.text[start : min(end, start + _WORDS)]).split())
    return words + ("…" if end - start > _WORDS else "")
