"""The list in a real browser: search while typing, chosen rows, what asks first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from entries.models import Entry, SavedView
from tests.library.world import MakeIn, entry_of
from tests.pastebin.world import Made, committed
from tests.workspaces.cast import Team

pytestmark = [pytest.mark.browser, committed]


@pytest.fixture
def five(team: Team, make_in: MakeIn) -> list[Made]:
    """Five pastes, the newest last."""
    words = ("lighthouse", "lightning", "harbour", "harvest", "quiet")
    return [make_in(team, f"All about a {word}.", title=word.title()) for word in words]


@pytest.fixture
def eddie(
    page: Page, team: Team, five: list[Made], live_server: Any, monkeypatch: Any
) -> Iterator[Page]:
    """Eddie's browser on the list; any script error or broken policy fails the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.set_default_timeout(30_000)
    session = team.browsers["eddie"].cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(live_server.url + team.path("library:items"))
    yield page
    assert problems == []


def test_the_list_follows_what_is_typed_and_chosen(eddie: Page) -> None:
    eddie.locator("#q").press_sequentially("light")
    expect(eddie.locator("#item_table")).to_have_attribute("data-count", "2")
    expect(eddie.locator("#found")).to_have_text("2 items")
    expect(eddie.locator(".excerpt mark")).to_have_text(["light", "light"])
    assert eddie.url.endswith("q=light&sort=&kind=&state=&review=&who=&ends=")
    expect(eddie.locator("#q")).to_be_focused()
    eddie.get_by_label("Kind").select_option("document")
    expect(eddie.locator("#item_table")).to_contain_text("Nothing here has these words.")
    eddie.get_by_text("Save this view").click()
    eddie.get_by_label("Name, for you alone").fill("Light documents")
    eddie.get_by_role("button", name="Save", exact=True).click()
    expect(eddie.locator(".saved-views")).to_contain_text("Light documents")
    assert SavedView.objects.get().query == "q=light&kind=document"


def test_what_is_done_to_chosen_rows_shows_once_some_are(
    eddie: Page, team: Team, five: list[Made]
) -> None:
    bar, boxes = eddie.locator("#bulk-bar"), eddie.locator("#bulk input[name=pid]")
    expect(bar).to_be_hidden()
    boxes.nth(1).check()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(eddie.locator("#bulk-count")).to_have_text("3 chosen")
    boxes.nth(2).uncheck()
    bar.locator("summary", has_text="Reviewer").click()
    bar.get_by_label("Assign to").select_option(label="rita")
    bar.get_by_role("button", name="Assign").click()
    expect(eddie.locator(".notices")).to_have_text("2 items assigned to rita.")
    assigned = Entry.objects.filter(assignee=team.people["rita"])
    assert set(assigned.values_list("pid", flat=True)) == {five[3].pid, five[1].pid}


def test_deleting_for_good_asks_first(eddie: Page, five: list[Made]) -> None:
    eddie.get_by_label("Choose all of this page").check()
    expect(eddie.locator("#bulk-count")).to_have_text("5 chosen")
    eddie.get_by_role("button", name="Trash").click()
    expect(eddie.locator(".notices")).to_contain_text("5 items put into the trash.")
    eddie.locator(".library-side").get_by_text("Trash").click()
    eddie.get_by_label("Choose Quiet").check()
    eddie.get_by_role("button", name="Delete for good").click()
    dialog = eddie.get_by_role("dialog")
    expect(dialog).to_contain_text("Nobody can bring them back.")
    dialog.get_by_role("button", name="Keep them").click()
    expect(dialog).to_be_hidden()
    assert five[4].exists
    eddie.get_by_role("button", name="Delete for good").click()
    dialog.get_by_role("button", name="Delete for good").click()
    expect(eddie.locator(".notices")).to_have_text("1 item deleted for good.")
    assert not five[4].exists
    eddie.get_by_label("Choose Harvest").check()
    eddie.get_by_role("button", name="Restore").click()
    expect(eddie.locator(".notices")).to_contain_text("1 item restored.")
    assert entry_of(five[3]).trashed_at is None
