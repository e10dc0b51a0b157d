"""Entries as a list shows them: with what their items say, in one query, without long columns."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

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


def entries_in(workspace: Workspace, user: User, may: May = May.SEE) -> EntryQuerySet:
    """Return the entries of a workspace whose items have not expired, as a person may have them."""
    entries = Entry.objects.of(user, may).filter(workspace=workspace)
    return entries.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def listed(entries: EntryQuerySet) -> EntryQuerySet:
    """Return entries with title, state and the like of their items.

    Tags, and names of people, folders and policies are looked up for the page alone (library.rows):
    so many joins take PostgreSQL longer to plan than to run.
    """
    return entries.annotate(
        title=Coalesce(
            f"{_PASTE}__redacted_title",
            f"{_DOCUMENT}__redacted_name",
            Value(""),
            output_field=TextField(),
        ),
        state=_STATE,
        file_kind=F(f"{_DOCUMENT}__kind"),
        revision=Coalesce(f"{_PASTE}__revision", f"{_DOCUMENT}__revision", Value(0)),
        owner=Coalesce(f"{_PASTE}__owner", f"{_DOCUMENT}__owner", output_field=BigIntegerField()),
    )


def trash_ends() -> timedelta:
    """Return how long the trash keeps an item."""
    return timedelta(days=settings.TRASH_DAYS)


def states_of(entries: Iterable[Entry]) -> dict[object, str]:
    """Return how the items of entries stand, by the entries' keys: a word of filters.STATES."""
    found = Entry.objects.filter(pk__in=[entry.pk for entry in entries]).annotate(state=_STATE)
    return dict(found.values_list("pk", "state"))
