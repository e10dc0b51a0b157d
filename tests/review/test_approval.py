"""Approval: nothing is shared before it where a policy says so, and what four eyes mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from anonymizer.rules import Rules
from audit.models import Action, Line
from policies.services import create_policy
from review.approval import ApprovalError, approve, unapprove
from review.models import Verdict
from sharing.policies import rerun
from sharing.services import ConflictError
from tests.pastebin.world import committed
from tests.review.conftest import Item, MakeItem
from tests.workspaces.cast import Team

pytestmark = committed
MakeUnder = Callable[..., Item]


@pytest.fixture
def make_under(team: Team, make_item: MakeItem) -> MakeUnder:
    """A function that makes a text under a policy with these rules."""

    def make(**rules: Any) -> Item:
        version = create_policy(
            workspace=team.workspace, name="Press", rules=Rules(**rules), actor=team.people["olga"]
        )
        return make_item(version=version)

    return make


def approve_as(item: Item, who: str, revision: int | None = None) -> None:
    """Let one of the team approve an item as it stands."""
    now = item.now
    approve(
        item=now,
        user=item.team.people[who],
        revision=now.revision if revision is None else revision,
    )


def statuses(item: Item) -> set[int]:
    """What the public pages answer."""
    browser = Client()
    return {
        browser.get(f"/view/{item.pid}{rest}").status_code
        for rest in ("", "/raw", f"?token={'A' * 43}")
    }


def test_the_public_pages_appear_on_approval_and_go_with_the_next_change(
    make_under: MakeUnder,
) -> None:
    item = make_under(needs_approval=True)
    assert statuses(item) == {404}
    approve_as(item, "rita")
    assert statuses(item) == {200}
    item.decide("rita", Verdict.ACCEPT, item.spans[1])
    assert statuses(item) == {200}
    item.decide("rita", Verdict.REJECT, item.spans[0])
    assert statuses(item) == {404}
    approve_as(item, "rita")
    assert statuses(item) == {200}
    assert unapprove(item=item.now, user=item.team.people["olga"])
    assert statuses(item) == {404}
    actions = Line.objects.filter(thing=item.pid).order_by("number").values_list("action", "actor")
    rita, olga = item.team.people["rita"].pk, item.team.people["olga"].pk
    assert list(actions)[1:] == [
        (Action.ITEM_APPROVED, rita),
        (Action.ITEM_CORRECTED, rita),
        (Action.ITEM_APPROVED, rita),
        (Action.ITEM_UNAPPROVED, olga),
    ]


def test_nobody_approves_what_they_did_not_see(make_under: MakeUnder) -> None:
    item = make_under(needs_approval=True)
    item.decide("rita", Verdict.REJECT, item.spans[0])
    with pytest.raises(ConflictError, match="changed since you looked"):
        approve_as(item, "olga", revision=0)
    assert statuses(item) == {404}


def test_four_eyes(make_under: MakeUnder) -> None:
    item = make_under(needs_approval=True, needs_two=True)
    with pytest.raises(ApprovalError, match="somebody else than who added it"):
        approve_as(item, "eddie")
    item.decide("rita", Verdict.ACCEPT, item.spans[0])
    with pytest.raises(ApprovalError, match="only you have decided"):
        approve_as(item, "rita")
    item.decide("olga", Verdict.ACCEPT, item.spans[1])
    approve_as(item, "rita")
    assert statuses(item) == {200}


def test_a_refusal_is_a_sentence_on_the_page(make_under: MakeUnder) -> None:
    item = make_under(needs_approval=True, needs_two=True)
    browser = item.team.browsers["eddie"]
    answer = browser.post(item.path("approve"), {"revision": "0"}, follow=True)
    assert "somebody else than who added it approves it" in answer.content.decode()
    assert item.now.awaits_approval


def test_pages_say_that_nobody_has_reviewed_until_somebody_has(make_under: MakeUnder) -> None:
    item = make_under(shows_unreviewed=True)
    browser, words = Client(), "Nobody has reviewed this yet"
    assert words in browser.get(f"/view/{item.pid}").content.decode()
    member = item.team.browsers["victor"].get(f"/view/{item.pid}")
    assert words in member.content.decode()
    for span in item.spans:
        assert words in browser.get(f"/view/{item.pid}").content.decode()
        item.decide("rita", Verdict.ACCEPT, span)
    assert words not in browser.get(f"/view/{item.pid}").content.decode()


def test_approving_counts_as_a_review(make_under: MakeUnder) -> None:
    item = make_under(shows_unreviewed=True)
    approve_as(item, "rita")
    assert "Nobody has reviewed" not in Client().get(f"/view/{item.pid}").content.decode()


def test_members_are_told_that_it_waits(make_under: MakeUnder) -> None:
    item = make_under(needs_approval=True)
    for path in (f"/view/{item.pid}/original", f"/view/{item.pid}/links"):
        page = item.team.browsers["eddie"].get(path).content.decode()
        assert "Not shared yet" in page, path
        assert "it waits for approval" in page, path
    approve_as(item, "rita")
    page = item.team.browsers["eddie"].get(f"/view/{item.pid}/links").content.decode()
    assert "Approved by" in page
    assert "rita" in page


def test_what_was_decided_stays_so_under_another_policy(make_under: MakeUnder) -> None:
    item = make_under(shows_unreviewed=True)
    team = item.team
    rejected, *kept = item.spans
    item.decide("rita", Verdict.REJECT, rejected)
    for span in kept:
        item.decide("rita", Verdict.ACCEPT, span)
    again = create_policy(
        workspace=team.workspace,
        name="Other",
        rules=Rules(needs_approval=True),
        actor=team.people["olga"],
    )
    rerun(item.now, item.key, again, team.people["olga"])
    entry = item.now.entry
    assert entry is not None
    assert (entry.undecided, entry.needs_approval) == (0, True)
    assert [(s.start, s.end) for s in item.spans] == [(s.start, s.end) for s in kept]
