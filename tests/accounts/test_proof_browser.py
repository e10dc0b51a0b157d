"""Proof of work in a real browser: made by the page itself, and said where it cannot be."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from pytest_django import Settings

from documents.models import Document
from pastebin.models import Paste

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, available_apps=list(django_settings.INSTALLED_APPS)),
]


@pytest.fixture
def asked(
    page: Page, live_server: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Page]:
    """A page of a server that asks for proofs; a script error or broken policy fails the test."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    settings.PROOF_BITS = 12
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))

    def on_console(said: ConsoleMessage) -> None:
        # A refused request is shown to the user and is no error of the page.
        if said.type == "error" and "Failed to load resource" not in said.text:
            problems.append(said.text)

    page.on("console", on_console)
    page.set_default_timeout(60_000)
    page.goto(live_server.url)
    yield page
    assert problems == []


def test_a_paste_is_sent_with_its_proof(asked: Page) -> None:
    asked.locator("textarea[name=text]").fill("Nothing to hide.")
    asked.keyboard.press("Control+Enter")
    asked.wait_for_url("**/links")
    assert Paste.objects.count() == 1
    # Going back and sending again makes another proof: one is taken once.
    asked.go_back()
    asked.locator("textarea[name=text]").fill("Nothing to hide here either.")
    asked.get_by_role("button", name="Redact and get links").click()
    asked.wait_for_url("**/links")
    assert Paste.objects.count() == 2


def test_each_file_is_sent_with_its_own(asked: Page, live_server: Any) -> None:
    asked.goto(f"{live_server.url}/documents/")
    files = [
        {"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"Nothing to hide."}
        for n in range(3)
    ]
    asked.set_input_files("input[type=file]", files)  # type: ignore[arg-type]
    expect(asked.locator("#uploads .upload [hx-get]")).to_have_count(3, timeout=60_000)
    assert Document.objects.count() == 3


def test_without_javascript_the_page_says_so(
    browser: Browser, live_server: Any, settings: Settings
) -> None:
    settings.PROOF_BITS = 12
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url)
    expect(page.get_by_text("That needs JavaScript")).to_be_visible()
    page.locator("textarea[name=text]").fill("Nothing to hide.")
    page.get_by_role("button", name="Redact and get links").click()
    expect(page.get_by_text("asks for a proof of work")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value("Nothing to hide.")
    assert not Paste.objects.exists()
    context.close()


def test_many_files_wait_for_the_next_minute(
    asked: Page, live_server: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit pauses a drop of many files; none is lost."""
    settings.PROOF_BITS, settings.POSTS_PER_MINUTE = 0, 2
    late = time.time() // 60 * 60 + 58
    monkeypatch.setattr("accounts.quotas.time", SimpleNamespace(time=lambda: late))
    asked.goto(f"{live_server.url}/documents/")
    files = [
        {"name": f"{n}.txt", "mimeType": "text/plain", "buffer": b"Nothing to hide."}
        for n in range(3)
    ]
    asked.set_input_files("input[type=file]", files)  # type: ignore[arg-type]
    expect(asked.get_by_text("so many a minute")).to_be_visible()
    settings.POSTS_PER_MINUTE = 0
    expect(asked.locator("#uploads .upload [hx-get]")).to_have_count(3, timeout=120_000)
