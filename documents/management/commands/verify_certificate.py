"""`manage.py verify_certificate`: say whether a clean file is the one that was checked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from documents import certificates

_HELP = """Say whether a file is the clean one of which a certificate speaks, unchanged since:
manage.py verify_certificate clean.pdf certificate.json --public-key BASE64. A server shows its
public key on its page for verifying; on the server itself the option may be left out."""


class Command(BaseCommand):
    """Say whether a clean file is the one that was checked."""

    help = _HELP
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the two files, and whose signature is expected."""
        parser.add_argument("file")
        parser.add_argument("certificate")
        parser.add_argument("--public-key", metavar="BASE64")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict; exit with 1 unless it is good."""
        public = options["public_key"]
        if public is None and os.environ["BLACKBAR_SECRET_KEY"].startswith("unused-"):
            raise CommandError("Name the server's public key with --public-key.")
        content = _bytes(options["file"])
        try:
            certificate = certificates.parse(_bytes(options["certificate"]))
        except certificates.NotACertificateError as exc:
            raise CommandError("This is no certificate of a clean file.") from exc
        verdict = certificates.check(content, certificate, public)
        if not verdict.is_good:
            raise CommandError(verdict.sentence)
        self.stdout.write(verdict.sentence)


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as exc:
        raise CommandError(f"{name} cannot be read: {exc.strerror or 'unknown reason'}.") from exc
