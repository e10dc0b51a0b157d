"""What is done to items stands in the record of their workspace, by pages and by programs alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts import keys
from accounts.models import Scope, User
from audit.models import Action, Chain, Line
from audit.record import address_of
from audit.verify import verify
from documents.models import Document
from pastebin.models import Paste
from sharing import services as sharing
from tests.cast import SPANS, Visitors
from tests.documents.world import FILE_NAME, MakeDocument
from tests.documents.world import TEXT as LETTER
from tests.pastebin.world import SECRETS, TITLE, Made, Make, committed, open_link
from workspaces.services import personal_of

ADDRESS = "203.0.113.7"


def _said(thing: str) -> list[tuple[str, int | None, dict[str, Any]]]:
    """Return the lines of a thing behind its making."""
    lines = Line.objects.filter(thing=thing).exclude(action=Action.ITEM_CREATED).order_by("pk")
    return [(line.action, line.actor, line.detail) for line in lines]


def _actions(thing: str) -> list[str]:
    return [action for action, _, _ in _said(thing)]


@pytest.fixture
def paste(make: Make, alice: User) -> Made:
    """A finished paste of alice."""
    return make(owner=alice, title=TITLE)


@pytest.fixture
def letter(make_document: MakeDocument, alice: User) -> Any:
    """A finished document of alice."""
    return make_document(owner=alice)


@pytest.mark.django_db
def test_a_member_opens_and_the_page_says_who_by_link(
    paste: Made, visitors: Visitors, alice: User
) -> None:
    assert "was not opened yet" in visitors["alice"].get(paste.original).content.decode()
    open_link(visitors["bob"], paste)
    assert visitors["bob"].get(paste.original).status_code == 200
    assert _said(paste.pid) == [
        ("item.opened", alice.pk, {}),
        ("link.opened", None, {}),
    ]
    shown = visitors["alice"].get(paste.original).content.decode()
    assert "Private link opened 1 time" in shown
    assert "Private link opened" not in visitors["bob"].get(paste.original).content.decode()


@pytest.mark.django_db
def test_who_may_not_open_leaves_no_line(paste: Made, visitors: Visitors) -> None:
    for who in ("charlie", "nobody"):
        for path in (paste.original, paste.public, paste.raw, f"{paste.public}?token=wrong"):
            visitors[who].get(path)
        visitors[who].post(f"{paste.original}/spans", SPANS, content_type="application/json")
        visitors[who].post(f"{paste.public}/delete")
    # Neither does the public page, nor the exchange of the token, which shows nothing yet.
    visitors["alice"].get(paste.public)
    open_link(visitors["bob"], paste)
    assert _said(paste.pid) == []


@pytest.mark.django_db
def test_what_belongs_to_nobody_is_not_recorded(make: Make, client: Client) -> None:
    paste = make()
    open_link(client, paste)
    assert client.get(paste.original).status_code == 200
    sharing.delete(paste.row)
    assert not Line.objects.exists()
    assert not Chain.objects.exists()


@pytest.mark.django_db
def test_where_from_is_sealed_with_the_key_of_who_it_was(
    paste: Made, visitors: Visitors, alice: User, django_assert_num_queries: Any
) -> None:
    visitors["alice"].get(paste.original, REMOTE_ADDR=ADDRESS)
    open_link(visitors["bob"], paste)
    visitors["bob"].get(paste.original, REMOTE_ADDR="2001:db8::9")
    chain = Chain.objects.get()
    opened, by_link = Line.objects.filter(thing=paste.pid).order_by("pk")[1:]
    alice.refresh_from_db()
    assert address_of(opened, chain, alice) == ADDRESS
    assert address_of(by_link, chain, None) == "2001:db8::9"
    stored = json.dumps([str(row) for row in Line.objects.values()])
    assert ADDRESS not in stored
    assert not any(secret in stored for secret in SECRETS)


@pytest.mark.django_db
def test_a_correction_is_recorded_by_category(paste: Made, visitors: Visitors, alice: User) -> None:
    path = f"{paste.original}/spans"
    answer = visitors["alice"].post(path, SPANS, content_type="application/json")
    assert answer.status_code == 200
    action, actor, detail = _said(paste.pid)[-1]
    assert (action, actor) == ("item.corrected", alice.pk)
    assert detail["added secret"] >= 1
    # Who meets a conflict is shown the original again.
    assert visitors["alice"].post(path, SPANS, content_type="application/json").status_code == 409
    assert _said(paste.pid)[-1] == ("item.opened", alice.pk, {"why": "conflict"})


@pytest.mark.django_db
def test_what_is_changed_from_the_list(paste: Made, visitors: Visitors, alice: User) -> None:
    browser = visitors["alice"]
    browser.post(f"/pastes/{paste.pid}/expiry", {"expires": "never"})
    browser.post(f"/pastes/{paste.pid}/link", {"action": "rotate"})
    browser.post(f"/pastes/{paste.pid}/link", {"action": "revoke"})
    browser.post(f"/view/{paste.pid}/delete")
    assert _said(paste.pid) == [
        ("expiry.changed", alice.pk, {"ends": "never"}),
        ("link.renewed", alice.pk, {}),
        ("link.revoked", alice.pk, {}),
        ("item.deleted", alice.pk, {}),
    ]
    assert verify(personal_of(alice).wid).is_whole


@pytest.mark.django_db
def test_burning_is_an_opening_and_an_end(make: Make, alice: User, client: Client) -> None:
    paste = make(owner=alice, burn=True)
    open_link(client, paste)
    client.get(f"{paste.public}/open")
    assert _said(paste.pid) == []
    assert client.post(f"{paste.public}/open").status_code == 200
    assert _said(paste.pid) == [
        ("link.opened", None, {}),
        ("item.deleted", None, {"why": "burnt"}),
    ]


@committed
def test_what_ends_by_itself_says_so(paste: Made, letter: Any, alice: User) -> None:
    from django.utils import timezone

    for kind in (Paste, Document):
        kind.objects.update(expires_at=timezone.now())
    sharing.delete_expired(Paste)
    sharing.delete_expired(Document)
    for pid in (paste.pid, letter.pid):
        assert _said(pid) == [("item.deleted", None, {"why": "expired"})]


@committed
def test_a_document_is_opened_once_for_a_page_and_its_parts(
    letter: Any, visitors: Visitors, alice: User
) -> None:
    base = f"/documents/{letter.pid}/original"
    browser = visitors["alice"]
    assert browser.get(base).status_code == 200
    assert browser.get(f"{base}/clean").status_code == 200
    assert _actions(letter.pid) == ["item.opened"]
    wanted = {
        "file": "file", "text": "text", "spans.json": "spans", "spans.csv": "spans",
        "numbered": "numbered", "map": "map",
    }  # fmt: skip
    for path, what in wanted.items():
        answer = browser.get(f"{base}/{path}")
        assert answer.status_code == 200
        assert _said(letter.pid)[-1] == ("item.exported", alice.pk, {"what": what})
    stranger = visitors["charlie"]
    for path in wanted:
        assert stranger.get(f"{base}/{path}").status_code == 404
    assert len(_said(letter.pid)) == 1 + len(wanted)
    stored = json.dumps([str(row) for row in Line.objects.values()])
    assert not any(word in stored for word in (*SECRETS, FILE_NAME, LETTER[:20]))


@committed
def test_programs_are_recorded_as_their_people(
    paste: Made, letter: Any, alice: User, client: Client
) -> None:
    made = keys.create_key(owner=alice, name="k", scopes=list(Scope))
    headers = {"Authorization": f"Bearer {made.bearer}"}

    def ask(method: str, path: str, body: Any = None, **more: str) -> int:
        answer = client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=more or headers,
        )
        return answer.status_code

    edit = json.loads(SPANS)
    assert ask("GET", f"pastes/{paste.pid}/spans") == 200
    assert ask("GET", f"pastes/{paste.pid}/spans", **{"Reveal-Token": paste.token}) == 200
    assert ask("POST", f"pastes/{paste.pid}/spans", edit) == 200
    assert ask("PUT", f"pastes/{paste.pid}/expiry", {"expires": "1h"}) == 200
    assert ask("POST", f"pastes/{paste.pid}/link") == 200
    assert ask("DELETE", f"pastes/{paste.pid}/link") == 204
    assert ask("DELETE", f"pastes/{paste.pid}") == 204
    assert [(action, actor) for action, actor, _ in _said(paste.pid)] == [
        ("item.opened", alice.pk),
        ("link.opened", None),
        ("item.corrected", alice.pk),
        ("expiry.changed", alice.pk),
        ("link.renewed", alice.pk),
        ("link.revoked", alice.pk),
        ("item.deleted", alice.pk),
    ]
    assert ask("GET", f"documents/{letter.pid}/spans") == 200
    assert ask("GET", f"documents/{letter.pid}/source") == 200
    assert ask("DELETE", f"documents/{letter.pid}") == 204
    assert _actions(letter.pid) == ["item.opened", "item.exported", "item.deleted"]
    assert verify(personal_of(alice).wid).is_whole


@pytest.mark.django_db
def test_a_refused_program_leaves_no_line(paste: Made, charlie: User, client: Client) -> None:
    made = keys.create_key(owner=charlie, name="k", scopes=list(Scope))
    for bearer in (made.bearer, "wrong"):
        headers = {"Authorization": f"Bearer {bearer}"}
        client.get(f"/api/v1/pastes/{paste.pid}/spans", headers=headers)
        client.delete(f"/api/v1/pastes/{paste.pid}", headers=headers)
    assert _said(paste.pid) == []
