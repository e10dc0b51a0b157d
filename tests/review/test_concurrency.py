"""Two reviewers at once, in threads, on a real database: nothing is lost, the conflict is told."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection

from review.models import Decision, Verdict
from review.services import DecidedError
from tests.pastebin.world import committed
from tests.review.conftest import Item

pytestmark = committed


def at_once(*works: Any) -> list[Exception]:
    """Do several things in threads that begin together; returns what they raised."""
    barrier, errors = threading.Barrier(len(works)), list[Exception]()

    def run(work: Any) -> None:
        try:
            barrier.wait(20)
            work()
        except Exception as exc:
            errors.append(exc)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return errors


def test_decisions_on_different_places_all_hold(item: Item) -> None:
    spans = item.spans
    people = ("rita", "olga")
    errors = at_once(
        *(
            lambda who=people[number % 2], span=span: item.decide(who, Verdict.REJECT, span)
            for number, span in enumerate(spans)
        )
    )
    assert errors == []
    assert item.spans == []
    assert Decision.objects.standing().filter(kind=Verdict.REJECT).count() == len(spans)
    assert item.now.revision == len(spans)
    assert item.now.entry is not None
    assert item.now.entry.undecided == 0


def test_accepting_and_changing_at_once_count_both(item: Item) -> None:
    first, second, *rest = item.spans
    errors = at_once(
        lambda: item.decide("rita", Verdict.ACCEPT, first),
        lambda: item.decide("olga", Verdict.RECATEGORISE, second, label="secret"),
    )
    assert errors == []
    assert item.now.entry is not None
    assert item.now.entry.undecided == len(rest)


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.RECATEGORISE])
def test_on_the_same_place_one_holds_and_the_other_is_told(item: Item, verdict: Verdict) -> None:
    span = item.spans[0]
    errors = at_once(
        lambda: item.decide("rita", verdict, span, label="secret"),
        lambda: item.decide("olga", Verdict.ACCEPT, span),
    )
    assert [type(error) for error in errors] == [DecidedError]
    decision = Decision.objects.get()
    assert str(errors[0]).startswith(f"{decision.reviewer} ")
    assert "a moment ago" in str(errors[0])


def test_pages_that_know_nothing_of_each_other_both_save(item: Item) -> None:
    """Both pages show revision 0; the reviews of different places do not stop each other."""
    first, second = item.spans[:2]
    answers = []
    for who, span in (("rita", first), ("olga", second)):
        wish = {
            "verdict": "reject",
            "start": span.start,
            "end": span.end,
            "revision": 0,
            "seen": 0,
        }
        answers.append(
            item.team.browsers[who].post(
                item.path("decide"), json.dumps(wish), content_type="application/json"
            )
        )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {first, second}.isdisjoint(item.spans)
    # The second page is told of the first decision, and shown the text as it stands.
    assert "rejected by rita" in answers[1].content.decode()
    assert 'id="text"' in answers[1].content.decode()


def test_the_answer_to_a_late_decision_shows_the_conflict(item: Item) -> None:
    span = item.spans[0]
    item.decide("rita", Verdict.REJECT, span)
    wish = {"verdict": "accept", "start": span.start, "end": span.end, "revision": 0, "seen": 0}
    browser = item.team.browsers["olga"]
    late = browser.post(item.path("decide"), json.dumps(wish), content_type="application/json")
    assert late.status_code == 409
    assert 'data-message="rita rejected this a moment ago.' in late.content.decode()
    wish["seen"] = Decision.objects.latest("pk").pk
    again = browser.post(item.path("decide"), json.dumps(wish), content_type="application/json")
    assert again.status_code == 200
    assert Decision.objects.standing().count() == 2
