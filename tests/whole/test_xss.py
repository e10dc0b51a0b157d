"""What would run in a page, in a real browser that reports what its policy stops."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.whole.conftest import Server

pytestmark = pytest.mark.browser
RUN = "window.pwned=1"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f'"><img src=x onerror="{RUN}">',
    f"'><svg/onload={RUN}>",
    f"</textarea></title></style></script><script>{RUN}</script>",
    f'<a href="javascript:{RUN}">x</a>',
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f"<math><mtext><table><mglyph><style><!--</style><img src onerror={RUN}>",
    f'<details open ontoggle="{RUN}">',
    f"<base href=https://evil.example/><object data=data:text/html,<script>{RUN}</script>>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}`{RUN}`",
    f'" autofocus onfocus="{RUN}" x="',
    "<style>*{background:url(https://evil.example/)}</style>",
    '<form action="https://evil.example/"><input name=q>',
    f'<meta http-equiv=refresh content="0;url=javascript:{RUN}">',
)


@pytest.fixture
def watched(page: Page, server: Server) -> Iterator[Page]:
    """A page that neither runs what was pasted, nor asks another server, nor needs its policy."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    dialogs: list[str] = []

    def dismiss(dialog: object) -> None:
        dialogs.append("opened")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.set_default_timeout(30_000)
    before = len(server.log.read_text())
    yield page
    assert not dialogs
    assert not [url for url in asked if "evil.example" in url]
    # The policy is the second line: nothing even reaches it.
    page.wait_for_timeout(300)
    assert "blocked by" not in server.log.read_text()[before:]


def test_the_listener_hears_what_is_stopped(page: Page, server: Server) -> None:
    """Otherwise silence would show nothing."""
    page.goto(server.url)
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    for _ in range(50):
        if re.search(r"blocked by script-src", server.log.read_text()):
            return
        page.wait_for_timeout(100)
    pytest.fail("no report was written")


def test_nothing_of_a_text_or_title_runs(watched: Page, server: Server) -> None:
    text = "\n\n".join(f"{payload} for Margarethe Lindqvist" for payload in PAYLOADS)
    watched.goto(server.url)
    watched.fill("input[name=title]", PAYLOADS[1])
    public, private = paste_with_title(watched, server, text, PAYLOADS[1])
    for address in (public, f"{public}/raw", private):
        watched.goto(address)
        assert watched.evaluate("window.pwned") is None
    for key in "nnnp?":
        watched.keyboard.press(key)
    assert watched.evaluate("window.pwned") is None
    assert (
        watched.locator("img[src=x], svg[onload], iframe, object, base, form[action*=evil]").count()
        == 0
    )


@pytest.mark.parametrize("payload", PAYLOADS[:4])
def test_nothing_of_a_file_name_runs(watched: Page, server: Server, payload: str) -> None:
    watched.goto(f"{server.url}/documents/")
    name = payload.replace("/", "\u2215") + ".txt"
    content = f"{payload}\n\nMargarethe Lindqvist, m.lindqvist@posteo.example"
    watched.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": content.encode()}
    )
    # A single file leads to its links by itself.
    watched.wait_for_selector("#private-url", timeout=60_000)
    assert watched.evaluate("window.pwned") is None
    for address in (watched.input_value("#public-url"), watched.input_value("#private-url")):
        watched.goto(address)
        assert watched.evaluate("window.pwned") is None


def paste_with_title(page: Page, server: Server, text: str, title: str) -> tuple[str, str]:
    """Make a paste with a title, and return its links."""
    page.goto(server.url)
    page.fill("input[name=title]", title)
    page.locator("textarea[name=text]").fill(text)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#private-url")
    return page.input_value("#public-url"), page.input_value("#private-url")
