"""Documents in a real browser, against the whole server: dropped in, read, corrected, handed on."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.whole.conftest import Server

pytestmark = pytest.mark.browser
NAME = "Margarethe Lindqvist"
MAIL = "m.lindqvist@posteo.example"
READY_MS = 90_000
PAGES = (
    (
        f"This agreement is made with {NAME}.",
        f"Letters go to {MAIL} only.",
        "The parcel stays at the depot.",
    ),
    ("Nothing private stands on this page.", "It is about scales and their weights."),
    (f"Signed in Delft by {NAME}.", "The parcel is opened by two people."),
)


@pytest.fixture
def clean_page(page: Page) -> Iterator[Page]:
    """A page on which any script error or broken policy fails the test."""
    problems: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        # A refused request is shown to the user and is no error of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(30_000)
    yield page
    assert problems == []


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """A PDF of three pages."""
    document = pymupdf.open()
    for lines in PAGES:
        page = document.new_page()
        for number, line in enumerate(lines):
            page.insert_text((72, 96 + 48 * number), line)
    path = tmp_path / "contract.pdf"
    document.save(path)
    return path


def hand_in(page: Page, server: Server, path: Path) -> tuple[str, str]:
    """Choose one file and return its public and its private link."""
    page.goto(f"{server.url}/documents/")
    page.set_input_files("#file", path)
    page.wait_for_selector("#private-url", timeout=READY_MS)
    return page.input_value("#public-url"), page.input_value("#private-url")


def read(page: Page, private: str) -> None:
    """Open a private link and wait until the reader takes keys."""
    page.goto(private)
    page.wait_for_selector(".steps.js-only:visible")
    page.wait_for_function("() => document.readyState === 'complete' && document.hasFocus()")


def test_a_pdf_is_read_and_handed_on_clean(
    clean_page: Page, server: Server, contract: Path, tmp_path: Path
) -> None:
    page = clean_page
    public, private = hand_in(page, server, contract)
    read(page, private)
    expect(page.locator("[data-pane=original]")).to_contain_text(NAME)
    expect(page.locator("#clean[data-state=ready]")).to_be_visible(timeout=READY_MS)
    with page.expect_download() as download:
        page.locator("#clean a.btn").click()
    clean = tmp_path / "clean.pdf"
    download.value.save_as(clean)
    text = "".join(sheet.get_text() for sheet in pymupdf.open(clean))
    assert "The parcel stays at the depot." in text
    assert "Lindqvist" not in text
    page.goto(public)
    expect(page.locator("article")).to_contain_text("scales and their weights")
    assert "Lindqvist" not in page.content()
    certificate = json.loads(page.request.get(public + "/certificate").body())
    assert certificate["clean_sha256"] == hashlib.sha256(clean.read_bytes()).hexdigest()
    page.goto(f"{server.url}/documents/verify")
    page.set_input_files("input[name=file]", clean)
    payload = json.dumps(certificate).encode()
    sent = {"name": "c.json", "mimeType": "application/json", "buffer": payload}
    page.set_input_files("input[name=certificate]", files=[sent])
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("unchanged since")


def test_several_files_at_once_each_with_its_own_progress(
    clean_page: Page, server: Server, tmp_path: Path
) -> None:
    page = clean_page
    letter, notes, empty = (tmp_path / name for name in ("letter.txt", "notes.md", "empty.pdf"))
    letter.write_text(f"Dear {NAME}, the parcel is here.")
    notes.write_text(f"# Notes\n\n- Write to {MAIL}\n")
    empty.write_bytes(b"")
    page.goto(f"{server.url}/documents/")
    page.set_input_files("#file", [letter, notes, empty])
    rows = page.locator(".upload")
    expect(rows).to_have_count(3)
    for number in (0, 1):
        row = rows.nth(number)
        expect(row.get_by_role("link", name="Two links")).to_be_visible(timeout=READY_MS)
    expect(rows.nth(2)).to_contain_text("This file is empty")
    rows.nth(2).get_by_role("button", name="Remove").click()
    expect(rows).to_have_count(2)
    rows.nth(0).get_by_role("link", name="Two links").click()
    expect(page.locator("#private-url")).to_be_visible()


def test_a_pdf_dropped_on_the_paste_page_goes_to_documents(
    clean_page: Page, server: Server, contract: Path
) -> None:
    page = clean_page
    page.goto(server.url)
    page.set_input_files("#file", contract)
    page.wait_for_url("**/documents/*/links")
    expect(page.locator("#private-url")).to_be_visible(timeout=READY_MS)


def test_page_and_text_lead_each_other(clean_page: Page, server: Server, contract: Path) -> None:
    page = clean_page
    page.set_viewport_size({"width": 1440, "height": 900})
    _, private = hand_in(page, server, contract)
    read(page, private)
    now = page.locator("[data-page-now]")
    expect(page.locator(".page-svg[data-number='1']")).to_be_visible()
    expect(page.locator(".page-svg image")).to_have_attribute("href", re.compile(r"/1\.png\?w="))
    page.locator("[data-pane=original] .span", has_text=NAME).last.click()
    expect(now).to_have_text("3")
    box = page.locator(".page-svg[data-number='3'] .hit.cur")
    expect(box).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect(now).to_have_text("2")
    page.keyboard.press("[")
    page.locator(".page-svg[data-number='1'] .hit.private_email").click()
    expect(page.locator("#pop")).to_contain_text(MAIL)
    expect(page.locator("[data-pane=original] .span.on")).to_have_text(MAIL)


def test_corrections_follow_to_page_file_and_public_page(
    clean_page: Page, server: Server, contract: Path
) -> None:
    page = clean_page
    public, private = hand_in(page, server, contract)
    read(page, private)
    marks = page.locator("[data-pane=original] .span")
    before = marks.count()
    first = page.locator("#leaf-1").element_handle()
    page.evaluate(
        """words => {
            const block = [...document.querySelectorAll("#leaf-2 [data-start]")][0];
            const range = document.createRange();
            const at = block.firstChild.data.indexOf(words);
            range.setStart(block.firstChild, at);
            range.setEnd(block.firstChild, at + words.length);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        "private",
    )
    page.mouse.move(300, 300)
    page.keyboard.press("Shift")
    expect(page.locator("#fixbar")).to_be_visible()
    page.keyboard.press("8")
    expect(marks).to_have_count(before + 1)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    # Only the page that changed came anew.
    assert first is not None
    assert first.evaluate("leaf => leaf.isConnected")
    assert "Nothing <SECRET> stands" in page.request.get(public + "/raw").text()
    expect(page.locator("#clean[data-state=ready]")).to_be_visible(timeout=READY_MS)
    page.keyboard.press("Control+z")
    expect(marks).to_have_count(before)
    assert "Nothing private stands" in page.request.get(public + "/raw").text()


def test_filters_views_and_search_need_no_server(
    clean_page: Page, server: Server, contract: Path
) -> None:
    page = clean_page
    page.set_viewport_size({"width": 1440, "height": 900})
    _, private = hand_in(page, server, contract)
    read(page, private)
    expect(page.locator("#clean[data-state=ready]")).to_be_visible(timeout=READY_MS)
    expect(page.locator(".page-svg")).to_be_visible()
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator(".legend .private_email").click(modifiers=["Alt"])
    expect(page.locator("#reader")).to_have_class(re.compile("off-private_person"))
    expect(page.locator("[data-counter]")).to_have_text("1 in all")
    page.locator(".legend .private_email").click(modifiers=["Alt"])
    page.locator("[data-show-by=rule]").uncheck()
    expect(page.locator("#reader")).to_have_class(re.compile("off-by-rule"))
    page.locator("[data-show-by=rule]").check()
    page.locator("[data-view-to=redacted]").click()
    redacted = page.locator("[data-pane=redacted]")
    expect(redacted).to_be_visible()
    assert "Lindqvist" not in (redacted.text_content() or "")
    assert "Lindqvist" not in redacted.inner_html()
    page.locator("[data-view-to=original]").click()
    page.keyboard.press("/")
    page.keyboard.type("parcel")
    expect(page.locator("#find-count")).to_have_text("1 of 2")
    page.keyboard.press("Enter")
    expect(page.locator("#find-count")).to_have_text("2 of 2")
    page.keyboard.press("Escape")
    pages = [address for address in asked if "/original/pages/" not in address]
    assert pages == []


def test_keys_walk_through_marks_and_mentions(
    clean_page: Page, server: Server, contract: Path
) -> None:
    page = clean_page
    _, private = hand_in(page, server, contract)
    read(page, private)
    page.keyboard.press("n")
    expect(page.locator("[data-counter]")).to_have_text(re.compile(r"^1 of \d"))
    page.keyboard.press("1")
    expect(page.locator("#live")).to_have_text(re.compile("^Person, "))
    page.keyboard.press("g")
    expect(page.locator("#pop")).to_contain_text(NAME)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Find in the text")


def test_an_encrypted_pdf_asks_for_its_password(
    clean_page: Page, server: Server, contract: Path, tmp_path: Path
) -> None:
    page = clean_page
    locked = tmp_path / "locked.pdf"
    encryption = pymupdf.PDF_ENCRYPT_AES_256
    pymupdf.open(contract).save(locked, encryption=encryption, user_pw="sesame", owner_pw="x")
    page.goto(f"{server.url}/documents/")
    page.set_input_files("#file", locked)
    page.wait_for_selector("#password", timeout=READY_MS)
    page.fill("#password", "wrong")
    page.get_by_role("button", name="Open and read").click()
    page.wait_for_selector("#password", timeout=READY_MS)
    page.fill("#password", "sesame")
    page.get_by_role("button", name="Open and read").click()
    expect(page.locator("#public-url")).to_be_visible(timeout=READY_MS)


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_no_page_scrolls_sideways(
    clean_page: Page, server: Server, tmp_path: Path, width: int
) -> None:
    page = clean_page
    page.set_viewport_size({"width": width, "height": 844})
    long_name = "Wolfeschlegelsteinhausenbergerdorff" * 3
    wide = tmp_path / f"{long_name}.csv"
    wide.write_text(",".join(f"column {n}" for n in range(30)) + f"\n{long_name},{NAME}\n")
    public, private = hand_in(page, server, wide)
    for address in ("/documents/", "/documents/verify", public, private):
        page.goto(address if address.startswith("http") else server.url + address)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, address


def test_a_long_document_opens_and_scrolls(
    clean_page: Page, server: Server, tmp_path: Path
) -> None:
    """What is out of view is not laid out, and every place is reached all the same."""
    page = clean_page
    lines = [f"Entry {number} of the log was written by {NAME}." for number in range(4000)]
    book = tmp_path / "book.txt"
    book.write_text("\n\n".join(lines))
    _, private = hand_in(page, server, book)
    read(page, private)
    expect(page.locator("#reader")).to_have_class(re.compile(r"\blong\b"))
    page.keyboard.press("/")
    page.keyboard.type("Entry 3999 ")
    expect(page.locator("#find-count")).to_have_text("1 of 1", timeout=60_000)
    last = page.locator("[data-start]", has_text="Entry 3999 ")
    expect(last).to_be_in_viewport(timeout=60_000)
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.locator(".span.on")).to_be_in_viewport(timeout=60_000)
