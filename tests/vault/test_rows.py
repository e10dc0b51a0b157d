"""Rows of several tables in one statement."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from pastebin.models import Paste
from vault.models import Envelope
from vault.rows import insert_together

pytestmark = pytest.mark.django_db


def test_rows_are_stored_as_each_alone_would_be_in_one_statement() -> None:
    envelope, key, token = Envelope.new()
    paste = Paste(envelope=envelope, style="placeholder", bars=[[1, 2, "secret", 1]])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        insert_together(envelope, paste)
    assert len(queries) == 1
    stored = Paste.objects.select_related("envelope").get(pk=paste.pk)
    assert stored.bars == [[1, 2, "secret", 1]]
    assert stored.created_at == paste.created_at
    assert stored.envelope.open_with_token(token) == stored.envelope.open_for_service() == key
    stored.save()
    assert not paste._state.adding


def test_all_rows_are_stored_or_none() -> None:
    envelope, _, _ = Envelope.new()
    paste = Paste(envelope=envelope, style="placeholder", pid=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together(envelope, paste)
    assert not Envelope.objects.filter(pk=envelope.pk).exists()
