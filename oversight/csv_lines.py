"""A record as CSV, in pieces: spreadsheets must not take a cell for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from audit.models import Chain, Line
from oversight.lines import rows_of

ROWS_AT_ONCE = 500
HEAD = (
    "number", "time", "who", "account", "action", "kind", "thing", "facts", "address", "digest",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Echo:
    """Hands on what is written to it."""

    def write(self, value: str) -> str:
        return value


def as_csv(chain: Chain, lines: QuerySet[Line]) -> Iterator[str]:
    """Yield lines of one record in order, a head before them; memory does not grow with them."""
    writer = csv.writer(_Echo())
    yield writer.writerow(HEAD)
    last = 0
    while True:
        found = list(lines.filter(number__gt=last).order_by("number")[:ROWS_AT_ONCE])
        for row in rows_of(chain, found, with_titles=False):
            cells = (
                row.number, row.at.isoformat(), row.who, row.person, row.action, row.kind,
                row.thing, row.facts, row.address, row.digest,
            )  # fmt: skip
            yield writer.writerow([safe(cell) for cell in cells])
        if len(found) < ROWS_AT_ONCE:
            return
        last = found[-1].number


def safe(cell: Any) -> str:
    """Return a cell that no spreadsheet runs: an apostrophe before what begins a formula."""
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
