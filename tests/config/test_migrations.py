"""Migrations that run while the former version serves: what they may do, and that they give way.

Every migration after those listed here must leave the former version working, since hosts are
upgraded one after the other. One that cannot is named `NNNN_stop_...`: hosts that do not know it
say that they are not ready, and the upgrade needs a stop.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import connection, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from pytest_django import DjangoDbBlocker

from config import prepare
from config.settings import BASE_DIR

# Where the rule began: numbers up to these are as they are.
BEGAN = {
    "accounts": 4,
    "anonymizer": 1,
    "audit": 3,
    "documents": 3,
    "entries": 4,
    "images": 1,
    "inference": 3,
    "moderation": 1,
    "pastebin": 3,
    "policies": 2,
    "review": 1,
    "vault": 1,
    "webhooks": 1,
    "workspaces": 1,
}
# Tables that grow with use: an index on them is built beside their use.
LARGE = {
    "audit.line",
    "documents.document",
    "documents.filejob",
    "entries.entry",
    "inference.scan",
    "pastebin.paste",
    "review.decision",
    "vault.envelope",
    "vault.sealedfile",
}
_STOPS = re.compile(r"\d+_stop_")


def faults(app: str, operations: list[Operation]) -> Iterator[str]:
    """Yield what the former version would not survive, or would have to wait for."""
    made = {one.name.lower() for one in operations if isinstance(one, migrations.CreateModel)}
    for one in _flat(operations):
        model = str(getattr(one, "model_name", getattr(one, "name", ""))).lower()
        if model not in made:
            yield from _fault(one, f"{app}.{model}")


def _flat(operations: list[Operation]) -> Iterator[Operation]:
    """Yield operations on the database, with those inside others."""
    for one in operations:
        if isinstance(one, migrations.SeparateDatabaseAndState):
            yield from _flat(list(one.database_operations))
        else:
            yield one


def _fault(one: Operation, model: str) -> Iterator[str]:
    match one:
        case migrations.DeleteModel() | migrations.RemoveField():
            yield f"{model}: the former version still reads what is removed"
        case migrations.RenameModel() | migrations.RenameField() | migrations.AlterModelTable():
            yield f"{model}: the former version knows the former name alone"
        case migrations.AddField(field=field):
            if isinstance(field, models.ManyToManyField) or field.null or _has_db_default(field):
                return
            yield f"{model}: the former version writes rows without this field (null or db_default)"
        case migrations.AlterField():
            yield f"{model}: a column changes under the former version"
        case migrations.AddConstraint():
            yield f"{model}: the former version writes rows that may not keep this"
        case AddIndexConcurrently() | RemoveIndexConcurrently():
            return
        case migrations.AddIndex() | migrations.RemoveIndex() if model in LARGE:
            yield f"{model}: nobody can write while the index is built (AddIndexConcurrently)"
        case migrations.RunSQL() | migrations.RunPython() if not one.reversible:
            yield f"{model}: cannot be undone"


def _has_db_default(field: models.Field[object, object]) -> bool:
    return field.db_default is not models.NOT_PROVIDED


def _later() -> list[tuple[str, str]]:
    own = {path.name for path in BASE_DIR.iterdir() if (path / "migrations").is_dir()}
    loader = MigrationLoader(None)
    return sorted(
        (app, name)
        for app, name in loader.disk_migrations
        if app in own and int(name[:4]) > BEGAN.get(app, 0)
    )


def test_later_migrations_leave_the_former_version_working() -> None:
    loader, found = MigrationLoader(None), []
    for app, name in _later():
        if _STOPS.match(name):
            continue
        operations = list(loader.disk_migrations[app, name].operations)
        found += [f"{app} {name}: {fault}" for fault in faults(app, operations)]
    assert not found


_TEXT = models.TextField()


@pytest.mark.parametrize(
    ("operation", "is_well"),
    [
        (migrations.AddField("paste", "x", models.TextField(null=True)), True),
        (migrations.AddField("paste", "x", models.TextField(db_default="")), True),
        (migrations.AddField("paste", "x", models.TextField(default="")), False),
        (migrations.AddField("paste", "x", _TEXT), False),
        (migrations.RemoveField("paste", "title"), False),
        (migrations.RenameField("paste", "a", "b"), False),
        (migrations.AlterField("paste", "pid", _TEXT), False),
        (migrations.DeleteModel("Paste"), False),
        (migrations.AddIndex("paste", models.Index(name="i", fields=["pid"])), False),
        (AddIndexConcurrently("paste", models.Index(name="i", fields=["pid"])), True),
        (migrations.AddIndex("small", models.Index(name="i", fields=["pid"])), True),
        (
            migrations.AddConstraint(
                "paste", models.CheckConstraint(name="c", condition=models.Q(pid=""))
            ),
            False,
        ),
        (migrations.RunSQL("SELECT 1"), False),
        (migrations.RunSQL("SELECT 1", migrations.RunSQL.noop), True),
        (migrations.CreateModel("Fresh", [("pid", _TEXT)]), True),
        (migrations.SeparateDatabaseAndState([migrations.DeleteModel("Paste")], []), False),
        (migrations.SeparateDatabaseAndState([], [migrations.DeleteModel("Paste")]), True),
    ],
)
def test_the_checker_knows_good_from_bad(operation: Operation, is_well: bool) -> None:
    assert (list(faults("pastebin", [operation])) == []) is is_well


def test_what_a_migration_makes_itself_it_may_shape() -> None:
    made = migrations.CreateModel("Fresh", [("pid", _TEXT)])
    index = migrations.AddIndex("fresh", models.Index(name="i", fields=["pid"]))
    field = migrations.AddField("fresh", "x", _TEXT)
    assert list(faults("pastebin", [made, index, field])) == []


@pytest.mark.django_db(transaction=True)
def test_hosts_that_start_at_once_migrate_one_after_the_other(
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Whoever prepares the database holds a lock that the next one waits for."""
    params = connection.get_connection_params()
    params.pop("pool", None)
    entered = threading.Event()

    def prepare_too() -> None:
        with django_db_blocker.unblock(), prepare._alone():
            entered.set()

    other = threading.Thread(target=prepare_too)
    with prepare._alone():
        other.start()
        with psycopg.connect(**params, autocommit=True) as watching:
            waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while watching.execute(waits).fetchone() == (0,):
                assert not entered.is_set()
        assert not entered.is_set()
    other.join(60)
    assert entered.is_set()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_would_hold_up_others_gives_way_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table in use is waited for briefly, again and again; whoever uses it goes on."""
    monkeypatch.setattr(prepare, "LOCK_SECONDS", 0.05)
    monkeypatch.setattr(prepare, "PAUSES_SECONDS", (0.01,) * 1000)
    params = connection.get_connection_params()
    params.pop("pool", None)
    tries = []

    def migrate_a_table() -> None:
        tries.append(1)
        if len(tries) == 3:
            busy.rollback()
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE pastebin_paste IN ACCESS EXCLUSIVE MODE")

    monkeypatch.setattr(prepare, "call_command", lambda *_, **__: _in_transaction(migrate_a_table))
    with psycopg.connect(**params) as busy:
        busy.execute("SELECT 1 FROM pastebin_paste")
        prepare.migrate()
    assert len(tries) == 3


def _in_transaction(work: Callable[[], None]) -> None:
    with transaction.atomic():
        work()
