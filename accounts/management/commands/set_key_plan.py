"""`manage.py set_key_plan`: give an API key the limits of a plan."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import ApiKey, Plan


class Command(BaseCommand):
    """Give an API key the limits of a plan."""

    help = (
        "Give an API key the limits of a plan: own (the server's), pack or unlimited (those of"
        " the privacyfilter.run dialect; see the settings)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the key's first digits, as its owner sees them, and the plan."""
        parser.add_argument("prefix", help="the first eight digits of the key")
        parser.add_argument("plan", choices=Plan.values)

    def handle(self, *args: Any, prefix: str, plan: str, **options: Any) -> None:
        """Change the plan of the one key that begins so."""
        digits = prefix.removeprefix("blackbar_").lower()
        found = list(ApiKey.objects.active().filter(prefix=digits)[:2])
        if len(found) != 1:
            raise CommandError("There is no such key." if not found else "Several keys begin so.")
        ApiKey.objects.filter(pk=found[0].pk).update(plan=plan)
        self.stdout.write(f"The key {digits} has the plan {plan} now.")
