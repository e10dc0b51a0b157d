"""Statements for what somebody waits for: of several tables at once, and planned once."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from typing import Any

import psycopg
from django.db import connection, models
from django.db.backends.utils import CursorWrapper


class _Prepared(psycopg.Cursor[Any]):
    """A cursor whose statements stay prepared with their connection, blanks written %s."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        try:
            return super().execute(query, params, prepare=True, **options)
        except (psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidSqlStatementName):
            # A column changed meanwhile, or a pooler gave us another session. This connection would
            # refuse for good; the next one does not.
            self.connection.close()
            raise


class _Numbered(psycopg.RawCursor[Any], _Prepared):
    """The same for blanks written $1: long statements are not searched for blanks each time."""


def prepared_cursor(kind: type[_Prepared] = _Prepared) -> CursorWrapper:
    """Return a cursor for statements that are asked all the time, a handful in all.

    PostgreSQL takes as long to plan these as to answer them; prepared, each connection plans them
    once. Their parameters travel beside them, so they need types where the place does not say it.
    """
    cursor = connection.cursor()
    cursor.cursor = kind(connection.connection)
    return cursor


# A row, and which of its fields are written.
Changed = tuple[models.Model, tuple[str, ...]]


def write_together(*new: models.Model, changed: Iterable[Changed] = ()) -> None:
    """Insert new rows and write fields of others; those that refer to others may stand beside them.

    A statement is a transaction of its own where none is open: it is on disk when this returns.
    Numbers that the database gives to new rows are not read back.
    """
    changed = tuple(changed)
    values = [value for row in new for value in _values(row, _inserted(type(row)), add=True)]
    for row, names in changed:
        values += _values(row, [row._meta.get_field(name) for name in names], add=False)
        values.append(row._meta.pk.get_db_prep_value(row.pk, connection))
    kinds = tuple(type(row) for row in new)
    with prepared_cursor(_Numbered) as cursor:
        cursor.execute(
            _statement(kinds, tuple((type(row), names) for row, names in changed)), values
        )
    for row in new:
        row._state.adding, row._state.db = False, connection.alias


def _values(row: models.Model, written: Iterable[Any], *, add: bool) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, add), connection) for field in written]


def _inserted(kind: type[models.Model]) -> list[Any]:
    return [one for one in kind._meta.concrete_fields if not isinstance(one, models.AutoField)]


@functools.cache
def _statement(
    new: tuple[type[models.Model], ...],
    changed: tuple[tuple[type[models.Model], tuple[str, ...]], ...],
) -> str:
    parts = [_insert(kind) for kind in new] + [_update(kind, names) for kind, names in changed]
    *before, last = parts
    named = (f"row{number} AS ({one})" for number, one in enumerate(before))
    whole = f"WITH {', '.join(named)} {last}" if before else last
    numbers = itertools.count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", whole)


def _insert(kind: type[models.Model]) -> str:
    fields = _inserted(kind)
    columns = ", ".join(_column(field) for field in fields)
    return (
        f"INSERT INTO {connection.ops.quote_name(kind._meta.db_table)} ({columns})"
        f" VALUES ({', '.join(['%s'] * len(fields))})"
    )


def _update(kind: type[models.Model], names: tuple[str, ...]) -> str:
    written = ", ".join(f"{_column(kind._meta.get_field(name))} = %s" for name in names)
    table = connection.ops.quote_name(kind._meta.db_table)
    return f"UPDATE {table} SET {written} WHERE {_column(kind._meta.pk)} = %s"


def _column(field: Any) -> str:
    return str(connection.ops.quote_name(field.column))
