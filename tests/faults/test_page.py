"""What a person sees while the database is away: a sentence, and then the page by itself."""

from __future__ import annotations

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.faults.machine import Machine
from tests.faults.test_parts import LONG

pytestmark = pytest.mark.browser
PATIENCE_MS = 120_000
AWAY = "A part of the server is not running"


def test_a_page_that_waits_comes_back_by_itself(whole: Machine, page: Page) -> None:
    """The reader does nothing; engine, database and web die one after the other."""
    page.goto(whole.url)
    page.fill("textarea[name=text]", LONG + "Ask ann.lee@mail.example.")
    page.locator("#send").click()
    expect(page.locator("body")).to_contain_text("scann", ignore_case=True, timeout=PATIENCE_MS)
    for part in ("engine", "postgres", "web"):
        whole.kill(part)
        whole.wait_for(part)
    expect(page.locator("#public-url")).to_be_visible(timeout=PATIENCE_MS)


def test_a_page_asked_for_meanwhile_says_why_and_comes_later(whole: Machine, page: Page) -> None:
    postgres, supervisor = whole.wait_for("postgres"), psutil.Process(whole.process.pid)
    supervisor.suspend()  # so that nobody starts it again
    try:
        postgres.kill()
        page.goto(f"{whole.url}/documents/NoSuchDocument00", timeout=PATIENCE_MS)
        expect(page.locator("h1")).to_contain_text(AWAY)
    finally:
        supervisor.resume()
    # It asks again by itself, and is told what holds now: there is no such document.
    expect(page.locator("h1")).not_to_contain_text(AWAY, timeout=PATIENCE_MS)
