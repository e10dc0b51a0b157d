"""Text, titles and file names that would run in a page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client

from tests.cast import Visitors
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import Make, open_link, submit

pytestmark = pytest.mark.django_db
ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{ request }}{% include 'x' %}",
    "javascript:alert(1)",
    "<!--<script>",
    "&lt;script&gt;",
    "</pre></p></article><iframe src=javascript:alert(1)>",
)
HIDDEN = '"><b onclick=alert(2)>Zoe'


class Inspector(HTMLParser):
    """Collects what could run, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.suspects: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what no page of ours has."""
        named = dict(attrs)
        if tag in {"iframe", "img", "b", "object", "embed"} or (
            tag == "script" and "src" not in named
        ):
            self.suspects.append(tag)
        self.suspects += [name for name in named if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action"):
            if str(named.get(name, "")).strip().lower().startswith(("javascript:", "data:")):
                self.suspects.append(str(named[name]))

    def handle_data(self, data: str) -> None:
        """Keep the text."""
        self.text += data


def _inspect(response: Any) -> Inspector:
    inspector = Inspector()
    inspector.feed(response.content.decode())
    return inspector


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_text_runs_in_any_page(
    make: Make, visitors: Visitors, alice: Any, detector: ChosenEngine, attack: str
) -> None:
    detector.values = {HIDDEN: "private_person"}
    paste = make(owner=alice, title=f"{attack} {HIDDEN}", text=f"{attack}\n\n{HIDDEN} {attack}")
    open_link(visitors["bob"], paste)
    owner = visitors["alice"]
    pages = {
        "public": owner.get(paste.public),
        "original": visitors["bob"].get(paste.original),
        "list": owner.get("/pastes/"),
        "search": owner.get("/pastes/", {"q": attack, "state": attack}),
        "compose": owner.get("/"),
        "links": owner.get(paste.links),
    }
    for name, page in pages.items():
        assert page.status_code == 200, name
        assert _inspect(page).suspects == [], name
    assert attack in _inspect(pages["public"]).text
    assert attack in _inspect(pages["original"]).text
    assert HIDDEN in _inspect(pages["original"]).text


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_refused_form_runs(client: Client, attack: str) -> None:
    response = submit(client, text=attack, title=attack, style=attack, expires=attack)
    assert response.status_code == 422
    inspector = _inspect(response)
    assert inspector.suspects == []


def test_text_nodes_join_to_exactly_the_stored_text(make: Make, client: Client) -> None:
    """The page's script turns selections into offsets by counting them."""
    text = "One <b>&amp;\n  two\n\n\n\tthree  \n\n2026-01-01 12:00 a=1\n2026-01-01 12:01 b=2\n"
    paste = make(text=text)
    open_link(client, paste)
    page = client.get(paste.original).content.decode()
    blocks = re.findall(r'<(p|pre) dir="auto" data-start="(\d+)">(.*?)</\1>', page, re.DOTALL)
    assert blocks
    for kind, start, inner in blocks:
        inspector = Inspector()
        inspector.feed(inner.removeprefix("\n") if kind == "pre" else inner)
        assert text[int(start) :].startswith(inspector.text)
        assert inspector.text.strip()
