"""Names that would run in a page, in every field that has one, on every page of a workspace.

In a real browser: nothing runs, no other server is asked, and the policy has nothing to stop.
Texts, titles and file names of what anybody shares are in tests/whole/test_xss.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import Page
from pytest_django import Settings

from accounts.keys import create_key
from accounts.models import Scope, User
from anonymizer.categories import custom_label
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from documents.models import Document
from entries.models import Colour, Folder, SavedView, Tag
from moderation.models import Reason, Report
from moderation.services import report
from pastebin.models import Paste
from policies.services import create_policy
from review.services import comment
from sharing.services import Place
from tests.attack.addresses import World, paths
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import NAME, Make, committed
from tests.permissions import permissions
from tests.workspaces.cast import make_team
from webhooks.models import Webhook

__all__ = ("make_document", "permissions")
pytestmark = [pytest.mark.browser, committed]
RUN = "pwned=1"
# One for text between tags, one for attributes, one for scripts, one for addresses.
ALL = f"\"'></title><img src=x onerror={RUN}><svg/onload={RUN}>"
SHORT = f"<svg onload={RUN}>"
LINK = f"javascript:{RUN}//https://evil.example/"


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Settings, permissions: None) -> World:
    """A team that gave such names to all it has."""
    settings.ADMIN = True
    team = make_team(ALL[:60])
    for who, person in team.people.items():
        User.objects.filter(pk=person.pk).update(username=f"<img src=x onerror={RUN}>{who}"[:40])
    # Staff as well, who reads what people reported.
    User.objects.filter(pk=team.people["olga"].pk).update(is_staff=True, is_superuser=True)
    TOTP.activate(team.people["olga"], generate_totp_secret())
    olga, wid = User.objects.get(pk=team.people["olga"].pk), team.workspace
    category = CustomCategory(custom_label(SHORT, 3), SHORT, 3, Terms(exact=("Customer",)))
    always = AlwaysHide("secret", Terms(exact=(NAME, ALL)))
    rules = Rules(always=(always,), categories=(category,))
    version = create_policy(workspace=wid, name=ALL[:60], rules=rules, actor=olga)
    place = Place(wid, olga, version)
    text = f"Customer {NAME} wrote {ALL} to {LINK}.\n"
    paste = make(text, owner=olga, place=place, title=ALL)
    name = ALL.replace("/", "\u2215") + ".txt"
    document = make_document(text.encode(), name, owner=olga, place=place)
    items = (Paste.objects.get(pk=paste.pid), Document.objects.get(pk=document.pid))
    folder = Folder.objects.create(workspace=wid, name=ALL[:60])
    tag = Tag.objects.create(workspace=wid, name=ALL[:40], colour=Colour.values[0])
    view = SavedView.objects.create(workspace=wid, user=olga, name=ALL[:60], query=f"q={ALL}")
    for item in items:
        key = item.envelope.open_for_service()
        comment(item=item, key=key, author=olga, text=f"{ALL} {LINK}")
        item.entry.tags.add(tag)
        type(item.entry).objects.filter(pk=item.entry.pk).update(folder=folder)
        report(kind="paste", pid=item.pid, reason=Reason.PRIVATE, message=ALL, network=item.pid)
    hook = Webhook.objects.create(owner=olga, url=f"https://evil.example/{ALL}", sealed_secret=b"x")
    key = create_key(owner=olga, name=ALL[:60], scopes=list(Scope)).key
    values = {
        "wid": wid.wid,
        "policy_id": str(version.policy_id),
        "number": "1",
        "key_id": str(key.pk),
        "webhook_id": str(hook.pk),
        "folder_id": str(folder.pk),
        "tag_id": str(tag.pk),
        "view_id": str(view.pk),
        "pk": str(Report.objects.values_list("pk", flat=True).first()),
        "kind": "paste",
    }
    return World(team, values, [paste.pid, document.pid])


def _pages(world: World, browser: Client) -> list[str]:
    """Return the addresses that show a page to the owner."""
    browser.raise_request_exception = False
    found = []
    staff = ["admin/reports/", f"admin/reports/{world.values['pk']}", "admin/overview/"]
    for path in [*paths(world), *staff]:
        answer = browser.get(f"/{path}")
        is_page = answer.status_code == 200 and "text/html" in answer.headers["Content-Type"]
        if is_page and "api/docs" not in path:
            found.append(path)
        answer.close()
    return found


def test_no_name_runs_in_any_page(
    world: World, page: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    browser = world.team.browsers["olga"]
    found = _pages(world, browser)
    assert len(found) > 30
    stopped: list[str] = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: stopped.append(str(error)))
    page.on("dialog", lambda dialog: stopped.append(dialog.message))
    page.on(
        "console",
        lambda said: stopped.append(said.text) if "Content Security" in said.text else None,
    )
    page.set_default_timeout(60_000)
    session = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    cookie = {
        "name": django_settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url,
    }  # fmt: skip
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    shown = 0
    for path in found:
        page.goto(f"{live_server.url}/{path}", wait_until="domcontentloaded")
        assert page.evaluate("window.pwned") is None, path
        made = page.locator("img[src=x], svg[onload], [onerror], a[href^='javascript:']")
        assert made.count() == 0, path
        shown += "onerror" in page.inner_text("body")
        assert stopped == [], path
    assert shown > 8
    assert f"admin/reports/{world.values['pk']}" in found
    assert not [url for url in asked if "evil.example" in url or url.endswith("/x")]
