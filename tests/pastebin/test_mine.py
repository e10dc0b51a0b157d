"""A person's own pastes: find, change the expiry, renew or revoke the private link, delete."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.erasure import erase_account
from inference.models import Scan as ScanRow
from pastebin.models import Paste
from sharing.services import delete_expired
from tests.cast import Visitors, token_in
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import MAIL, NAME, Make, Scan, open_link
from vault.models import Envelope

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(visitors: Visitors) -> Client:
    """The owner's browser."""
    return visitors["alice"]


def _found(client: Client, **query: str) -> str:
    return str(client.get("/pastes/", query).content.decode())


def test_titles_and_texts_are_searched_as_redacted(owner: Client, make: Make, alice: Any) -> None:
    paste = make(owner=alice, title=f"Broken printer of {NAME}", text=f"Toner for {MAIL}")
    for query in ("printer", "TONER", "<PRIVATE_PERSON>", paste.pid, f"https://x/view/{paste.pid}"):
        assert paste.public in _found(owner, q=query), query
    for query in (NAME, "Lindqvist", MAIL, "scanner", "%", "p_inter", "\\", "\0\0x", "' OR 1=1 --"):
        assert paste.public not in _found(owner, q=query), query


def test_an_unscanned_title_is_not_shown(owner: Client, make: Make, alice: Any) -> None:
    make(owner=alice, title=f"Printer of {NAME}", scanned=False)
    assert NAME not in _found(owner)
    assert "Untitled" in _found(owner)


def test_states_are_filters(
    owner: Client, make: Make, alice: Any, detector: ChosenEngine, scan: Scan
) -> None:
    soon = timezone.now() + timedelta(hours=3)
    pastes = {
        "ready": make(owner=alice),
        "expiring": make(owner=alice, expires_at=soon),
    }
    detector.unseen = 1
    pastes["failed"] = make(owner=alice)
    pastes["scanning"] = make(owner=alice, scanned=False)
    expected = {
        "": set(pastes),
        "ready": {"ready", "expiring"},
        "expiring": {"expiring"},
        "failed": {"failed"},
        "scanning": {"scanning"},
        "nonsense": set(pastes),
    }
    for state, names in expected.items():
        page = _found(owner, state=state)
        assert {name for name, paste in pastes.items() if paste.pid in page} == names, state


@pytest.mark.parametrize("page", ["", "0", "-1", "99", "x", "1" * 5000])
def test_any_page_number_is_answered(owner: Client, page: str) -> None:
    assert owner.get("/pastes/", {"page": page}).status_code == 200


def test_the_list_asks_as_often_for_many_as_for_few(owner: Client, make: Make, alice: Any) -> None:
    owner.get("/")  # what is known of the detector is kept for some seconds
    counts = []
    for _ in range(2):
        for _ in range(3):
            make(owner=alice)
        with CaptureQueriesContext(connection) as asked:
            owner.get("/pastes/")
        counts.append(len(asked))
        with CaptureQueriesContext(connection) as asked:
            owner.get("/")
        counts.append(len(asked))
    assert counts[:2] == counts[2:]


def test_a_fragment_for_htmx(owner: Client, make: Make, alice: Any) -> None:
    make(owner=alice)
    answer = owner.get("/pastes/", headers={"HX-Request": "true"})
    assert "<html" not in answer.content.decode()
    assert "HX-Request" in answer["Vary"]
    assert "no-store" in answer["Cache-Control"]


def test_a_renewed_link_is_shown_once_and_opens(owner: Client, make: Make, alice: Any) -> None:
    paste = make(owner=alice)
    answer = owner.post(f"/pastes/{paste.pid}/link", {"action": "rotate"})
    assert answer["Location"] == paste.links
    token = token_in(owner.get(paste.links))
    assert token
    assert token != paste.token
    assert token_in(owner.get(paste.links)) is None
    bob = Client()
    assert NAME in bob.get(f"{paste.public}?token={token}", follow=True).content.decode()
    assert bob.get(paste.private).status_code == 200


def test_a_revoked_link_opens_nothing_but_the_owner_still_reads(
    owner: Client, make: Make, alice: Any
) -> None:
    paste = make(owner=alice)
    owner.post(f"/pastes/{paste.pid}/link", {"action": "revoke"})
    assert Client().get(paste.private).status_code == 200
    assert NAME in owner.get(paste.original).content.decode()
    owner.post(f"/pastes/{paste.pid}/link", {"action": "rotate"})
    assert token_in(owner.get(paste.links))


def test_an_unknown_action_revokes_nothing(owner: Client, make: Make, alice: Any) -> None:
    """A form that lost its field must not make a link stop for good."""
    paste = make(owner=alice)
    for data in ({}, {"action": ""}, {"action": "renew"}):
        owner.post(f"/pastes/{paste.pid}/link", data)
        assert paste.row.envelope.token_wrap is not None, data


@pytest.mark.parametrize("choice", ["10m", "1h", "1d", "7d", "30d", "never"])
def test_the_expiry_can_be_changed(owner: Client, make: Make, alice: Any, choice: str) -> None:
    paste = make(owner=alice, expires_at=timezone.now() + timedelta(minutes=1))
    owner.post(f"/pastes/{paste.pid}/expiry", {"expires": choice})
    expires_at = paste.row.expires_at
    if choice == "never":
        assert expires_at is None
    else:
        assert expires_at is not None
        assert expires_at > timezone.now() + timedelta(minutes=9)


@pytest.mark.parametrize("choice", ["", "custom", "1y", "\0"])
def test_an_expiry_that_is_none_changes_nothing(
    owner: Client, make: Make, alice: Any, choice: str
) -> None:
    paste = make(owner=alice)
    answer = owner.post(f"/pastes/{paste.pid}/expiry", {"expires": choice}, follow=True)
    assert "Choose when it ends." in answer.content.decode()
    assert paste.row.expires_at is None


class TestDelete:
    """By the owner, by the private link, by time, with the account."""

    def test_the_owner_deletes(self, owner: Client, make: Make, alice: Any) -> None:
        paste = make(owner=alice)
        assert owner.post(f"/view/{paste.pid}/delete")["Location"] == "/pastes/"
        assert not paste.exists

    def test_the_private_link_deletes(self, make: Make) -> None:
        paste, bob = make(), Client()
        open_link(bob, paste)
        answer = bob.post(f"/view/{paste.pid}/delete")
        assert answer.status_code == 200
        assert "deleted" in answer.content.decode()
        assert answer.cookies["blackbar_original"]["max-age"] == 0
        assert not paste.exists

    def test_nothing_is_left(self, make: Make) -> None:
        paste, bob = make(), Client()
        open_link(bob, paste)
        bob.post(f"/view/{paste.pid}/delete")
        assert not Envelope.objects.exists()
        assert not ScanRow.objects.exists()
        assert bob.post(f"/view/{paste.pid}/delete").status_code == 404

    def test_what_has_expired_goes_and_nothing_else(self, make: Make) -> None:
        kept = [make(), make(expires_at=timezone.now() + timedelta(minutes=1))]
        gone = make(expires_at=timezone.now() + timedelta(minutes=1))
        Paste.objects.filter(pk=gone.pid).update(expires_at=timezone.now())
        assert delete_expired(Paste) == 1
        assert not gone.exists
        assert all(paste.exists for paste in kept)
        assert Envelope.objects.count() == ScanRow.objects.count() == 2

    def test_a_paste_that_expires_before_its_scan_goes(self, make: Make, scan: Scan) -> None:
        paste = make(scanned=False, expires_at=timezone.now())
        assert delete_expired(Paste) == 1
        assert not paste.exists
        assert scan() == 0

    def test_an_account_takes_its_pastes_along(self, make: Make, alice: Any, charlie: Any) -> None:
        mine, other, anonymous = make(owner=alice), make(owner=charlie), make()
        erase_account(alice)
        assert not mine.exists
        assert other.exists
        assert anonymous.exists
        assert Envelope.objects.count() == 2
