"""Whether the database and this version of the code fit together, by their migrations.

Migrations run before the hosts of a new version start, while those of the former one still serve.
So a database that knows more migrations than the code is no fault, unless one of them says that
nothing older may go on: its name begins with `stop_` after the number, as in `0007_stop_old_keys`.
The name is all that older code can see of it.
"""

from __future__ import annotations

import functools
import re

from django.db import connection
from django.db.migrations.loader import MigrationLoader

FITS = "ok"
_STOPS = re.compile(r"\d+_stop_")
Migration = tuple[str, str]


def schema_state() -> str:
    """Say FITS, or in a few words why this code must not work on this database.

    Raises django.db.Error if the database cannot be asked.
    """
    applied, known = _applied(), known_migrations()
    if missing := known - applied:
        return f"{len(missing)} migrations are to be run"
    own = {app for app, _ in known}
    later = {(app, name) for app, name in applied - known if app in own}
    if any(_STOPS.match(name) for _, name in later):
        return "newer than this version can work with"
    return FITS


@functools.cache
def known_migrations() -> frozenset[Migration]:
    """Return the migrations that this code brings, by app and name."""
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations)


def _applied() -> set[Migration]:
    """Return the migrations that the database has seen; none if it is empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations') IS NOT NULL")
        found = cursor.fetchone()
        if not (found and found[0]):
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}
