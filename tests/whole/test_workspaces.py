"""A team in real browsers: invited by a link, joined from another one, and worked in."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.whole.conftest import Server

pytestmark = pytest.mark.browser
PASSWORD = "paper ink and seven bars"


@pytest.fixture
def two(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Two browsers that know nothing of each other; a script error in either fails the test."""
    problems: list[str] = []
    pages = []
    for _ in range(2):
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.set_default_timeout(30_000)
        pages.append(page)
    yield pages[0], pages[1]
    for page in pages:
        page.context.close()
    assert problems == []


def make_account(page: Page) -> None:
    """Fill in the sign-up page that is open."""
    page.fill("input[name=username]", f"person-{secrets.token_hex(4)}")
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_selector(".switch")


def test_a_person_is_invited_joins_and_adds_to_the_team(
    two: tuple[Page, Page], server: Server
) -> None:
    olga, eddie = two
    olga.goto(server.url + "/accounts/signup/")
    make_account(olga)
    olga.goto(server.url + "/workspaces/")
    olga.fill("input[name=name]", "Kanzlei Hofmann")
    olga.get_by_role("button", name="Make it").click()
    olga.get_by_role("button", name="Make a link").click()
    link = olga.input_value("#invitation-url")

    eddie.goto(link)
    expect(eddie.locator("h1")).to_contain_text("Kanzlei Hofmann")
    eddie.get_by_role("link", name="Make an account").click()
    make_account(eddie)
    assert eddie.url == link
    eddie.get_by_role("button", name=re.compile("^Join as")).click()
    expect(eddie.locator(".workspace-name")).to_have_text("Kanzlei Hofmann")

    eddie.goto(server.url + "/documents/")
    eddie.select_option("#where", label="Kanzlei Hofmann")
    content = b"Dear Margarethe Lindqvist,\n\nyour parcel went to the wrong street."
    file = {"name": "letter.txt", "mimeType": "text/plain", "buffer": content}
    eddie.set_input_files("#file", files=[file])
    expect(eddie.locator("h1")).to_have_text("Two links, ready")
    eddie.get_by_role("link", name="Kanzlei Hofmann").click()
    eddie.get_by_role("button", name="Leave anyway").click()  # without the private link
    expect(eddie.locator(".workspace-name")).to_have_text("Kanzlei Hofmann")

    # The menu leads there from any page, and the other one of the team finds what was added.
    olga.goto(server.url)
    olga.locator(".switch > summary").click()
    olga.locator(".switch-item", has_text="Kanzlei Hofmann").click()
    olga.get_by_role("link", name="letter", exact=True).click()
    expect(olga.locator("[data-pane=original]")).to_contain_text("Margarethe Lindqvist")
    expect(olga.locator("[data-pane=original]")).to_contain_text("Kanzlei Hofmann")

    # The link was for one person, and the form remembers where the last item went.
    olga.goto(server.url + "/")
    eddie.goto(server.url + "/")
    expect(eddie.locator("#where option:checked")).to_have_text("Kanzlei Hofmann")
    expect(olga.locator("#where option:checked")).to_have_text("Personal")
    stranger = eddie.context.browser.new_context().new_page()  # type: ignore[union-attr]
    assert stranger.goto(link).status == 404  # type: ignore[union-attr]
    assert "Hofmann" not in stranger.content()
    stranger.context.close()


def test_a_device_is_signed_out_from_another(two: tuple[Page, Page], server: Server) -> None:
    here, there = two
    here.goto(server.url + "/accounts/signup/")
    make_account(here)
    name = here.locator(".who").inner_text()
    there.goto(server.url + "/accounts/login/")
    there.fill("input[name=login]", name)
    there.fill("input[name=password]", PASSWORD)
    there.locator("main").get_by_role("button", name="Sign in").click()
    there.wait_for_selector(".switch")
    here.goto(server.url + "/accounts/sessions/")
    expect(here.locator(".session-rows li")).to_have_count(2)
    expect(here.locator(".session-rows li").first).to_contain_text("This one")
    here.locator(".session-rows li").nth(1).get_by_role("button").click()
    expect(here.locator(".session-rows li")).to_have_count(1)
    there.goto(server.url + "/accounts/")
    assert "/accounts/login/" in there.url
