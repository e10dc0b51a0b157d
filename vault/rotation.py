"""Rotation of the service key."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import transaction

from vault.models import Envelope

BATCH_ROWS = 500
_resealers: list[Callable[[], int]] = []


def register_resealer(resealer: Callable[[], int]) -> None:
    """Make known how an app seals its `seal_for_service` values anew; returns how many it did."""
    _resealers.append(resealer)


def rotate_service_key() -> int:
    """Seal everything the service keeps anew with the current key; returns how many values.

    Runs beside a working server. Once it has returned, the old keys can leave the configuration.
    Raises UnsealError if a key that is still in use is not configured.
    """
    return _rotate_wraps() + sum(resealer() for resealer in _resealers)


def _rotate_wraps() -> int:
    """Wrap every kept data key anew, in short transactions."""
    rotated = 0
    while True:
        with transaction.atomic():
            rows = list(
                Envelope.objects.with_outdated_service_key().select_for_update(skip_locked=True)[
                    :BATCH_ROWS
                ]
            )
            for row in rows:
                row.keep_for_service(row.open_for_service())
        rotated += len(rows)
        if not rows:
            if not Envelope.objects.with_outdated_service_key().exists():
                return rotated
            time.sleep(0.1)  # another transaction holds what is left
