"""Entries come with their items, tell how they stand, and go with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from audit.models import Action
from audit.record import record
from entries import search
from entries.models import Entry, Kind
from inference.engine.spans import Span
from policies.models import PolicyVersion
from policies.services import rules_of
from vault.models import Envelope
from vault.rows import write_together
from workspaces.models import Workspace

# Marks made by people, and those that repeat what was decided, are certain.
GUESSED = frozenset({"model", "rule", "repeat"})


def new_entry(
    *,
    envelope: Envelope,
    pid: str,
    kind: Kind,
    workspace: Workspace,
    version: PolicyVersion | None,
    expires_at: datetime | None,
) -> Entry:
    """Return what takes a new item into a workspace; the caller stores it with the item."""
    entry = Entry(
        envelope=envelope,
        pid=pid,
        kind=kind,
        workspace=workspace,
        policy_version=version,
        expires_at=expires_at,
        needs_approval=version is not None and version.needs_approval,
        needs_two=version is not None and version.needs_two,
        shows_unreviewed=version is not None and rules_of(version).shows_unreviewed,
    )
    envelope.entry = entry
    return entry


def note_entered(entry: Entry, creator: User) -> None:
    """Record that a new item was taken in, in the transaction that stores it."""
    workspace = entry.workspace_id
    record(
        Action.ITEM_CREATED, workspace=workspace, actor=creator, kind=entry.kind, thing=entry.pid
    )


def note_published(
    entry: Entry | None, *, text: str, spans: Sequence[Span], labels: Iterable[str]
) -> None:
    """Write what lists, the review and the search know of an item's marks.

    Called in every transaction that publishes marks; None is an item that belongs to nobody.
    text:   redacted, title included, as anybody may see it
    labels: one for each hidden place
    """
    if entry is None:
        return
    guesses = [span.score for span in spans if span.detector in GUESSED]
    is_first = entry.ready_at is None
    entry.counts = dict(Counter(labels))
    entry.lowest_score = min(guesses, default=None)
    entry.undecided = len(guesses)
    entry.ready_at = entry.ready_at or timezone.now()
    write_together(changed=[(entry, ("counts", "lowest_score", "undecided", "ready_at"))])
    search.index(entry, text, is_first=is_first)


def follow(entry: Entry, version: PolicyVersion | None) -> None:
    """Let an entry stand under another version of a policy, or under none."""
    entry.policy_version = version
    entry.needs_approval = version is not None and version.needs_approval
    entry.needs_two = version is not None and version.needs_two
    entry.shows_unreviewed = version is not None and rules_of(version).shows_unreviewed
    entry.save(update_fields=["policy_version", "needs_approval", "needs_two", "shows_unreviewed"])


def note_decided(
    entry: Entry, spans: Iterable[Span], is_decided: Callable[[Span], bool], *, by_people: bool
) -> bool:
    """Write which marks still wait for a person; called whenever marks or decisions changed.

    by_people: whether anybody has decided anything on it
    Returns whether pages say something else now: that it was reviewed, or no longer.
    """
    waiting = [s.score for s in spans if s.detector in GUESSED and not is_decided(s)]
    was_reviewed = entry.reviewed_at is not None
    entry.lowest_score, entry.undecided = min(waiting, default=None), len(waiting)
    if waiting or not by_people:
        entry.reviewed_at = None
    elif not was_reviewed:
        entry.reviewed_at = timezone.now()
    entry.save(update_fields=["lowest_score", "undecided", "reviewed_at"])
    return was_reviewed is not (entry.reviewed_at is not None)
