"""`manage.py rotate_service_key`: seal all that the service keeps with the current key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from vault import rotation
from vault.envelope import UnsealError, current_service_key_id


class Command(BaseCommand):
    """Rotate the service key."""

    help = (
        "Put a new key first in BLACKBAR_SERVICE_KEYS, restart, run this, "
        "then take the old key out."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Rotate and say how many keys were wrapped anew."""
        try:
            rotated = rotation.rotate_service_key()
        except UnsealError as exc:
            raise CommandError(f"{exc} Put the old key back into BLACKBAR_SERVICE_KEYS.") from exc
        self.stdout.write(
            f"{rotated} keys and values are now sealed with {current_service_key_id()}."
        )
