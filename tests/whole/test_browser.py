"""The pages in a real browser, against the whole server: as people use them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.whole.conftest import Server

pytestmark = pytest.mark.browser
TEXT = (
    "Customer Margarethe Lindqvist wrote from m.lindqvist@posteo.example that the parcel went to "
    "the wrong street. Badge in the photo: 5520-K.\n\n"
    "Margarethe Lindqvist asks for a call on +31 6 5550 1472."
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


def paste(page: Page, server: Server, text: str = TEXT) -> tuple[str, str]:
    """Make a paste by keyboard and return its public and its private link."""
    page.goto(server.url)
    page.locator("textarea[name=text]").fill(text)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#private-url")
    return page.input_value("#public-url"), page.input_value("#private-url")


def open_original(page: Page, private: str) -> None:
    """Open a private link and wait until the page takes keys."""
    page.goto(private)
    page.wait_for_selector(".steps.js-only:visible")
    page.wait_for_function("document.readyState === 'complete' && document.hasFocus()")


def test_from_text_to_public_and_private_page(clean_page: Page, server: Server) -> None:
    page = clean_page
    public, private = paste(page, server)
    assert private.startswith(public + "?token=")
    page.goto(public)
    expect(page.locator("article")).to_contain_text("the parcel went to the wrong street")
    assert "Lindqvist" not in page.content()
    assert "1472" not in page.content()
    page.goto(private)
    expect(page.locator("[data-pane=original]")).to_contain_text("Margarethe Lindqvist")
    assert "token" not in page.url


def test_the_private_link_is_shown_once(clean_page: Page, server: Server) -> None:
    _, private = paste(clean_page, server)
    token = private.partition("token=")[2]
    clean_page.reload()
    expect(clean_page.locator("#links")).to_contain_text("shown once")
    assert token not in clean_page.content()


def test_an_example_can_be_tried_with_one_click(clean_page: Page, server: Server) -> None:
    clean_page.goto(server.url)
    clean_page.get_by_role("button", name=re.compile("example", re.IGNORECASE)).click()
    assert len(clean_page.input_value("textarea[name=text]")) > 100


def test_a_false_alarm_is_unmarked_and_undone(clean_page: Page, server: Server) -> None:
    page = clean_page
    public, private = paste(page, server)
    open_original(page, private)
    page.locator(".span.private_person").first.click()
    page.get_by_role("button", name=re.compile("^Not private")).click()
    expect(page.locator(".span.private_person")).to_have_count(0)
    assert "Margarethe Lindqvist" in page.request.get(public + "/raw").text()
    page.keyboard.press("Control+z")
    expect(page.locator(".span.private_person")).to_have_count(2)
    assert "Lindqvist" not in page.request.get(public + "/raw").text()


def test_missed_text_is_marked_by_selecting_it(clean_page: Page, server: Server) -> None:
    page = clean_page
    public, private = paste(page, server)
    open_original(page, private)
    before = page.locator("[data-pane=original] .span").count()
    page.evaluate(
        """() => {
            const walker = document.createTreeWalker(
                document.querySelector("[data-pane=original]"), NodeFilter.SHOW_TEXT);
            for (let node; (node = walker.nextNode());) {
                const at = node.data.indexOf("parcel");
                if (at < 0) continue;
                const range = document.createRange();
                range.setStart(node, at);
                range.setEnd(node, at + 6);
                getSelection().removeAllRanges();
                getSelection().addRange(range);
            }
        }"""
    )
    page.mouse.move(300, 300)
    page.keyboard.press("Shift")
    page.locator(".fixbar .account_number").click()
    expect(page.locator("[data-pane=original] .span")).to_have_count(before + 1)
    raw = page.request.get(public + "/raw").text()
    assert "that the <ACCOUNT_NUMBER> went" in raw


def test_keys_walk_through_the_marks(clean_page: Page, server: Server) -> None:
    page = clean_page
    _, private = paste(page, server)
    open_original(page, private)
    counter = page.locator("[data-counter]")
    page.keyboard.press("n")
    expect(counter).to_have_text(re.compile(r"^1 of \d"))
    page.keyboard.press("n")
    expect(counter).to_have_text(re.compile(r"^2 of \d"))
    page.keyboard.press("p")
    expect(counter).to_have_text(re.compile(r"^1 of \d"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_legend_click_leaves_a_category_out(clean_page: Page, server: Server) -> None:
    page = clean_page
    _, private = paste(page, server)
    open_original(page, private)
    button = page.locator(".legend .private_person")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_burning_asks_first_and_happens_once(clean_page: Page, server: Server) -> None:
    page = clean_page
    page.goto(server.url)
    page.locator("textarea[name=text]").fill(TEXT)
    page.get_by_text("More", exact=True).click()
    page.locator("input[name=burn]").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#private-url")
    public, private = page.input_value("#public-url"), page.input_value("#private-url")
    page.goto(private)
    assert "Lindqvist" not in page.content()
    assert page.request.get(public).status == 200
    page.locator("main form button").first.click()
    expect(page.locator("article")).to_contain_text("Margarethe Lindqvist")
    assert page.request.get(public).status == 404


def test_what_was_typed_survives_a_refusal(clean_page: Page, server: Server) -> None:
    page = clean_page
    page.goto(server.url)
    page.locator("textarea[name=text]").fill("   ")
    page.locator("input[name=title]").fill("A title that is kept")
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text(re.compile("no text yet", re.IGNORECASE))
    assert page.input_value("input[name=title]") == "A title that is kept"


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_no_page_scrolls_sideways(clean_page: Page, server: Server, width: int) -> None:
    page = clean_page
    page.set_viewport_size({"width": width, "height": 844})
    long_name = "Wolfeschlegelsteinhausenbergerdorff" * 4
    public, private = paste(page, server, f"{TEXT}\n\n{long_name} and\n\n{'x=1 ' * 200}\n")
    for address in (
        "/",
        "/how-it-works",
        "/accounts/login/",
        public,
        private,
        "/view/nothing-here",
    ):
        page.goto(address if address.startswith("http") else server.url + address)
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) <= 0, address


def test_scripts_in_a_paste_do_not_run(clean_page: Page, server: Server) -> None:
    page = clean_page
    text = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    public, private = paste(page, server, f"{text} Margarethe Lindqvist")
    for address in (public, private, public + "/raw"):
        page.goto(address)
        assert "owned" not in page.title()
        assert page.locator("img[src=x]").count() == 0
