"""`manage.py verify_record`: say whether the records are whole."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.record import sign_anew
from audit.verify import Noted, Verdict, records, verify


class Command(BaseCommand):
    """Verify records."""

    help = (
        "Check every line of the records and their signed heads; exits with 1 if one is not whole. "
        "Note the heads that it prints where this server cannot write, and give one back with "
        "--expect."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one workspace, and its head as it was noted."""
        parser.add_argument("--workspace", metavar="ID", help="only this one's record")
        parser.add_argument(
            "--expect",
            metavar="LENGTH:DIGEST",
            type=_noted,
            help="a head of that record as it was noted, the digest whole or at least 8 digits",
        )
        parser.add_argument(
            "--sign-anew",
            action="store_true",
            help="after BLACKBAR_SECRET_KEY was changed: sign the heads of records with the new "
            "one where every line follows from the one before",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, and say what is wrong."""
        workspace, noted = options["workspace"], options["expect"]
        if noted is not None and workspace is None:
            raise CommandError("--expect needs --workspace: a head is of one record.")
        broken = 0
        for one in [workspace] if workspace is not None else records():
            verdict = verify(one, noted)
            if options["sign_anew"] and not verdict.is_signed and len(verdict.faults) == 1:
                sign_anew(one)
                verdict = verify(one, noted)
            broken += not verdict.is_whole
            self._tell(verdict)
        if broken:
            raise CommandError(f"{broken} record{'s are' if broken > 1 else ' is'} not whole.")

    def _tell(self, verdict: Verdict) -> None:
        if verdict.is_whole:
            self.stdout.write(f"{verdict.workspace}  whole  {verdict.length}:{verdict.head}")
        for fault in verdict.faults:
            self.stdout.write(f"{verdict.workspace}  BROKEN  {fault.sentence}")


def _noted(written: str) -> Noted:
    match = re.fullmatch(r"(\d{1,18}):([0-9a-fA-F]{8,64})", written.strip())
    if match is None:
        raise ArgumentTypeError("it reads 1234:0a1b2c3d...")
    return Noted(int(match[1]), match[2])
