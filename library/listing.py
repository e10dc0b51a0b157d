"""Entries as a list shows them: with what their items say, in one query, without long columns.

A list finds the keys of its page first, then what it says of those: over all that is asked for, so
many joins take PostgreSQL longer to plan than to run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import BigIntegerField, Case, CharField, F, Q, TextField, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from documents.models import State
from entries.models import Entry, EntryQuerySet
from inference.models import ScanState
from sharing.models import Withheld
from workspaces.models import Workspace
from workspaces.roles import May

_PASTE, _DOCUMENT = "envelope__paste", "envelope__document"
_STATE = Case(
    When(
        Q((f"{_PASTE}__withheld", Withheld.TAKEN_DOWN))
        | Q((f"{_DOCUMENT}__withheld", Withheld.TAKEN_DOWN)),
        then=Value("down"),
    ),
    When(Q((f"{_DOCUMENT}__state", State.READY)), then=Value("ready")),
    When(Q((f"{_DOCUMENT}__state", State.FAILED)), then=Value("failed")),
    When(Q((f"{_DOCUMENT}__isnull", False)), then=Value("working")),
    When(envelope__scan__state=ScanState.DONE, then=Value("ready")),
    When(envelope__scan__state=ScanState.FAILED, then=Value("failed")),
    default=Value("working"),
    output_field=CharField(),
)


_SAID: dict[str, Any] = {
    "title": Coalesce(
        f"{_PASTE}__redacted_title",
        f"{_DOCUMENT}__redacted_name",
        Value(""),
        output_field=TextField(),
    ),
    "state": _STATE,
    "file_kind": F(f"{_DOCUMENT}__kind"),
    "revision": Coalesce(f"{_PASTE}__revision", f"{_DOCUMENT}__revision", Value(0)),
    "owner": Coalesce(f"{_PASTE}__owner", f"{_DOCUMENT}__owner", output_field=BigIntegerField()),
}


def entries_in(workspace: Workspace, user: User, may: May = May.SEE) -> EntryQuerySet:
    """Return the entries of a workspace whose items have not expired, as a person may have them."""
    entries = Entry.objects.of(user, may).filter(workspace=workspace)
    return entries.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def said_of(entries: EntryQuerySet, names: Collection[str]) -> EntryQuerySet:
    """Return entries with some of what their items say, to filter and order by it.

    names: title, state, file_kind, revision, owner
    """
    return entries.annotate(**{name: _SAID[name] for name in names})


def listed(keys: Sequence[UUID]) -> list[Any]:
    """Return entries with all that their items say, in the order of their keys; one query."""
    found = Entry.objects.filter(pk__in=keys).annotate(**_SAID)
    by_key = {entry.pk: entry for entry in found}
    return [by_key[key] for key in keys if key in by_key]


def trash_ends() -> timedelta:
    """Return how long the trash keeps an item."""
    return timedelta(days=settings.TRASH_DAYS)


def states_of(entries: Iterable[Entry]) -> dict[object, str]:
    """Return how the items of entries stand, by the entries' keys: a word of filters.STATES."""
    found = Entry.objects.filter(pk__in=[entry.pk for entry in entries]).annotate(state=_STATE)
    return dict(found.values_list("pk", "state"))
