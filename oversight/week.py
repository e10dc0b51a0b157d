"""What happened in a workspace in seven days: figures that PostgreSQL adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection
from django.db.models import Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from anonymizer.categories import CATEGORIES, Category, category_of
from entries.models import Entry, EntryQuerySet, Kind
from review.models import Decision, Verdict

DAYS = 7
# How far back one may turn the pages.
MOST_WEEKS = 520


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days, in UTC. back: how many weeks before the last seven days."""

    back: int
    first: date

    @property
    def days(self) -> list[date]:
        """All seven."""
        return [self.first + timedelta(days=number) for number in range(DAYS)]

    @property
    def last(self) -> date:
        """The seventh."""
        return self.first + timedelta(days=DAYS - 1)

    @property
    def begin(self) -> datetime:
        """The moment at which it begins."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The moment at which it is over."""
        return self.begin + timedelta(days=DAYS)


@dataclass(frozen=True, slots=True)
class DayCount:
    """Items that were added on a day, by kind."""

    day: date
    by_kind: Mapping[Kind, int]

    @property
    def total(self) -> int:
        """Of all kinds."""
        return sum(self.by_kind.values())


@dataclass(frozen=True, slots=True)
class Readiness:
    """How long items of a kind took from being added until they could be shared, in seconds."""

    kind: Kind
    items: int
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Weakness:
    """What people changed of what was detected in a category.

    missed:  places that people hid
    wrong:   places that people showed again
    renamed: places whose category people changed to another one
    kept:    places that people confirmed
    """

    category: Category
    missed: int
    wrong: int
    renamed: int
    kept: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a week. spans: hidden places by category, those of none left out."""

    week: Week
    spans: Sequence[Category]
    days: Sequence[DayCount]
    readiness: Sequence[Readiness]
    weaknesses: Sequence[Weakness]

    @property
    def items(self) -> int:
        """How many items were added."""
        return sum(day.total for day in self.days)

    @property
    def hidden(self) -> int:
        """How many places are hidden in them."""
        return sum(category.count for category in self.spans)

    @property
    def is_empty(self) -> bool:
        """Say whether nothing happened."""
        return not (self.items or self.weaknesses)


def week_of(back: int) -> Week:
    """Return the last seven days, today included, or the seven so many weeks before."""
    today = timezone.now().astimezone(UTC).date()
    return Week(back, today - timedelta(days=DAYS - 1 + DAYS * back))


def figures_of(wid: str, week: Week) -> Figures:
    """Return the figures of a workspace's week; four queries."""
    return Figures(
        week=week,
        spans=_spans(wid, week),
        days=_days(wid, week),
        readiness=_readiness(wid, week),
        weaknesses=_weaknesses(wid, week),
    )


def _spans(wid: str, week: Week) -> list[Category]:
    """Return hidden places by category, the usual ones in their order and then the others."""
    sql = (
        "SELECT label, SUM(places::bigint)::bigint"
        " FROM entries_entry, jsonb_each_text(counts) AS found(label, places)"
        " WHERE workspace_id = %s AND created_at >= %s AND created_at < %s GROUP BY label"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [wid, week.begin, week.end])
        found = dict(cursor.fetchall())
    return [_counted(label, found[label]) for label in _ordered(found)]


def _days(wid: str, week: Week) -> list[DayCount]:
    rows = (
        _added(wid, week)
        .annotate(day=TruncDate("created_at", tzinfo=UTC))
        .values_list("day", "kind")
        .annotate(Count("pk"))
        .order_by()
    )
    counts = {(day, kind): count for day, kind, count in rows}
    return [
        DayCount(day, {kind: counts.get((day, kind.value), 0) for kind in Kind})
        for day in week.days
    ]


def _readiness(wid: str, week: Week) -> list[Readiness]:
    sql = (
        "SELECT kind, COUNT(*),"
        " percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP"
        " (ORDER BY EXTRACT(EPOCH FROM ready_at - created_at)::float8)"
        " FROM entries_entry WHERE workspace_id = %s AND created_at >= %s AND created_at < %s"
        " AND ready_at IS NOT NULL GROUP BY kind"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [wid, week.begin, week.end])
        found = {kind: (items, times) for kind, items, times in cursor.fetchall()}
    return [
        Readiness(kind, found[kind.value][0], *(max(time, 0.0) for time in found[kind.value][1]))
        for kind in Kind
        if kind.value in found
    ]


def _weaknesses(wid: str, week: Week) -> list[Weakness]:
    """Return decisions by the category that the detector had, or should have had."""
    decided = Decision.objects.standing().filter(
        entry__workspace=wid, at__gte=week.begin, at__lt=week.end
    )
    rows = decided.order_by().values_list("kind", "label", "former").annotate(Count("pk"))
    counts: dict[str, dict[str, int]] = {}
    for kind, label, former, count in rows:
        of = counts.setdefault((label if kind == Verdict.ADD else former) or label, {})
        of[kind] = of.get(kind, 0) + count
    return [
        Weakness(
            category_of(label),
            missed=counts[label].get(Verdict.ADD, 0),
            wrong=counts[label].get(Verdict.REJECT, 0),
            renamed=counts[label].get(Verdict.RECATEGORISE, 0),
            kept=counts[label].get(Verdict.ACCEPT, 0),
        )
        for label in _ordered(counts)
    ]


def _added(wid: str, week: Week) -> EntryQuerySet:
    in_week = Q(created_at__gte=week.begin, created_at__lt=week.end)
    return Entry.objects.filter(in_week, workspace=wid)


def _ordered(labels: Mapping[str, object]) -> list[str]:
    return [label for label in CATEGORIES if label in labels] + sorted(set(labels) - {*CATEGORIES})


def _counted(label: str, count: int) -> Category:
    named = category_of(label)
    return Category(named.label, named.name, named.tag, named.key, int(count))
