"""Pastes that are destroyed when their original is read."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from inference.models import Scan as ScanRow
from tests.cast import Visitors
from tests.pastebin.world import NAME, Made, Make, committed, open_link
from vault.models import Envelope

pytestmark = pytest.mark.django_db


@pytest.fixture
def paste(make: Make) -> Made:
    """An anonymous paste that can be read once."""
    return make(burn=True)


def _open(client: Client, paste: Made) -> Any:
    return client.post(f"/view/{paste.pid}/open")


def test_the_private_link_asks_first(paste: Made, client: Client) -> None:
    response = client.get(paste.private, follow=True)
    assert response.redirect_chain == [(f"/view/{paste.pid}/open", 302)]
    assert "This paste can be read once" in response.content.decode()
    assert NAME not in response.content.decode()
    assert paste.exists


def test_opening_shows_the_original_once(paste: Made, client: Client) -> None:
    open_link(client, paste)
    response = _open(client, paste)
    assert response.status_code == 200
    assert NAME in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert _open(client, paste).status_code == 404
    assert client.get(paste.public).status_code == 404
    assert client.get(paste.private).status_code == 404


def test_nothing_is_left(paste: Made, client: Client) -> None:
    open_link(client, paste)
    _open(client, paste)
    assert not Envelope.objects.exists()
    assert not ScanRow.objects.exists()


def test_reading_by_any_other_way_shows_nothing_and_burns_nothing(
    paste: Made, client: Client
) -> None:
    """Corrections answer with the text too: they would read it without burning it."""
    open_link(client, paste)
    edits = [{"op": "add", "start": 0, "end": 4, "label": "secret"}]
    answers = [client.head(f"/view/{paste.pid}/open")]
    for path in (paste.private, paste.original, paste.links, paste.public, paste.raw, paste.api):
        answers += [client.get(path, follow=True), client.head(path)]
    for revision in (0, 99):
        body = json.dumps({"revision": revision, "edits": edits})
        answers.append(client.post(f"/view/{paste.pid}/original/spans", body, "application/json"))
    answers.append(client.post(f"/view/{paste.pid}/retry"))
    for answer in answers:
        assert NAME not in answer.content.decode()
    assert paste.exists
    assert paste.row.revision == 0


def test_a_stranger_burns_nothing(make: Make, visitors: Visitors, alice: Any) -> None:
    paste = make(burn=True, owner=alice)
    for who in ("charlie", "nobody"):
        assert _open(visitors[who], paste).status_code == 404
    assert paste.exists


def test_a_paste_that_does_not_burn_is_not_burnt(make: Make, client: Client) -> None:
    paste = make()
    open_link(client, paste)
    assert _open(client, paste).status_code == 302
    assert paste.exists


def test_its_owner_reads_it_without_burning(make: Make, visitors: Visitors, alice: Any) -> None:
    paste = make(burn=True, owner=alice)
    for _ in range(2):
        assert NAME in visitors["alice"].get(paste.original).content.decode()
    assert paste.exists


@committed
def test_of_two_who_open_at_once_one_reads(make: Make) -> None:
    paste = make(burn=True)
    clients = [Client(), Client()]
    for client in clients:
        open_link(client, paste)
    start, answers = threading.Barrier(2), []

    def read(client: Client) -> None:
        start.wait()
        try:
            answers.append(_open(client, paste))
        finally:
            connection.close()

    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers) == [200, 404]
    assert sum(NAME in answer.content.decode() for answer in answers) == 1
