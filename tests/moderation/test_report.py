"""The form by which anybody reports a public page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.models import Chain, Line
from audit.record import address_of
from moderation.models import Report
from moderation.services import message_of
from pastebin.models import Paste
from sharing.models import Withheld
from sharing.services import withhold
from tests.cast import UNKNOWN, Visitors
from tests.pastebin.world import Make

pytestmark = pytest.mark.django_db
SENT = {"reason": "private", "message": "in the third line"}


def _path(pid: str, kind: str = "paste") -> str:
    return f"/report/{kind}/{pid}"


def test_a_public_page_leads_there(make: Make, client: Client) -> None:
    paste = make()
    assert f'href="{_path(paste.pid)}"' in client.get(paste.public).content.decode()


def test_the_link_is_the_same_for_everybody(make: Make, visitors: Visitors) -> None:
    """The page is kept as bytes for all readers."""
    paste = make()
    pages = {browser.get(paste.public).content for browser in visitors.values()}
    assert len(pages) == 1
    assert _path(paste.pid).encode() in pages.pop()


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "nobody"])
def test_everybody_can_report(make: Make, visitors: Visitors, who: str) -> None:
    paste = make()
    browser = visitors[who]
    form = browser.get(_path(paste.pid))
    assert form.status_code == 200
    assert "Do not quote what should stay private" in form.content.decode()
    assert browser.post(_path(paste.pid), SENT).status_code == 200
    one = Report.objects.get()
    assert (one.kind, one.pid, one.reason, one.state) == ("paste", paste.pid, "private", "open")
    assert message_of(one) == SENT["message"]
    assert SENT["message"].encode() not in bytes(one.sealed_message)
    assert "127.0.0.1" not in one.network


def test_existing_and_unknown_pages_are_answered_alike(make: Make, client: Client) -> None:
    paste, hidden = make(), make()
    withhold(hidden.row, Withheld.TRASHED)
    waiting = make(scanned=False)

    def answers(pid: str, kind: str = "paste") -> list[bytes]:
        shown = client.get(_path(pid, kind))
        sent = client.post(_path(pid, kind), SENT)
        assert (shown.status_code, sent.status_code) == (200, 200)
        return [
            re.sub(rb"[\w-]{64}", b"", page.content.replace(pid.encode(), b"PID"))
            for page in (shown, sent)
        ]

    known = answers(paste.pid)
    for other in (UNKNOWN, hidden.pid, waiting.pid):
        assert answers(other) == known
    # A text is no document.
    answers(paste.pid, "document")
    assert Report.objects.count() == 1


def test_one_network_reports_a_page_once(make: Make, client: Client) -> None:
    paste = make()
    for _ in range(3):
        assert client.post(_path(paste.pid), SENT).status_code == 200
    client.post(_path(paste.pid), SENT, REMOTE_ADDR="198.51.100.9")
    assert Report.objects.count() == 2


def test_one_network_reports_so_many_an_hour(
    make: Make, client: Client, settings: Settings
) -> None:
    settings.REPORTS_PER_HOUR = 2
    paste = make()
    for pid in (paste.pid, UNKNOWN):
        assert client.post(_path(pid), SENT).status_code == 200
    refused = client.post(_path(paste.pid), SENT)
    assert refused.status_code == 429
    assert SENT["message"] in refused.content.decode()
    assert int(refused["Retry-After"]) > 0
    assert client.post(_path(paste.pid), SENT, REMOTE_ADDR="198.51.100.9").status_code == 200


@pytest.mark.parametrize("sent", [{}, {"reason": "eaten"}, {**SENT, "message": "x" * 1001}])
def test_what_is_left_out_is_told(make: Make, client: Client, sent: Any) -> None:
    paste = make()
    answer = client.post(_path(paste.pid), sent)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not Report.objects.exists()


def test_the_owner_learns_of_it_and_not_from_where(make: Make, client: Client, alice: User) -> None:
    paste = make(owner=alice)
    client.post(_path(paste.pid), SENT, REMOTE_ADDR="198.51.100.9")
    line = Line.objects.get(action="item.reported")
    assert (line.thing, line.actor, line.detail) == (paste.pid, None, {"reason": "private"})
    assert address_of(line, Chain.objects.get(), None) == ""


def test_forms_of_other_sites_are_refused(make: Make) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(_path(make().pid), SENT).status_code == 403


@pytest.mark.parametrize(
    "path", ["/report/user/AAAAAAAAAAAAAAAA", "/report/paste/..", "/report/paste/a", "/report/"]
)
def test_other_addresses_are_unknown(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert Paste.objects.count() == 0
