"""Which lines of a record are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict

from audit.models import Action, Line

# Beside people: who opened something by its private link, and what the server did by itself.
LINK, SERVER = "link", "server"
_NOBODY = (LINK, SERVER)
# What nobody with an account does is done by its private link, or by the server.
_LINK_ACTIONS = (Action.LINK_OPENED, Action.ITEM_EXPORTED, Action.ITEM_CORRECTED)
_DELETED_BY_LINK = Q(action=Action.ITEM_DELETED) & ~Q(detail__has_key="why")
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; what makes no sense in an address counts as not asked.

    who:   id of an account, "link" or "server"; "" is anybody
    item:  a public id
    since, until: days, both included
    """

    who: str = ""
    action: str = ""
    item: str = ""
    since: date | None = None
    until: date | None = None

    @property
    def is_set(self) -> bool:
        """Say whether anything is left out."""
        return self != Filters()

    def of(self, lines: QuerySet[Line]) -> QuerySet[Line]:
        """Return the lines that are asked for."""
        if self.who in _NOBODY:
            is_link = Q(action__in=_LINK_ACTIONS) | _DELETED_BY_LINK
            lines = lines.filter(is_link if self.who == LINK else ~is_link, actor=None)
        elif self.who:
            lines = lines.filter(actor=int(self.who))
        if self.action:
            lines = lines.filter(action=self.action)
        if self.item:
            lines = lines.filter(thing=self.item)
        if self.since:
            lines = lines.filter(at__gte=_begin(self.since))
        if self.until:
            lines = lines.filter(at__lt=_begin(self.until + timedelta(days=1)))
        return lines

    def query(self, **more: str) -> str:
        """Return them as they stand in an address."""
        said = {
            "who": self.who,
            "action": self.action,
            "item": self.item,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        } | more
        return urlencode({name: value for name, value in said.items() if value})


def is_by_link(line: Line) -> bool:
    """Say whether the holder of a private link did something, as no person of an account did."""
    is_deleted = line.action == Action.ITEM_DELETED and "why" not in line.detail
    return line.actor is None and (line.action in _LINK_ACTIONS or is_deleted)


def read_filters(asked: QueryDict) -> Filters:
    """Return what an address asks for."""
    who, action = asked.get("who", ""), asked.get("action", "")
    is_person = who.isascii() and who.isdigit() and len(who) <= _MOST_DIGITS
    return Filters(
        who=who if is_person or who in _NOBODY else "",
        action=action if action in Action.values else "",
        item=_pid(asked.get("item", "")),
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
    )


def _pid(written: str) -> str:
    """Return the public id in what was typed: the id itself, or an address of the item."""
    path = written.strip().replace("\0", "").partition("?")[0].rstrip("/")
    for word in ("/original/canvas", "/original", "/links", "/raw"):
        path = path.removesuffix(word)
    return path.rpartition("/")[2][:40]


def _day(written: str) -> date | None:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    return day if 2000 <= day.year < 9000 else None


def _begin(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
