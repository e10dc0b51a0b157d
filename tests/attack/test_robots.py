"""Programs that open links to show a preview, and browsers that fetch ahead: nothing is opened."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.attack.addresses import World, make_world, paths, stored
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import SECRETS, Make, committed

__all__ = ("make_document",)
pytestmark = committed
ROBOTS = (
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "http.rb/5.1.1 (Mastodon/4.2.1; +https://mastodon.example/) Bot",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Synapse (bot; +https://github.com/matrix-org/synapse)",
)
# Those that say nothing of themselves: they are told apart by nothing, and burn nothing either.
SILENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
    "Microsoft Office/16.0 (Microsoft Outlook 16.0; Pro)",
    "python-requests/2.31",
    "",
)
AHEAD = ({}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}, {"X-Moz": "prefetch"})


def _ask(path: str, agent: str, ahead: dict[str, str]) -> None:
    """Ask for a page and, as a crawler does, for the pages that it is led to."""
    browser = Client(headers={"User-Agent": agent, **ahead})
    for method in ("head", "get"):
        browser.generic(method.upper(), path, follow=True)


@pytest.mark.parametrize("agent", [*ROBOTS, *SILENT])
def test_a_paste_that_is_read_once_is_still_there(make: Make, agent: str) -> None:
    paste = make(burn=True)
    for ahead in AHEAD:
        for path in (paste.private, f"/view/{paste.pid}/open", f"/view/{paste.pid}/original"):
            _ask(path, agent, dict(ahead))
    assert paste.exists
    reader = Client()
    assert reader.get(paste.private).status_code == 302
    opened = reader.post(f"/view/{paste.pid}/open")
    assert SECRETS[0] in opened.content.decode()
    assert not paste.exists


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_private_link_shows_a_robot_nothing(
    make: Make, make_document: MakeDocument, agent: str
) -> None:
    paste, document = make(), make_document()
    links = (
        paste.private,
        f"/documents/{document.pid}?token={document.token}",
        f"/images/{document.pid}?token={document.token}",
    )
    for link in links:
        answer = Client().get(link, headers={"User-Agent": agent})
        assert answer.status_code == 200, link
        assert not answer.cookies, link
        assert "noindex" in answer["X-Robots-Tag"], link
        assert not re.search(r"og:|<title>", answer.content.decode()), link


def test_looking_changes_nothing_at_any_address(make: Make, make_document: MakeDocument) -> None:
    """GET and HEAD only read, whoever asks: with the owner's cookies, too."""
    world: World = make_world(make, make_document)
    burning = make(burn=True)
    browser = world.team.browsers["olga"]
    browser.raise_request_exception = False
    # What was opened is written down, so the record grows; and a share of work may end meanwhile.
    grows = re.compile(r"audit|inference|accounts_(?:apikey|user)$")
    # The first visit makes a person's own workspace, once.
    browser.get("/")
    before = stored()
    for path in [*paths(world), burning.private[1:], f"view/{burning.pid}/open"]:
        for method in ("head", "get"):
            headers = {"Sec-Purpose": "prefetch"}
            browser.generic(method.upper(), f"/{path}", headers=headers).close()
    after = stored()
    for table, rows in before.items():
        if not grows.search(table):
            assert rows == after[table], table
    assert burning.exists
