"""Rows of several tables written in one statement: one round trip, all of them or none."""

from __future__ import annotations

import functools
from typing import Any

from django.db import connection, models


def insert_together(*rows: models.Model) -> None:
    """Insert new rows of several models; those that refer to others may stand beside them.

    A statement is a transaction of its own where none is open: it is on disk when this returns.
    """
    values: list[Any] = []
    for row in rows:
        for field in row._meta.concrete_fields:
            values.append(field.get_db_prep_save(field.pre_save(row, add=True), connection))
    with connection.cursor() as cursor:
        cursor.execute(_statement(*(type(row) for row in rows)), values)
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@functools.cache
def _statement(*kinds: type[models.Model]) -> str:
    *before, last = (_insert(kind) for kind in kinds)
    named = (f"row{number} AS ({one})" for number, one in enumerate(before))
    return f"WITH {', '.join(named)} {last}" if before else last


def _insert(kind: type[models.Model]) -> str:
    fields = kind._meta.concrete_fields
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    return (
        f"INSERT INTO {quote(kind._meta.db_table)} ({columns})"
        f" VALUES ({', '.join(['%s'] * len(fields))})"
    )
