"""`manage.py turn_off_two_step NAME`: for somebody who lost the app and the recovery codes."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.two_step import turn_off_two_step


class Command(BaseCommand):
    """Turn off two-step verification of one account."""

    help = "Turn off two-step verification of one account. Make sure who asks."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the account's name."""
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn it off and say so."""
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError("There is no account of this name.")
        if not turn_off_two_step(user):
            raise CommandError("Two-step verification is not on for this account.")
        self.stdout.write("Two-step verification is off, and the account is signed out everywhere.")
