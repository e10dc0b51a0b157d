"""Brings the database and the static files up to date before the server starts."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import django
import psycopg
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error, OperationalError, connection

# Parts of libraries that no page here uses; compressing them would take most of the time.
UNUSED_STATIC = [
    "rest_framework",
    "*.map",
    "swagger-ui-standalone-preset.js",
    "oauth2-redirect.*",
    "favicon-32x32.png",
]
# A migration waits for a table no longer than this: whoever comes after it waits as well.
LOCK_SECONDS = 3.0
# Between two tries.
PAUSES_SECONDS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
# Any number that nothing else takes in this database.
_LOCK = 0x626C61636B626172


def main() -> None:
    """Migrate and collect static files; a bad setting ends it with its sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        migrate()
        collect_static()
    except NewerDatabaseError as exc:
        sys.exit(str(exc))
    except ImproperlyConfigured as exc:
        sys.exit(str(exc))
    except Error as exc:
        sys.exit(f"The database could not be brought up to date ({type(exc).__name__}): {exc}")
    except OSError as exc:
        sys.exit(f"{exc.filename or 'A file'} could not be written: {exc.strerror}.")


class NewerDatabaseError(Exception):
    """Raised when the database belongs to a newer version that this one must not work beside."""


def migrate() -> None:
    """Run what migrations are missing, one host at a time, while others go on serving.

    Raises NewerDatabaseError.
    """
    # Not before Django is set up.
    from config.schema_state import FITS, schema_state

    with _alone():
        for pause in (*PAUSES_SECONDS, None):
            try:
                _run_migrations()
                break
            except OperationalError as exc:
                if pause is None or not _waited_too_long(exc):
                    raise
                connection.close()
                time.sleep(pause)
        state = schema_state()
    if state != FITS:
        raise NewerDatabaseError(
            f"The database is {state}: start the newer version, or restore a backup of this one's."
        )


def _run_migrations() -> None:
    """Migrate; a statement that would hold others up for long gives up and is tried again."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout TO '{LOCK_SECONDS:g}s'")
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        # The pool hands this connection out again.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")
        connection.close()


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other host prepares this database, and keep them waiting meanwhile."""
    params = connection.get_connection_params()
    params.pop("pool", None)
    with psycopg.connect(**params, autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        yield


def _waited_too_long(exc: OperationalError) -> bool:
    return getattr(exc.__cause__, "sqlstate", None) == "55P03"


def collect_static() -> None:
    """Collect, name by content and compress the static files, unless nothing has changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".sources"
    wanted = static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    call_command(
        "collectstatic", interactive=False, clear=True, verbosity=0, ignore_patterns=UNUSED_STATIC
    )
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    """Return a hash over names, sizes and times of all source files."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list(UNUSED_STATIC):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
