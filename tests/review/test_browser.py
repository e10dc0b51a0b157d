"""Reviewing in a real browser, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, expect

from anonymizer.rules import Rules
from policies.services import create_policy
from review.models import Decision, Verdict
from tests.pastebin.world import NAME, committed
from tests.review.conftest import Item, MakeItem
from tests.workspaces.cast import Team

pytestmark = [pytest.mark.browser, committed]


@pytest.fixture
def reviewer(page: Page, team: Team, live_server: Any, monkeypatch: Any) -> Iterator[Page]:
    """Rita's browser; any script error or broken policy fails the test."""
    # The browser's own loop runs in this thread; the tests' queries do not run in it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(30_000)
    session = team.browsers["rita"].cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    yield page
    assert problems == []


@pytest.fixture
def waiting(team: Team, make_item: MakeItem) -> list[Item]:
    """Two texts that nobody outside may see before somebody approved them."""
    rules = Rules(needs_approval=True, shows_unreviewed=True)
    version = create_policy(
        workspace=team.workspace, name="Press", rules=rules, actor=team.people["olga"]
    )
    return [make_item(version=version), make_item(f"Note on {NAME}.", version=version)]


def test_a_text_is_reviewed_and_approved_without_a_mouse(
    reviewer: Page, waiting: list[Item], team: Team, live_server: Any
) -> None:
    page, (first, second) = reviewer, waiting
    assert Client().get(f"/view/{first.pid}").status_code == 404
    page.goto(live_server.url + team.path("review:queue"))
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.wait_for_selector(".mark-line[aria-current]")
    marks = len(first.spans)
    lines = page.locator(".mark-line")
    expect(lines).to_have_count(marks)
    page.keyboard.press("r")  # the first: a false alarm
    page.keyboard.press("8")  # the second: a secret
    for _ in range(marks - 2):
        page.keyboard.press("a")
    expect(page.locator("#approve")).to_be_focused()
    expect(page.locator("#live")).to_contain_text("All marks are decided")
    kinds = list(Decision.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["reject", "recategorise", *["accept"] * (marks - 2)]
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_contain_text("Approved by rita")
    expect(page.locator('.review-head a[rel="next"]')).to_be_focused()
    assert Client().get(f"/view/{first.pid}").status_code == 200
    page.keyboard.press("]")
    page.wait_for_url(re.compile(second.pid))
    expect(page.locator(".review-head")).to_contain_text("1 of 1 in the queue")


def test_a_decision_is_taken_back_and_commented_on_by_keys(
    reviewer: Page, item: Item, live_server: Any
) -> None:
    page = reviewer
    page.goto(live_server.url + item.path("item"))
    page.wait_for_selector(".mark-line[aria-current]")
    page.keyboard.press("r")
    expect(page.locator(".mark-line.is-rejected")).to_have_count(1)
    page.keyboard.press("u")
    expect(page.locator(".mark-line.is-undecided")).to_have_count(len(item.spans))
    page.keyboard.press("c")
    page.keyboard.type("Is this the client?")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".comments")).to_contain_text("Is this the client?")
    expect(page.locator(".span.on")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_conflict_is_shown_and_can_be_decided_knowingly(
    reviewer: Page, item: Item, live_server: Any
) -> None:
    page, span = reviewer, item.spans[0]
    page.goto(live_server.url + item.path("item"))
    line = page.locator(f'.mark-line[data-from="{span.start}"]')
    line.click()
    item.decide("olga", Verdict.REJECT, span)
    page.keyboard.press("a")
    expect(page.locator("#conflict")).to_contain_text("olga rejected this a moment ago")
    expect(line).to_have_attribute("data-state", "rejected")
    page.keyboard.press("a")
    expect(line).to_have_attribute("data-state", "added")
    assert (span.start, span.end) in {(one.start, one.end) for one in item.spans}
