"""Erasing an account: every app removes what it keeps for the person, then the row goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User


class ErasureRefusedError(Exception):
    """Raised when an account cannot be erased now; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with an account in one place: `Loss("Personal", ("3 texts", "1 document"))`."""

    place: str
    what: tuple[str, ...]


_erasers: list[Callable[[User], None]] = []
_last_erasers: list[Callable[[User], None]] = []
_frames: list[Callable[[], AbstractContextManager[None]]] = []
_refusers: list[Callable[[User], str]] = []
_foretellers: list[Callable[[User], Iterable[Loss]]] = []


def register_eraser(
    eraser: Callable[[User], None],
    *,
    last: bool = False,
    refuse: Callable[[User], str] | None = None,
    foretell: Callable[[User], Iterable[Loss]] | None = None,
) -> None:
    """Make known how an app removes a person's objects; apps do this once when loaded.

    last:     when those of all others have gone, because they hang on it
    refuse:   why it cannot be done now, "" if it can
    foretell: what goes, for whoever is asked whether they mean it
    """
    (_last_erasers if last else _erasers).append(eraser)
    if refuse is not None:
        _refusers.append(refuse)
    if foretell is not None:
        _foretellers.append(foretell)


def register_frame(frame: Callable[[], AbstractContextManager[None]]) -> None:
    """Make known in what all erasers run; it ends before the person's own row goes."""
    _frames.append(frame)


def losses_of(user: User) -> list[Loss]:
    """Return what goes with a person's account."""
    return [loss for foretell in _foretellers for loss in foretell(user)]


@transaction.atomic
def refusal_of(user: User) -> str:
    """Return why a person's account cannot be erased at the moment, "" if it can."""
    return " ".join(filter(None, [refuse(user) for refuse in _refusers]))


@transaction.atomic
def erase_account(user: User) -> None:
    """Delete a person with all objects and their keys. Raises ErasureRefusedError."""
    if refusal := refusal_of(user):
        raise ErasureRefusedError(refusal)
    with ExitStack() as frames:
        for frame in _frames:
            frames.enter_context(frame())
        for eraser in (*_erasers, *_last_erasers):
            eraser(user)
    user.end_sessions()
    user.delete()
