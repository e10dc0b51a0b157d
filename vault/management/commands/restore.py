"""`manage.py restore FILE`: put a backup onto an empty server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault.backup import BackupError, openable_share, restore_backup


class Command(BaseCommand):
    """Restore a backup."""

    help = "Put the archive of `manage.py backup` onto an empty server, then migrate."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path of the archive."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, and say whether the keys at hand open what came back."""
        try:
            report = restore_backup(options["file"])
        except BackupError as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(f"{report.envelopes} sealed things and {report.files} files are back.")
        opened, total = openable_share()
        if opened < total:
            raise CommandError(
                f"BLACKBAR_SERVICE_KEYS opens {opened} of {total} keys that were tried. Set the "
                "keys that this backup was made under; private links open without them."
            )
        self.stdout.write("Run `manage.py migrate` now if this is a newer version.")
