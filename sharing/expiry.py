"""When a shared item ends: the choices people have, and what they mean."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

EXPIRY_CHOICES = (
    ("10m", "in 10 minutes"),
    ("1h", "in 1 hour"),
    ("1d", "in 1 day"),
    ("7d", "in 7 days"),
    ("30d", "in 30 days"),
    ("never", "never"),
    ("custom", "at a time I choose"),
)
_DURATIONS = {
    "10m": timedelta(minutes=10),
    "1h": timedelta(hours=1),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
LATEST_EXPIRY = timedelta(days=3653)


def expiry_time(choice: str, custom: datetime | None = None) -> datetime | None:
    """Return when a choice ends, None for never. Raises ValueError for one that cannot be."""
    if choice == "never":
        return None
    if choice in _DURATIONS:
        return timezone.now() + _DURATIONS[choice]
    if choice != "custom" or custom is None:
        raise ValueError("Choose when it ends.")
    if not timezone.now() < custom <= timezone.now() + LATEST_EXPIRY:
        raise ValueError("Choose a time between now and ten years from now.")
    return custom
