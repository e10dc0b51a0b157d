"""All that is kept, as somebody would hold it who took the servers: to look for a text in it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

from django.db import connection

from inference.events import valkey


def everything_stored() -> bytes:
    """Return all rows of all tables, as a backup holds them, and all of Valkey."""
    return _tables() + _valkey()


def forms_of(value: str) -> list[bytes]:
    """Return a value as text and as COPY writes the bytes of it."""
    raw = value.encode()
    return [raw, raw.hex().encode(), json.dumps(value).encode(), raw[::-1]]


def _tables() -> bytes:
    out = io.BytesIO()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            with cursor.copy(f'COPY "{table}" TO STDOUT') as copy:
                for chunk in copy:
                    out.write(bytes(chunk))
    return out.getvalue()


def _valkey() -> bytes:
    """Return all keys and values, the broker's messages among them."""
    server: Any = valkey()
    readers: dict[bytes, Callable[[bytes], Any]] = {
        b"string": server.get,
        b"list": lambda key: b"".join(server.lrange(key, 0, -1)),
        b"set": lambda key: b"".join(server.smembers(key)),
        b"hash": lambda key: str(server.hgetall(key)).encode(),
    }
    found = b""
    for key in server.scan_iter("*"):
        read = readers.get(server.type(key))
        found += key + ((read(key) or b"") if read else b"")
    return found
