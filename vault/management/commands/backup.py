"""`manage.py backup FILE`: the database and the sealed files in one archive, without keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vault.backup import BackupError, make_backup


class Command(BaseCommand):
    """Make a backup."""

    help = (
        "Write the database and the sealed files into one archive. It holds no keys: keep "
        "BLACKBAR_SECRET_KEY and BLACKBAR_SERVICE_KEYS somewhere else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the path of the archive."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the archive and say what is in it."""
        try:
            report = make_backup(options["file"])
        except BackupError as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write(
            f"{report.envelopes} sealed things and {report.files} files in "
            f"{report.size_bytes / 1e6:.1f} MB."
        )
        if report.missing:
            self.stdout.write(f"{report.missing} files were deleted while it was made.")
