"""Brings the database and the static files up to date before the server starts."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import Error

# Parts of libraries that no page here uses; compressing them would take most of the time.
UNUSED_STATIC = [
    "rest_framework",
    "*.map",
    "swagger-ui-standalone-preset.js",
    "oauth2-redirect.*",
    "favicon-32x32.png",
]


def main() -> None:
    """Migrate and collect static files; a bad setting ends it with its sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
    except ImproperlyConfigured as exc:
        sys.exit(str(exc))
    except Error as exc:
        sys.exit(f"The database could not be brought up to date ({type(exc).__name__}): {exc}")
    except OSError as exc:
        sys.exit(f"{exc.filename or 'A file'} could not be written: {exc.strerror}.")


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
