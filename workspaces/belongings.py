"""What a workspace's people own in it: counted, handed over, deleted by the apps that keep it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User


@dataclass(frozen=True, slots=True)
class Belongings:
    """One kind of thing, as its app answers for it. Workspaces are named by their ids.

    one, many:  what people call it
    owned_by:   how many a person owns, by workspace; what lies in the trash counts
    hand_over:  make all that one person owns in a workspace another's; returns how many
    delete_all: delete all there is in a workspace, with files and keys, for a person
    ends_by:    how many end before each of some moments, in order
    """

    one: str
    many: str
    owned_by: Callable[[User], Mapping[str, int]]
    hand_over: Callable[[str, User, User], int]
    delete_all: Callable[[str, User], None]
    ends_by: Callable[[str, Sequence[datetime]], Sequence[int]]


_kinds: list[Belongings] = []


def register_belongings(kind: Belongings) -> None:
    """Make a kind of thing known; apps do this once when loaded."""
    _kinds.append(kind)


def hand_over(wid: str, giver: User, taker: User) -> int:
    """Make everything that a person owns in a workspace another's; returns how many things."""
    return sum(kind.hand_over(wid, giver, taker) for kind in _kinds)


def delete_all(wid: str, by: User) -> None:
    """Delete everything there is in a workspace, with files and keys, for a person."""
    for kind in _kinds:
        kind.delete_all(wid, by)


def owned_by(user: User) -> dict[str, list[str]]:
    """Return what a person owns by workspace, in words: `{"wid": ["3 texts", "1 document"]}`."""
    said: dict[str, list[str]] = {}
    for kind in _kinds:
        for wid, count in kind.owned_by(user).items():
            words = said.setdefault(wid, [])
            words.append(f"{count:,} {kind.one if count == 1 else kind.many}")
    return said


def ends_by(wid: str, moments: Sequence[datetime]) -> list[int]:
    """Return how many things of a workspace end before each of some moments."""
    columns = [kind.ends_by(wid, moments) for kind in _kinds]
    return [sum(column[number] for column in columns) for number in range(len(moments))]
