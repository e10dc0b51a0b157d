"""Rows of several tables in one statement."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from django.db import IntegrityError, NotSupportedError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Line
from pastebin.models import Paste
from tests.pastebin.world import committed
from vault.models import Envelope
from vault.rows import prepared_cursor, write_together

pytestmark = pytest.mark.django_db


def test_rows_are_stored_as_each_alone_would_be_in_one_statement() -> None:
    envelope, key, token = Envelope.new()
    paste = Paste(envelope=envelope, style="placeholder", bars=[[1, 2, "secret", 1]])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        write_together(envelope, paste)
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
        write_together(envelope, paste)
    assert not Envelope.objects.filter(pk=envelope.pk).exists()


def test_new_rows_and_changes_of_others_go_together() -> None:
    kept, other = Envelope.create()[0], Envelope.new()[0]
    paste = Paste(envelope=other, style="placeholder")
    sealed = {"sealed_address": b"a", "digest": b"d"}
    line = Line(workspace="w", number=1, at=timezone.now(), action="x", **sealed)
    kept.service_key_id, kept.service_wrap = "changed", b"not written"
    with CaptureQueriesContext(connection) as queries:
        write_together(other, paste, line, changed=[(kept, ("service_key_id",))])
    assert len(queries) == 1
    stored = Envelope.objects.get(pk=kept.pk)
    assert (stored.service_key_id, stored.service_wrap == b"not written") == ("changed", False)
    assert Paste.objects.get(pk=paste.pk).envelope == other
    assert Line.objects.get(workspace="w").number == 1


def test_changes_alone() -> None:
    envelope = Envelope.create()[0]
    paste = Paste.objects.create(envelope=envelope, style="placeholder")
    paste.bars, paste.redacted_text, paste.revision = [[0, 1, "secret", 1]], "[SECRET_1]", 7
    write_together(changed=[(paste, ("bars", "redacted_text"))])
    stored = Paste.objects.get(pk=paste.pk)
    assert (stored.bars, stored.redacted_text) == (paste.bars, "[SECRET_1]")
    assert stored.revision != 7


def _asked() -> str:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT word FROM prepared_word WHERE word = %s", ["seven"])
        return str(cursor.fetchone()[0])


def _widen() -> None:
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE prepared_word ALTER COLUMN word TYPE varchar(9)")


@committed
def test_a_prepared_statement_survives_a_change_of_its_table() -> None:
    """The connection that refuses it is given up: one request fails, the next is answered."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE prepared_word (word varchar(5))")
        cursor.execute("INSERT INTO prepared_word VALUES ('seven')")
    try:
        assert _asked() == "seven"
        migration = threading.Thread(target=_widen)
        migration.start()
        migration.join()
        with pytest.raises(NotSupportedError):
            _asked()
        connection.close()  # as at the end of a request
        assert _asked() == "seven"
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE prepared_word")
