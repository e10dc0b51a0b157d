"""What a list of items is asked for: read from its address, written back, applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q

from accounts.models import User
from entries.models import EntryQuerySet, Kind
from entries.search import matching
from library.listing import said_of
from sharing.expiry import expiry_time

LONGEST_QUERY = 200
STATES = {"ready": "Ready", "working": "Being scanned", "failed": "Failed", "down": "Taken down"}
REVIEWS = {
    "undecided": "Undecided marks",
    "waiting": "Waiting for approval",
    "approved": "Approved",
}
PEOPLE = {"mine": "Added by me", "assigned": "Assigned to me", "unassigned": "Assigned to nobody"}
ENDS = {"soon": "Ends within a day", "week": "Ends within a week", "never": "Kept"}
SORTS = {
    "": "Newest first",
    "oldest": "Oldest first",
    "title": "By title",
    "ends": "Ends soonest",
    "unsure": "Least certain first",
}
_ORDERS: dict[str, tuple[Any, ...]] = {
    "": ("-created_at", "pid"),
    "oldest": ("created_at", "pid"),
    "title": ("title", "pid"),
    "ends": (F("expires_at").asc(nulls_last=True), "pid"),
    "unsure": (F("lowest_score").asc(nulls_last=True), "-created_at", "pid"),
}
NO_FOLDER = "none"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; "" asks for nothing.

    folder: number of a folder, whose own folders count in; or NO_FOLDER
    tag, policy: their numbers
    """

    q: str = ""
    folder: str = ""
    kind: str = ""
    state: str = ""
    review: str = ""
    tag: str = ""
    policy: str = ""
    who: str = ""
    ends: str = ""
    sort: str = ""

    @classmethod
    def read(cls, params: Mapping[str, str]) -> Filters:
        """Read them from an address; what makes no sense there asks for nothing."""
        asked = {field.name: params.get(field.name, "") for field in fields(cls)}
        asked["q"] = asked["q"].strip()[:LONGEST_QUERY]
        choices: dict[str, Collection[str]] = {
            "kind": Kind.values,
            "state": STATES,
            "review": REVIEWS,
            "who": PEOPLE,
            "ends": ENDS,
            "sort": SORTS,
        }
        for name, allowed in choices.items():
            if asked[name] not in allowed:
                asked[name] = ""
        for name in ("folder", "tag", "policy"):
            is_number = asked[name].isascii() and asked[name].isdigit() and len(asked[name]) < 16
            if not is_number and not (name == "folder" and asked[name] == NO_FOLDER):
                asked[name] = ""
        return cls(**asked)

    @property
    def query(self) -> str:
        """The part of an address behind the question mark; "" if nothing is asked for."""
        return urlencode({name: value for name, value in self._given() if value})

    @property
    def narrows(self) -> bool:
        """Say whether items are left out beyond the choice of a folder."""
        return any(value for name, value in self._given() if name not in {"folder", "sort"})

    def without(self, name: str) -> Filters:
        """Return them with one thing less asked for."""
        return replace(self, **{name: ""})

    def apply(self, entries: EntryQuerySet, user: User, folders: Collection[int]) -> EntryQuerySet:
        """Return the entries that are asked for, in order.

        folders: the folder that is asked for, with all below it
        """
        entries = said_of(entries, self._needed())
        for condition in self._conditions(user, folders):
            entries = entries.filter(condition)
        return entries.order_by(*_ORDERS[self.sort])

    def _needed(self) -> list[str]:
        """Return what has to be known of the items to find and order them."""
        needed = {
            "state": self.state,
            "title": self.sort == "title",
            "owner": self.who == "mine",
            "revision": self.review in {"waiting", "approved"},
        }
        return [name for name, is_needed in needed.items() if is_needed]

    def _conditions(self, user: User, folders: Collection[int]) -> list[Q]:
        simple = {
            "kind": "kind",
            "state": "state",
            "tag": "tags",
            "policy": "policy_version__policy",
        }
        found = [
            Q((column, getattr(self, name)))
            for name, column in simple.items()
            if getattr(self, name)
        ]
        if self.q:
            found.append(matching(self.q))
        if self.folder:
            is_none = self.folder == NO_FOLDER
            found.append(Q(folder=None) if is_none else Q(folder__in=folders))
        if self.review:
            found.append(_REVIEW_CONDITIONS[self.review])
        if self.who:
            people = {"mine": Q(owner=user.pk), "assigned": Q(assignee=user)}
            found.append(people.get(self.who, Q(assignee=None)))
        if self.ends:
            spans = {"soon": "1d", "week": "7d"}
            is_kept = self.ends not in spans
            found.append(
                Q(expires_at=None) if is_kept else Q(expires_at__lt=expiry_time(spans[self.ends]))
            )
        return found

    def _given(self) -> list[tuple[str, str]]:
        return [(field.name, getattr(self, field.name)) for field in fields(self)]


_IS_APPROVED = Q(approved_revision=F("revision"))
_REVIEW_CONDITIONS = {
    "undecided": Q(undecided__gt=0),
    "waiting": Q(needs_approval=True) & (Q(approved_revision=None) | ~_IS_APPROVED),
    "approved": _IS_APPROVED,
}
