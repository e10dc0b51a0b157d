"""The chain: every way in which somebody with the database could change it is found."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from audit import verify as verifying
from audit.models import Action, Chain, Line
from audit.record import FIRST_DIGEST, digest_of, record
from audit.verify import Noted, broken_among, head_fault, verify

pytestmark = pytest.mark.django_db
WID = "W-first"


@pytest.fixture
def chain(alice: User) -> Chain:
    """A record of eight lines, beside another one."""
    for number in range(8):
        detail = {"step": number, "what": "ünïcode"}
        by = alice if number % 2 else None
        record(Action.ITEM_OPENED, workspace=WID, actor=by, thing=f"p{number}", detail=detail)
        record(Action.LINK_OPENED, workspace="other", actor=None)
    return Chain.objects.get(pk=WID)


@contextmanager
def as_superuser() -> Iterator[Callable[..., None]]:
    """Change rows behind the server's back, as who owns the database can."""

    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    run("ALTER TABLE audit_line DISABLE TRIGGER audit_line_stays")
    yield run
    run("ALTER TABLE audit_line ENABLE TRIGGER audit_line_stays")


def _faults(noted: Noted | None = None) -> list[tuple[int | None, str]]:
    verdict = verify(WID, noted)
    assert verdict.is_whole == (not verdict.faults)
    return [(fault.number, fault.sentence) for fault in verdict.faults]


def _command(*arguments: str) -> str:
    out = io.StringIO()
    try:
        call_command("verify_record", *arguments, stdout=out)
    except CommandError as exc:
        return out.getvalue() + str(exc)
    return out.getvalue()


def _redo(first: int, before: bytes) -> bytes:
    """Compute all digests anew from a line on, as a forger without the secret can."""
    for line in Line.objects.filter(workspace=WID, number__gte=first).order_by("number"):
        before = digest_of(line, before)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_line SET digest = %s WHERE id = %s", [before, line.pk])
    return before


def test_the_database_refuses_to_change_and_to_remove(chain: Chain) -> None:
    from django.db import DatabaseError, transaction

    for change in (
        lambda: Line.objects.update(thing="x"),
        lambda: Line.objects.filter(workspace=WID).delete(),
    ):
        with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
            change()
    assert _faults() == []


def test_a_whole_record_is_whole(chain: Chain) -> None:
    verdict = verify(WID)
    assert verdict.is_whole
    assert (verdict.length, verdict.head) == (8, bytes(chain.head).hex())
    told = _command()
    assert f"{WID}  whole  8:{verdict.head}" in told
    assert "other  whole  8:" in told
    assert head_fault(chain) is None
    assert broken_among(list(Line.objects.filter(workspace=WID)[2:7])) is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("thing", "'p9'"), ("actor", "17"), ("action", "'item.exported'"), ("kind", "'image'"),
        ("at", "at + interval '1 microsecond'"), ("detail", "'{}'"),
        ("sealed_address", "'\\x00'"), ("workspace", "'other2'"),
    ],
)  # fmt: skip
def test_a_changed_line_is_named(chain: Chain, column: str, value: str) -> None:
    with as_superuser() as run:
        run(f"UPDATE audit_line SET {column} = {value} WHERE workspace = %s AND number = 4", WID)
    first = _faults()[0]
    assert first[0] == 4
    assert "removed" in first[1] if column == "workspace" else "changed" in first[1]
    told = _command()
    assert f"{WID}  BROKEN  Line 4 " in told
    assert "not whole" in told
    if column != "workspace":
        assert len(_faults()) == 1
        shown = list(Line.objects.filter(workspace=WID, number__in=[3, 4, 5]))
        found = broken_among(shown)
        assert found is not None
        assert found.number == 4


def test_a_line_that_was_written_anew_with_its_digest_breaks_the_next(chain: Chain) -> None:
    line = Line.objects.get(workspace=WID, number=4)
    before = bytes(Line.objects.get(workspace=WID, number=3).digest)
    line.thing = "forged"
    with as_superuser() as run:
        digest = digest_of(line, before)
        run("UPDATE audit_line SET thing = 'forged', digest = %s WHERE id = %s", digest, line.pk)
    assert _faults() == [(5, "Line 5 was changed, or does not follow line 4.")]


def test_removed_lines_are_named(chain: Chain) -> None:
    with as_superuser() as run:
        run("DELETE FROM audit_line WHERE workspace = %s AND number = 1", WID)
        run("DELETE FROM audit_line WHERE workspace = %s AND number IN (5, 6)", WID)
    assert _faults() == [(1, "Line 1 was removed."), (5, "Lines 5 to 6 were removed.")]
    found = broken_among(list(Line.objects.filter(workspace=WID, number__gte=7)))
    assert found is not None
    assert found.number == 6


def test_a_cut_end_is_named(chain: Chain) -> None:
    with as_superuser() as run:
        run("DELETE FROM audit_line WHERE workspace = %s AND number = 8", WID)
    assert _faults() == [(8, "The end was cut off: line 8 is missing.")]
    fault = head_fault(chain)
    assert fault is not None
    assert fault.number == 8
    with as_superuser() as run:
        run("DELETE FROM audit_line WHERE workspace = %s AND number > 5", WID)
    assert _faults() == [(6, "The end was cut off: lines 6 to 8 are missing.")]


def test_an_inserted_line_is_named_though_its_digest_is_right(chain: Chain) -> None:
    before = Line.objects.get(workspace=WID, number=3)
    with as_superuser() as run:
        run("UPDATE audit_line SET number = number + 100 WHERE workspace = %s AND number > 3", WID)
        run("UPDATE audit_line SET number = number - 99 WHERE workspace = %s AND number > 99", WID)
        new = Line(
            workspace=WID, number=4, at=before.at, actor=None, action=Action.ITEM_OPENED,
            sealed_address=before.sealed_address,
        )  # fmt: skip
        new.digest = digest_of(new, bytes(before.digest))
        new.save(force_insert=True)
    assert _faults()[0] == (4, "Line 4 was inserted.")
    assert (9, "Line 9 was inserted behind the signed end.") in _faults()


def test_a_line_put_behind_the_end_is_named(chain: Chain) -> None:
    last = Line.objects.get(workspace=WID, number=8)
    new = Line(workspace=WID, number=9, at=last.at, actor=None, action=Action.ITEM_OPENED)
    new.sealed_address = last.sealed_address
    new.digest = digest_of(new, bytes(last.digest))
    new.save(force_insert=True)
    assert _faults() == [(9, "Line 9 was inserted behind the signed end.")]
    fault = head_fault(chain)
    assert fault is not None
    assert fault.number == 9


def test_swapped_lines_are_named(chain: Chain) -> None:
    with as_superuser() as run:
        run("UPDATE audit_line SET number = 99 WHERE workspace = %s AND number = 3", WID)
        run("UPDATE audit_line SET number = 3 WHERE workspace = %s AND number = 6", WID)
        run("UPDATE audit_line SET number = 6 WHERE workspace = %s AND number = 99", WID)
    numbers = [number for number, _ in _faults()]
    assert numbers[0] == 3
    assert 6 in numbers


@pytest.mark.parametrize("column", ["head", "length", "signature"])
def test_a_changed_head_is_found(chain: Chain, column: str) -> None:
    other = Chain.objects.get(pk="other")
    if column == "length":
        Chain.objects.filter(pk=WID).update(length=7)
    else:
        Chain.objects.filter(pk=WID).update(**{column: getattr(other, column)})
    assert any("not signed by this server" in sentence for _, sentence in _faults())
    assert head_fault(Chain.objects.get(pk=WID)) is not None


def test_a_removed_head_is_found(chain: Chain) -> None:
    Chain.objects.filter(pk=WID).delete()
    assert "head is missing" in _faults()[0][1]
    assert f"{WID}  BROKEN  The head is missing" in _command()


def test_a_forger_without_the_secret_is_found(chain: Chain, settings: Settings) -> None:
    noted = Noted(6, bytes(Line.objects.get(workspace=WID, number=6).digest).hex()[:12])
    before = bytes(Line.objects.get(workspace=WID, number=3).digest)
    with as_superuser() as run:
        run("UPDATE audit_line SET thing = 'forged' WHERE workspace = %s AND number = 4", WID)
        head = _redo(4, before)
    assert "not the one that the head was signed for" in _faults()[0][1]
    Chain.objects.filter(pk=WID).update(head=head)
    assert "not signed by this server" in _faults()[0][1]
    assert _faults(noted)[0] == (6, "Line 6 is not the one that was noted.")


def test_the_next_line_does_not_sign_what_was_forged(chain: Chain) -> None:
    with as_superuser() as run:
        run("UPDATE audit_line SET thing = 'forged' WHERE workspace = %s AND number = 4", WID)
        head = _redo(4, bytes(Line.objects.get(workspace=WID, number=3).digest))
    Chain.objects.filter(pk=WID).update(head=head)
    for _ in range(2):
        record(Action.ITEM_OPENED, workspace=WID, actor=None)
    assert [number for number, _ in _faults()] == [None]


def test_lines_forged_under_an_untouched_head_break_the_next_one(chain: Chain) -> None:
    with as_superuser() as run:
        run("UPDATE audit_line SET thing = 'forged' WHERE workspace = %s AND number = 4", WID)
        _redo(4, bytes(Line.objects.get(workspace=WID, number=3).digest))
    record(Action.ITEM_OPENED, workspace=WID, actor=None)
    assert [number for number, _ in _faults()] == [9]


def test_after_another_secret_whole_records_are_signed_anew(
    chain: Chain, settings: Settings
) -> None:
    with as_superuser() as run:
        run("UPDATE audit_line SET thing = 'q' WHERE workspace = 'other' AND number = 4")
    settings.SECRET_KEY = "another secret of more than thirty-two characters"
    assert "not signed by this server" in _command()
    told = _command("--sign-anew")
    assert f"{WID}  whole  8:" in told
    assert "other  BROKEN  Line 4 was changed" in told
    assert "other  BROKEN  The head was not signed" in told
    record(Action.ITEM_OPENED, workspace=WID, actor=None)
    assert _faults() == []


def test_a_head_noted_elsewhere_finds_an_older_copy(chain: Chain) -> None:
    """Who holds a signed head of the past can go back there; who noted a later one knows."""
    kept = Chain.objects.get(pk=WID)
    record(Action.MEMBER_REMOVED, workspace=WID, actor=None)
    noted = verify(WID)
    with as_superuser() as run:
        run("DELETE FROM audit_line WHERE workspace = %s AND number = 9", WID)
        kept.save()
    assert _command(f"--workspace={WID}").startswith(f"{WID}  whole  8:")
    told = _command(f"--workspace={WID}", f"--expect=9:{noted.head}")
    assert "The end was cut off: line 9 is missing." in told
    assert "not whole" in told
    right = _command(f"--workspace={WID}", f"--expect=8:{bytes(kept.head).hex()[:8]}")
    assert "whole  8:" in right


def test_the_first_digest_is_fixed(chain: Chain) -> None:
    """A forger cannot let a record begin elsewhere."""
    first = Line.objects.get(workspace=WID, number=1)
    assert digest_of(first, FIRST_DIGEST) == bytes(first.digest)


def test_memory_and_queries_do_not_grow_with_lines(
    chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "ROWS_AT_ONCE", 3)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert verify(WID).is_whole
    reads = [query["sql"] for query in few if 'FROM "audit_line"' in query["sql"]]
    assert all("LIMIT" in sql for sql in reads)
    assert _faults(Noted(7, "00000000"))[0][0] == 7


def test_words_that_make_no_sense_are_refused(chain: Chain) -> None:
    for wrong in ("x", "7", "7:xyz", "7:12", ":", "-1:00000000"):
        with pytest.raises(CommandError):
            call_command("verify_record", f"--workspace={WID}", f"--expect={wrong}")
    with pytest.raises(CommandError):
        call_command("verify_record", "--expect=8:00000000")
