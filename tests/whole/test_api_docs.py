"""The page of the API in a real browser, under the server's own policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.whole.conftest import Server
from tests.whole.test_browser import clean_page

__all__ = ("clean_page",)
pytestmark = pytest.mark.browser


def test_a_call_is_tried_out_on_the_page(clean_page: Page, server: Server) -> None:
    page = clean_page
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((server.url, "data:")) else elsewhere.append(request.url)
        ),
    )
    page.goto(f"{server.url}/api/docs/")
    operation = page.locator("#operations-redaction-redact")
    operation.locator(".opblock-summary").click()
    operation.locator(".try-out__btn").click()
    operation.locator(".execute").click()
    answer = operation.locator(".live-responses-table tbody .response-col_description")
    expect(answer).to_contain_text("[PERSON_1] called.", timeout=30_000)
    assert elsewhere == []
