"""Lists in pages: `limit` rows at a time, `cursor` goes on where the last page ended."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from api.v1.problems import Problem

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


def page_of(request: Request, rows: QuerySet[Any]) -> tuple[list[Any], str | None]:
    """Return the rows that a request asks for, newest first, and the cursor of the next page.

    rows: have created_at and a primary key; any order they have is replaced
    What is made or deleted meanwhile shifts nothing: a cursor says after which moment and row.
    Raises Problem.
    """
    size = _size(request.query_params.get("limit"))
    written = request.query_params.get("cursor")
    if written:
        moment, pk = _read(written)
        rows = rows.filter(Q(created_at__lt=moment) | Q(created_at=moment, pk__gt=pk))
    found = list(rows.order_by("-created_at", "pk")[: size + 1])
    if len(found) <= size:
        return found, None
    last = found[size - 1]
    cursor = base64.urlsafe_b64encode(f"{last.created_at.isoformat()} {last.pk}".encode())
    return found[:size], cursor.decode("ascii").rstrip("=")


def _size(written: str | None) -> int:
    if written is None:
        return PAGE_SIZE
    if not (written.isascii() and written.isdecimal() and 1 <= int(written[:9]) <= MAX_PAGE_SIZE):
        sentence = f"It must be a number from 1 to {MAX_PAGE_SIZE}."
        raise Problem(422, "invalid", errors={"limit": [sentence]})
    return int(written)


def _read(written: str) -> tuple[datetime, str]:
    try:
        raw = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode("ascii")
        moment, _, pk = raw.partition(" ")
        parsed = datetime.fromisoformat(moment)
    except (binascii.Error, ValueError):
        parsed, pk = None, ""
    if parsed is None or parsed.tzinfo is None or not 0 < len(pk) <= 64 or "\0" in pk:
        raise Problem(422, "invalid", errors={"cursor": ["Take it from `next_cursor`."]})
    return parsed, pk
