"""A law office in real browsers, from the first invitation to the record of all that was done."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.whole.conftest import Server
from tests.whole.test_workspaces import make_account

pytestmark = pytest.mark.browser
TEAM = "Kanzlei Hofmann"
NAME = "Margarethe Lindqvist"
LETTER = (
    f"Dear {NAME},\n\nyour parcel went to the wrong street. Please write to "
    "m.lindqvist@posteo.example, or call +31 6 5550 1472.\n"
)


@pytest.fixture
def office(browser: Browser) -> Iterator[tuple[Page, Page, Page, Page]]:
    """Owner, editor, reviewer and a stranger; a script error in any browser fails the test."""
    problems: list[str] = []
    pages = []
    for _ in range(4):
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.set_default_timeout(30_000)
        pages.append(page)
    yield pages[0], pages[1], pages[2], pages[3]
    for page in pages:
        page.context.close()
    assert problems == []


def invite(owner: Page, guest: Page, wid: str, server: Server, role: str) -> None:
    """Let the owner make a link, and the guest join by it."""
    owner.goto(f"{server.url}/w/{wid}/members")
    owner.locator("form.invite select[name=role]").select_option(role)
    owner.get_by_role("button", name="Make a link").click()
    guest.goto(owner.input_value("#invitation-url"))
    guest.get_by_role("link", name="Make an account").click()
    make_account(guest)
    guest.get_by_role("button", name=re.compile("^Join as")).click()
    expect(guest.locator(".workspace-name")).to_have_text(TEAM)


def test_invite_upload_review_approve_share_reveal_audit(
    office: tuple[Page, Page, Page, Page], server: Server
) -> None:
    olga, eddie, rita, stranger = office
    olga.goto(server.url + "/accounts/signup/")
    make_account(olga)
    olga.goto(server.url + "/workspaces/")
    olga.fill("input[name=name]", TEAM)
    olga.get_by_role("button", name="Make it").click()
    found = re.search(r"/w/([\w-]+)/", olga.url)
    assert found
    wid = found[1]

    # A policy that lets nothing out before somebody else has looked.
    olga.goto(f"{server.url}/w/{wid}/policies/")
    olga.get_by_role("link", name="New policy").click()
    olga.fill("input[name=name]", "Letters")
    olga.get_by_label("Nothing is shared before somebody has approved it").check()
    olga.get_by_role("button", name="Make policy").click()
    expect(olga.locator("h1")).to_contain_text("Letters")

    invite(olga, eddie, wid, server, "editor")
    invite(olga, rita, wid, server, "reviewer")

    # Upload: the links are there, and the public one shows nothing yet.
    eddie.goto(server.url + "/documents/")
    eddie.select_option("#where", label=TEAM)
    eddie.locator("#policy").select_option(label="Letters")
    file = {"name": "letter.txt", "mimeType": "text/plain", "buffer": LETTER.encode()}
    eddie.set_input_files("#file", files=[file])
    eddie.wait_for_selector("#private-url", timeout=60_000)
    public, private = eddie.input_value("#public-url"), eddie.input_value("#private-url")
    for link in (public, private):
        answer = stranger.goto(link)
        assert answer is not None
        assert answer.status == 404
        assert "parcel" not in stranger.content()

    # Review by keyboard alone: from the queue through every mark to the approval.
    rita.goto(f"{server.url}/w/{wid}/review/")
    start = rita.get_by_role("link", name="Start reviewing")
    start.focus()
    rita.keyboard.press("Enter")
    rita.wait_for_selector("#reader")
    rita.wait_for_function("document.readyState === 'complete'")
    marks = rita.locator("#marks")
    undecided = int(marks.get_attribute("data-undecided") or 0)
    assert undecided > 1
    for left in range(undecided - 1, -1, -1):
        rita.keyboard.press("a")
        expect(marks).to_have_attribute("data-undecided", str(left))
    rita.keyboard.press("Control+Enter")
    expect(rita.locator("#status")).to_contain_text("Approved by")

    # Share and reveal.
    stranger.goto(public)
    expect(stranger.locator("article").first).to_contain_text(
        "your parcel went to the wrong street"
    )
    assert "Lindqvist" not in stranger.content()
    stranger.goto(private)
    expect(stranger.locator("[data-pane=original]")).to_contain_text(NAME)
    assert "token" not in stranger.url

    # The record tells all of it, in order and whole; a reviewer is not shown it.
    olga.goto(f"{server.url}/w/{wid}/record")
    told = olga.locator("table.record").inner_text()
    for said in ("made the workspace", "made a policy", "joined", "added", "approved"):
        assert said in told, said
    assert "by the private link" in told
    assert "Lindqvist" not in olga.content()
    olga.get_by_role("button", name="Check all lines").click()
    expect(olga.locator(".record-state")).to_contain_text("Whole.")
    refused = rita.goto(f"{server.url}/w/{wid}/record")
    assert refused is not None
    assert refused.status == 404
