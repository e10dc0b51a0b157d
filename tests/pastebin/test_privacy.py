"""Where originals must not be: in logs, in messages, in the database after the scan."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from inference.engine.engine import Engine
from inference.worker import ScanWorker
from pastebin.models import Paste
from tests.cast import token_in
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import (
    CARD,
    MAIL,
    NAME,
    TITLE,
    Make,
    Scan,
    committed,
    made_by,
    open_link,
    submit,
)
from tests.stored import everything_stored, forms_of
from vault import envelope as crypto
from vault.envelope import ServiceWrap, UnsealError
from vault.models import Envelope

CANARY = "canary.7731.owl@mail.example"
UNMARKED = "Quixotic-Zephyr"


@committed
def test_after_the_scan_neither_database_nor_valkey_hold_original_or_token(
    client: Client,
) -> None:
    """With the real engine: its rules find e-mail addresses by their form."""
    pid = made_by(client, title=f"Mail of {CANARY}", text=f"{CANARY} wrote: hello")
    worker = ScanWorker()
    worker.engine = Engine.load("compact")
    worker.run_pending()
    token = token_in(client.get(f"/view/{pid}/links"))
    assert token
    for path in (f"/view/{pid}", f"/view/{pid}/raw", f"/api/paste/{pid}"):
        assert client.get(path).status_code == 200
    assert CANARY in client.get(f"/view/{pid}?token={token}", follow=True).content.decode()
    dump = everything_stored()
    assert pid.encode() in dump
    assert b"wrote: hello" in dump  # what is public is there: the search works
    for value in (CANARY, "canary.7731", token):
        for form in forms_of(value):
            assert form not in dump


@pytest.mark.django_db
def test_after_the_scan_no_server_secret_opens_an_anonymous_paste(
    make: Make, settings: Settings
) -> None:
    paste = make()
    row = Envelope.objects.get(paste__pid=paste.pid)
    assert row.service_wrap is None
    scan = paste.row.scan
    sealed = [bytes(scan.sealed_text), bytes(scan.sealed_spans), bytes(row.token_wrap or b"")]
    contexts = [f"envelope {row.id} {name}" for name in ("text", "spans", "token", "service")]
    assert row.token_digest is not None
    secrets = [bytes(row.token_digest), django_settings.SECRET_KEY.encode()[:32]]
    secrets += list(django_settings.SERVICE_KEYS.values())
    for purpose in ("wrap", "value"):
        secrets += [crypto._service_key(key_id, purpose) for key_id in settings.SERVICE_KEYS]
    for value in sealed:
        for context in contexts:
            for secret in secrets:
                with pytest.raises(UnsealError):
                    crypto._unseal(secret, value, context)
            for key_id in settings.SERVICE_KEYS:
                with pytest.raises(UnsealError):
                    crypto.unwrap_for_service(ServiceWrap(key_id, value), context)
    assert NAME in _opened(paste)  # and the token does


@pytest.mark.django_db
def test_an_owner_s_paste_keeps_its_key_until_it_is_deleted(make: Make, alice: Any) -> None:
    assert make(owner=alice).row.envelope.service_wrap is not None


@pytest.mark.django_db
def test_counts_and_public_texts_are_all_that_is_stored_in_the_clear(make: Make) -> None:
    stored = Paste.objects.filter(pk=make(title=TITLE).pid).values().get()
    assert NAME not in str(stored)
    assert {bar[2] for bar in stored["bars"]} == {
        "private_person",
        "private_email",
        "account_number",
    }


@committed
def test_a_whole_life_logs_no_text_and_no_token(
    client: Client,
    scan: Scan,
    detector: ChosenEngine,
    make: Make,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Success and failure: submitting, scanning, reading, correcting, burning, deleting."""
    tokens = []
    client.raise_request_exception = False
    text = f"{NAME} {MAIL} {CARD} {UNMARKED}"
    with caplog.at_level(logging.INFO):
        submit(client, text="", title=UNMARKED)
        submit(client, text=text, expires=UNMARKED)
        for fields in ({}, {"burn": "on"}):
            pid = made_by(client, text=text, title=UNMARKED, **fields)
            scan()
            token = token_in(client.get(f"/view/{pid}/links"))
            assert token
            tokens.append(token)
            client.get(f"/view/{pid}", {"token": UNMARKED})
            client.get(f"/view/{pid}?token={token}", follow=True)
            for edit in (
                {"op": "add", "start": 0, "end": 3, "label": UNMARKED},
                {"op": "add", "start": 0, "end": 3, "label": "secret"},
            ):
                body = json.dumps({"revision": 0, "edits": [edit], "note": UNMARKED})
                client.post(f"/view/{pid}/original/spans", body, "application/json")
            client.post(f"/view/{pid}/original/spans", text, "application/json")
            client.post(f"/view/{pid}/open")
            client.post(f"/view/{pid}/delete")
        client.get(f"/{UNMARKED}", {"token": UNMARKED})
        client.get("/pastes/", {"q": UNMARKED})
        detector.poison = NAME
        broken = make(text=text)
        open_link(client, broken)
        tokens.append(broken.token)

        def fail(*args: object, **kwargs: object) -> None:
            raise RuntimeError(f"cannot do {text}")

        monkeypatch.setattr("pastebin.services.create_paste", fail)
        assert submit(client, text=text).status_code == 500
        monkeypatch.setattr("pastebin.services.read_original", fail)
        assert client.get(broken.original).status_code == 500
    logged = caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in logged
    for value in (NAME, MAIL, CARD, UNMARKED, "Lindqvist", *tokens):
        assert value not in logged


@pytest.mark.django_db
def test_an_unexpected_error_shows_nothing_of_the_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError(UNMARKED)

    client.raise_request_exception = False
    monkeypatch.setattr("pastebin.services.create_paste", fail)
    response = submit(client, text=UNMARKED)
    assert response.status_code == 500
    assert UNMARKED not in response.content.decode()
    assert "Traceback" not in response.content.decode()
    assert response["Content-Security-Policy"]


def _opened(paste: Any) -> str:
    row = paste.row
    return str(
        row.envelope.unseal(row.envelope.open_with_token(paste.token), row.scan.sealed_text, "text")
    )
