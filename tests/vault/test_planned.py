"""Queries composed once read what Django reads, for whatever is asked."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.keys import _KEY, create_key
from accounts.models import RequestLimits, Scope, User
from anonymizer.rules import Rules
from api.gradio.tasks import _SCAN
from audit.models import Chain
from audit.record import _HEAD
from documents import work
from documents.models import Document
from documents.services import create_document
from inference.models import Scan as ScanRow
from pastebin.models import Paste
from pastebin.services import _SCANNED, create_paste
from policies.services import _DEFAULT, create_policy, default_version
from sharing.access import _found
from sharing.models import Shared
from tests.pastebin.world import Make, Scan, committed, detector, make, scan
from vault.planned import Planned
from webhooks.models import Webhook
from webhooks.services import _LISTENING
from workspaces.models import Workspace
from workspaces.services import _PERSONAL, personal_of

__all__ = ("detector", "make", "scan")
pytestmark = committed


def _held(row: Model | None, above: tuple[int, ...] = ()) -> Any:
    """Return all that a row knows without asking: fields, and related rows as far as loaded."""
    if row is None or id(row) in above:
        return None if row is None else above.index(id(row))
    fields = {name: value for name, value in vars(row).items() if name != "_state"}
    related = {name: _held(one, (*above, id(row))) for name, one in row._state.fields_cache.items()}
    return type(row), row._state.adding, row._state.db, fields, related


def _same(planned: Planned[Any], **values: Any) -> Any:
    """Return what a planned query finds, which is what Django finds, in one statement."""
    expected = [_held(one) for one in planned._compose(**values)]
    planned.all(**values)
    with CaptureQueriesContext(connection) as asked:
        found = planned.all(**values)
    assert len(asked) == 1
    assert [_held(one) for one in found] == expected
    return found


@pytest.mark.parametrize("has_owner", [True, False])
def test_items_are_read_as_django_reads_them(has_owner: bool, scan: Scan) -> None:
    owner = User.objects.create_user("ann") if has_owner else None
    paste = create_paste(text="Nothing to hide here.", title="A note", owner=owner).paste
    document = create_document(content=b"Nothing to hide.\n", name="a.txt", owner=owner).document
    kinds: list[tuple[Any, Shared]] = [(Paste, paste), (Document, document)]
    for _ in ("before its scan", "after it"):
        for kind, item in kinds:
            (found,) = _same(_found(kind), pid=item.pid, now=timezone.now())
            with CaptureQueriesContext(connection) as asked:
                assert (found.entry is not None) == has_owner
                assert found.entry is None or found.entry.workspace.person_id == found.owner_id
                assert found.scan is None or found.scan.envelope is found.envelope
            assert not asked
            assert _same(_found(kind), pid="unknown", now=timezone.now()) == []
            _same(_found(kind), pid=item.pid, now=timezone.now())
        work.run_pending()
        scan()
        work.run_pending()
    assert ScanRow.objects.filter(state="done").count() == 2


def test_what_else_is_asked_all_the_time(make: Make) -> None:
    owner = User.objects.create_user("ann")
    workspace = personal_of(owner)
    assert _same(_PERSONAL, person=owner.pk)[0] == workspace
    Webhook.objects.create(owner=owner, url="https://a.example/", events=["paste.ready"])
    assert _same(_LISTENING, owner=owner.pk)[0].events == ["paste.ready"]
    assert _same(_DEFAULT, workspace=workspace.pk) == []
    assert default_version(workspace) is None
    first = create_policy(
        workspace=workspace, name="House", rules=Rules(), actor=owner, is_default=True
    )
    assert _same(_DEFAULT, workspace=workspace.pk) == [first]
    paste = make(owner=owner)
    assert _same(_SCANNED, envelope=paste.row.envelope_id)[0].pid == paste.row.pid
    key = create_key(owner=owner, name="a", scopes=[Scope.READ]).key
    now = timezone.now()
    (found,) = _same(_KEY, digest=bytes(key.digest), now=now)
    assert (found.scopes, found.owner, hasattr(found, "request_limits")) == (["read"], owner, False)
    RequestLimits.objects.create(key=key, per_minute=3)
    assert _same(_KEY, digest=bytes(key.digest), now=now)[0].request_limits.per_minute == 3
    assert _same(_KEY, digest=b"unknown", now=now) == []
    scan = paste.row.scan
    assert _same(_SCAN, scan=scan.pk, paste=paste.pid)[0] == scan
    assert _same(_SCAN, scan=scan.pk, paste="another") == []
    with transaction.atomic():
        assert _same(_HEAD, workspace=workspace.pk)[0] == Chain.objects.get()


def test_a_query_is_composed_once() -> None:
    composed = []

    def compose(person: object) -> QuerySet[Workspace]:
        composed.append(person)
        return Workspace.objects.filter(person=person)

    planned = Planned(compose)
    for name in ("ann", "bob"):
        user = User.objects.create_user(name)
        assert planned.first(person=user.pk) is None
        assert planned.first(person=user.pk) is None
        assert personal_of(user) == planned.first(person=user.pk)
    assert len(composed) == 1
