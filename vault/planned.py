"""Queries that are asked all the time: composed once, however often they are asked.

Django composes a statement anew for each question, which for five tables takes longer than the
database needs to answer. Only the values change: a `Blank` stands for each while the query is
composed, and rows are read as Django reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection, models
from django.db.models.query import get_related_populators

from vault.rows import prepared_cursor

Row = TypeVar("Row", bound=models.Model)


class Blank(models.Expression):
    """Where a value will stand."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the blank itself among the parameters."""
        return "%s", (self,)


class Planned(Generic[Row]):
    """A query for whole rows, with what `select_related` adds to them.

    compose: returns the query for values by name, and does nothing with a value but to pass it to
             a filter: it is called once, with blanks. Values go to the database as they are
    """

    def __init__(self, compose: Callable[..., models.QuerySet[Row]]) -> None:
        self._compose = compose
        self._plans: dict[tuple[str, ...], _Plan[Row]] = {}

    def all(self, **values: Any) -> list[Row]:
        """Return all rows for values."""
        names = tuple(values)
        plan = self._plans.get(names)
        if plan is None:
            plan = self._plans[names] = self._plan(names)
        parameters = [values[one.name] if isinstance(one, Blank) else one for one in plan.params]
        with prepared_cursor() as cursor:
            cursor.execute(plan.sql, parameters)
            return [plan.read(list(row)) for row in cursor.fetchall()]

    def first(self, **values: Any) -> Row | None:
        """Return the first row for values, in the order that the query names, or None."""
        return next(iter(self.all(**values)), None)

    def _plan(self, names: tuple[str, ...]) -> _Plan[Row]:
        queryset = self._compose(**{name: Blank(name) for name in names})
        compiler = queryset.query.get_compiler(queryset.db)
        sql, params = compiler.as_sql()
        found, select = compiler.klass_info, compiler.select
        start, end = found["select_fields"][0], found["select_fields"][-1] + 1
        return _Plan(
            sql,
            list(params),
            found["model"],
            [expression.target.attname for expression, *_ in select[start:end]],
            slice(start, end),
            compiler.get_converters([expression for expression, *_ in select]),
            get_related_populators(found, select, queryset.db),  # type: ignore[call-arg]  # stubs of a later Django
        )


@dataclass(frozen=True, slots=True)
class _Plan(Generic[Row]):
    """What Django makes of a query: a statement, and how its rows are read."""

    sql: str
    params: list[Any]
    model: type[Row]
    names: list[str]
    place: slice
    converters: Mapping[int, tuple[list[Callable[..., Any]], Any]]
    populators: list[Any]

    def read(self, row: list[Any]) -> Row:
        for number, (converters, expression) in self.converters.items():
            for converter in converters:
                row[number] = converter(row[number], expression, connection)
        one = self.model.from_db(connection.alias, self.names, row[self.place])
        for populator in self.populators:
            populator.populate(row, one)
        return one
