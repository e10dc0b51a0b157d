"""What reviewers do: decide on marks, take a decision back, comment, assign.

Each is one transaction under the item's lock. Two people who decide on different places of an item
both succeed, however late the second one's page is; on the same place the second is told first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from anonymizer.corrections import Change, CorrectionError, Edit, Op
from anonymizer.text import same_value
from audit.models import Action
from audit.record import record, recorded_last
from entries.models import Entry
from inference.engine.spans import Span
from review.account import leave, recount
from review.items import Reviewed, correct, take_back
from review.models import Comment, Decision, Verdict
from review.sealed import Places, Remark, Said, open_said, seal_remark
from sharing.corrections import read_marks
from sharing.services import ConflictError, GoneError, lock
from vault.envelope import DataKey
from workspaces.models import Membership
from workspaces.roles import May, roles_that

WHY_CHARACTERS = 500
COMMENT_CHARACTERS = 4000
NOBODY = "Somebody without an account"
_VERBS = {
    Verdict.ACCEPT: "accepted this",
    Verdict.REJECT: "rejected this",
    Verdict.ADD: "marked this",
    Verdict.RECATEGORISE: "changed the category of this",
}


class DecidedError(ConflictError):
    """Raised when somebody else decided on the place since; the message says who, what and when."""


class CommentError(Exception):
    """Raised for a comment that cannot be kept; the message is a sentence for the user."""


class AssignError(Exception):
    """Raised when somebody cannot review an item; the message is a sentence for the user."""


@transaction.atomic
def decide(
    *,
    item: Reviewed,
    key: DataKey,
    user: User,
    verdict: Verdict,
    start: int,
    end: int,
    label: str = "",
    why: str = "",
    all_mentions: bool = False,
    seen: int = 0,
) -> None:
    """Decide on a place of an item, as its marks stand now.

    label:        of what is added or recategorised
    all_mentions: for all marks of the same value, but for those that somebody else decided on
    seen:         the last decision that the person's page knew of
    Raises DecidedError, CorrectionError, GoneError; nothing is changed then.
    """
    locked = lock(item)
    entry = _entry_of(locked)
    _refuse_unseen(entry, key, user, start, end, seen)
    text, spans = read_marks(locked, key)
    why = why.strip()[:WHY_CHARACTERS]
    mark = next((span for span in spans if (span.start, span.end) == (start, end)), None)
    if verdict is Verdict.ADD or mark is None:
        _add(locked, key, user, verdict, Edit("add", start, end, label), why, all_mentions)
        return
    chosen = [mark]
    if all_mentions:
        chosen = _mentions(entry, key, user, text, spans, mark)
    if verdict is Verdict.ACCEPT:
        judged = [(verdict, s.label, s.label, Said(s.start, s.end, why)) for s in chosen]
        leave(entry, key, judged, by=user, revision=locked.revision)
        recount(locked, key, spans)
        return
    op: Op = "remove" if verdict is Verdict.REJECT else "relabel"
    edits = [Edit(op, span.start, span.end, label) for span in chosen]
    correct(locked, key, edits, by=user, why=why)


@transaction.atomic
def undo(*, item: Reviewed, key: DataKey, user: User) -> Decision:
    """Take back what a person decided last on an item; returns one of the decisions.

    Raises CorrectionError if there is nothing, DecidedError or ConflictError if the place was
    decided on again since.
    """
    locked = lock(item)
    entry = _entry_of(locked)
    last = entry.decisions.standing().filter(reviewer=user).last()
    if last is None:
        raise CorrectionError("You have decided nothing here that could be taken back.")
    batch = list(entry.decisions.standing().filter(batch=last.batch))
    _refuse_decided_since(entry, user, batch)
    said = [open_said(entry.envelope, key, decision.sealed) for decision in batch]
    if any(one.box for one in said):
        raise CorrectionError("This was drawn on the canvas: take it back there.")
    removed = tuple(span for one in said for span in one.removed)
    added = tuple(span for one in said for span in one.added)
    if removed or added:
        take_back(locked, key, Change(removed, added), by=user)
    ids = [decision.pk for decision in batch]
    entry.decisions.filter(pk__in=ids, undone_at=None).update(
        undone_at=timezone.now(), undone_by=user
    )
    # The row that was locked here is not the one that a correction loaded for itself.
    fresh = lock(item)
    recount(fresh, key, read_marks(fresh, key)[1])
    return last


@transaction.atomic
def comment(
    *, item: Reviewed, key: DataKey, author: User, text: str, start: int = 0, end: int = 0
) -> Comment:
    """Say something about a place of an item, or with no place about all of it.

    Raises CommentError, GoneError.
    """
    locked = lock(item)
    entry, plain = _entry_of(locked), text.strip()
    if not plain:
        raise CommentError("There is no text yet.")
    if len(plain) > COMMENT_CHARACTERS:
        raise CommentError(f"A comment has up to {COMMENT_CHARACTERS:,} characters.")
    if not 0 <= start <= end <= len(read_marks(locked, key)[0]):
        raise CommentError("This place is not in the text.")
    sealed = seal_remark(entry.envelope, key, Remark(start, end, plain))
    return Comment.objects.create(entry=entry, sealed=sealed, author=author)


def resolve(*, entry: Entry, number: int, user: User, is_resolved: bool = True) -> bool:
    """Mark a comment as dealt with, or open it again; False if there is no such comment."""
    changed = entry.comments.filter(pk=number).update(
        resolved_at=timezone.now() if is_resolved else None,
        resolved_by=user if is_resolved else None,
    )
    return bool(changed)


@transaction.atomic
def assign(*, workspace: str, pks: Collection[UUID], to: User | None, by: User) -> None:
    """Say who is to review items of a workspace, None for nobody; each change is recorded.

    pks: of the items' entries
    Raises AssignError unless it is somebody who may open the workspace's originals.
    """
    if to is not None and not reviewers_of(workspace).filter(user=to).exists():
        raise AssignError("Choose a member who may open originals.")
    wanted = to.pk if to is not None else None
    entries = Entry.objects.filter(workspace=workspace, pk__in=pks).order_by("pk")
    others = [one for one in entries.select_for_update(of=("self",)) if one.assignee_id != wanted]
    Entry.objects.filter(pk__in=[entry.pk for entry in others]).update(assignee=to)
    with recorded_last():
        for entry in others:
            record(
                Action.ITEM_ASSIGNED,
                workspace=workspace,
                actor=by,
                kind=entry.kind,
                thing=entry.pid,
                detail={"to": wanted},
            )


def reviewers_of(wid: str) -> models.QuerySet[Membership]:
    """Return the members of a workspace that may decide, by name."""
    members = Membership.objects.filter(workspace=wid, role__in=roles_that(May.OPEN))
    return members.select_related("user").order_by("user__username")


def reviewer_named(wid: str, username: str) -> User | None:
    """Return who reviews in a workspace under a name, None for no name. Raises AssignError."""
    if not username:
        return None
    held = reviewers_of(wid).filter(user__username=username).first()
    if held is None:
        raise AssignError("Nobody of this name reviews here.")
    return held.user


def sentence_of(decision: Decision) -> str:
    """Return who decided what, and when: "Rita rejected this a moment ago."."""
    return f"{name_of(decision.reviewer)} {_VERBS[Verdict(decision.kind)]} {_ago(decision.at)}."


def name_of(person: User | None) -> str:
    """Return a person's name, for those without an account as well."""
    return str(person) if person is not None else NOBODY


def _entry_of(item: Reviewed) -> Entry:
    if item.entry is None:
        raise GoneError("This is gone.")
    return item.entry


def _add(
    locked: Reviewed,
    key: DataKey,
    user: User,
    verdict: Verdict,
    edit: Edit,
    why: str,
    all_mentions: bool,
) -> None:
    """Hide a place that has no mark of its own: a new one, or one that was rejected."""
    entry, label = _entry_of(locked), edit.label
    if verdict is not Verdict.ADD:
        place = Places(key).of(edit.start, edit.end)
        last = entry.decisions.standing().filter(place=place).last()
        if verdict is Verdict.REJECT or last is None or last.kind != Verdict.REJECT:
            raise CorrectionError("This mark is not there any more.")
        label = label or last.former
    edits = [Edit("add", edit.start, edit.end, label)]
    correct(locked, key, edits, by=user, why=why, all_mentions=all_mentions)


def _mentions(
    entry: Entry, key: DataKey, user: User, text: str, spans: Sequence[Span], mark: Span
) -> list[Span]:
    """Return the marks of one value, without those that other people decided on."""
    places = Places(key)
    others = entry.decisions.standing().exclude(reviewer=user).values_list("place", flat=True)
    theirs = {bytes(place) for place in others}
    value = same_value(text[mark.start : mark.end])
    return [
        span
        for span in spans
        if span == mark
        or (
            span.label == mark.label
            and same_value(text[span.start : span.end]) == value
            and places.of(span.start, span.end) not in theirs
        )
    ]


def _refuse_unseen(entry: Entry, key: DataKey, user: User, start: int, end: int, seen: int) -> None:
    """Tell a person what others decided about this place since. Raises DecidedError."""
    news = entry.decisions.standing().filter(pk__gt=seen).exclude(reviewer=user)
    for decision in news.select_related("reviewer").reverse():
        if open_said(entry.envelope, key, decision.sealed).touches(start, end):
            raise DecidedError(f"{sentence_of(decision)} Decide again if you see it otherwise.")


def _refuse_decided_since(entry: Entry, user: User, batch: Sequence[Decision]) -> None:
    later = entry.decisions.standing().filter(
        pk__gt=max(decision.pk for decision in batch),
        place__in=[decision.place for decision in batch],
    )
    decision = later.exclude(reviewer=user).select_related("reviewer").last()
    if decision is not None:
        raise DecidedError(f"{sentence_of(decision)} Your decision before it stays as it is.")


def _ago(at: datetime) -> str:
    passed = timezone.now() - at
    if passed < timedelta(minutes=2):
        return "a moment ago"
    if passed < timedelta(hours=1):
        return f"{passed.seconds // 60} minutes ago"
    return f"on {at:%-d %B, %H:%M} UTC"
