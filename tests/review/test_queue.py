"""The queue: the most doubtful first, filters, and a constant number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Action, Line
from review import services
from review.models import Verdict
from tests.review.conftest import Item, MakeItem
from tests.workspaces.cast import Team

pytestmark = pytest.mark.django_db


def pids_in(team: Team, show: str = "all", who: str = "rita") -> list[str]:
    """The items of the queue in their order."""
    page = team.browsers[who].get(team.path("review:queue") + f"?show={show}").content.decode()
    return re.findall(r'class="title" href="/w/[\w-]+/review/([\w-]{16})', page)


def queries(team: Team, path: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert team.browsers["rita"].get(path).status_code == 200
    return len(captured)


def test_the_most_doubtful_come_first_and_what_is_decided_goes(
    team: Team, make_item: MakeItem
) -> None:
    sure, doubtful = make_item(), make_item()
    entry: Any = doubtful.now.entry
    entry.lowest_score = 0.31
    entry.save(update_fields=["lowest_score"])
    assert pids_in(team) == [doubtful.pid, sure.pid]
    for span in sure.spans:
        sure.decide("rita", Verdict.ACCEPT, span)
    assert pids_in(team) == [doubtful.pid]


def test_filters(team: Team, make_item: MakeItem) -> None:
    mine, nobodys = make_item(), make_item()
    mine.assign("rita")
    assert pids_in(team, "mine") == [mine.pid]
    assert pids_in(team, "unassigned") == [nobodys.pid]
    assert pids_in(team, "approval") == []
    assert set(pids_in(team, "nonsense")) == {mine.pid, nobodys.pid}


def test_only_who_may_decide_is_assigned(item: Item) -> None:
    for name in ("victor", "charlie"):
        with pytest.raises(services.AssignError):
            item.assign(name)
    for name in ("victor", "charlie", "nobody"):
        with pytest.raises(services.AssignError):
            services.reviewer_named(item.team.wid, name)
    assert item.now.entry.assignee is None  # type: ignore[union-attr]


def test_who_chose_a_reviewer_is_recorded_once_for_each_change(team: Team, item: Item) -> None:
    rita, eddie = team.people["rita"], team.browsers["eddie"]
    for name in ("rita", "rita", ""):
        assert eddie.post(item.path("assign"), {"to": name}).status_code == 302
    lines = Line.objects.filter(workspace=team.wid, action=Action.ITEM_ASSIGNED).order_by("number")
    said = [(line.actor, line.thing, line.detail["to"]) for line in lines]
    actor = team.people["eddie"].pk
    assert said == [(actor, item.pid, rita.pk), (actor, item.pid, None)]


def test_what_is_withheld_expired_or_in_the_trash_is_not_listed(
    team: Team, make_item: MakeItem
) -> None:
    hidden, expired, trashed = make_item(), make_item(), make_item()
    model: Any = type(hidden.row)
    model.objects.filter(pk=hidden.pid).update(withheld="down")
    past = timezone.now() - timedelta(seconds=1)
    expired.now.end_at(past)
    entry: Any = trashed.now.entry
    entry.trashed_at = past
    entry.save(update_fields=["trashed_at"])
    assert pids_in(team) == []


def test_the_queue_takes_as_many_queries_for_many_as_for_few(
    team: Team, make_item: MakeItem
) -> None:
    make_item()
    path = team.path("review:queue")
    queries(team, path)
    few = queries(team, path)
    for _ in range(6):
        make_item().assign("rita")
    assert queries(team, path) == few


def test_an_item_takes_as_many_queries_with_many_decisions_as_with_one(
    team: Team, item: Item
) -> None:
    first, *rest = item.spans
    item.decide("olga", Verdict.ACCEPT, first)
    services.comment(item=item.now, key=item.key, author=team.people["olga"], text="One.")
    queries(team, item.path("item"))
    few = queries(team, item.path("item"))
    for span, who in zip(rest, ["rita", "eddie"] * 9, strict=False):
        item.decide(who, Verdict.ACCEPT, span)
        services.comment(item=item.now, key=item.key, author=team.people[who], text="More.")
    assert queries(team, item.path("item")) == few


def test_the_next_item_is_the_next_in_the_filter(team: Team, make_item: MakeItem) -> None:
    first, second, third = make_item(), make_item(), make_item()
    for one in (first, third):
        one.assign("rita")
    page = team.browsers["rita"].get(first.path("item") + "?show=mine").content.decode()
    following = re.search(r'rel="next" href="[^"]*/([\w-]{16})\?show=mine"', page)
    assert following
    assert following[1] == third.pid
    assert second.pid not in page
