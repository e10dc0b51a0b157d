"""What remains of a person in a workspace's lists when they leave it."""

from __future__ import annotations

from accounts.models import User
from entries.models import Entry, SavedView


def let_go(wid: str, user: User) -> None:
    """Take a person who leaves a workspace off its review, with their views of its list."""
    Entry.objects.filter(workspace=wid, assignee=user).update(assignee=None)
    SavedView.objects.filter(workspace=wid, user=user).delete()
