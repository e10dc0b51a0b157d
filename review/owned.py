"""What a person decided and said, in their export and at the end of their account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.export import Exported, as_json
from accounts.models import User
from entries.models import Entry
from review.models import Comment, Decision
from review.sealed import open_remark, open_said
from vault.envelope import DataKey, UnsealError
from workspaces.roles import May


def export_review(user: User) -> Iterator[Exported]:
    """Yield a person's decisions and comments, item by item.

    Their words are sealed with the item's key: they come along where the person may still open it.
    """
    decided = Entry.objects.filter(decisions__reviewer=user).values_list("pk", flat=True)
    said = Entry.objects.filter(comments__author=user).values_list("pk", flat=True)
    allowed = set(Entry.objects.of(user, May.OPEN).values_list("pk", flat=True))
    for pk in sorted(set(decided) | set(said)):
        entry = Entry.objects.select_related("envelope").filter(pk=pk).first()
        if entry is not None:  # else it was deleted meanwhile
            yield as_json(f"review/{entry.pid}.json", _of(entry, user, pk in allowed))


def erase_comments_of(user: User) -> None:
    """Delete what a person said about others' items. Their decisions stay, without a name."""
    Comment.objects.filter(author=user).delete()


def _of(entry: Entry, user: User, is_allowed: bool) -> dict[str, Any]:
    key = _key(entry) if is_allowed else None
    return {
        "item": entry.pid,
        "workspace": entry.workspace_id,
        "decisions": [
            {"at": one.at, "decision": one.kind, "label": one.label, **_said(entry, key, one)}
            for one in Decision.objects.filter(entry=entry, reviewer=user).order_by("pk")
        ],
        "comments": [
            {"at": one.at, "resolved_at": one.resolved_at, **_remark(entry, key, one)}
            for one in Comment.objects.filter(entry=entry, author=user).order_by("pk")
        ],
    }


def _key(entry: Entry) -> DataKey | None:
    try:
        return entry.envelope.open_for_service()
    except UnsealError:
        return None


def _said(entry: Entry, key: DataKey | None, decision: Decision) -> dict[str, Any]:
    if key is None:
        return {}
    said = open_said(entry.envelope, key, decision.sealed)
    return {"start": said.start, "end": said.end, "why": said.why}


def _remark(entry: Entry, key: DataKey | None, comment: Comment) -> dict[str, Any]:
    if key is None:
        return {}
    remark = open_remark(entry.envelope, key, comment.sealed)
    return {"start": remark.start, "end": remark.end, "text": remark.text}
