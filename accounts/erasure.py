"""Erasing an account: every app removes what it keeps for the person, then the row goes."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts.models import User

_erasers: list[Callable[[User], None]] = []
_last_erasers: list[Callable[[User], None]] = []


def register_eraser(eraser: Callable[[User], None], *, last: bool = False) -> None:
    """Make known how an app removes a person's objects; apps do this once when loaded.

    last: when those of all others have gone, because they hang on it
    """
    (_last_erasers if last else _erasers).append(eraser)


@transaction.atomic
def erase_account(user: User) -> None:
    """Delete a person with all objects and their keys."""
    for eraser in (*_erasers, *_last_erasers):
        eraser(user)
    user.delete()
