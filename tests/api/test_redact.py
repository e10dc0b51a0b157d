"""The native API: redact, batch, restore, jobs."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Scope, User
from anonymizer import redaction
from anonymizer.models import RedactJob
from inference.models import Scan
from inference.worker import ScanWorker
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    get,
    new_key,
    own_network,
    send,
)
from tests.chosen_engine import ChosenEngine
from vault.models import Envelope

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
REDACT, BATCH, RESTORE = "/api/v1/redact", "/api/v1/batch", "/api/v1/restore"
TEXT = "👍 Ann Lee (ann@mail.example) or ANN LEE"


def _work(chosen: ChosenEngine) -> None:
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()


@pytest.mark.usefixtures("chosen_at_work")
def test_a_text_is_redacted_while_the_request_waits(client: Client) -> None:
    answer = send(client, REDACT, {"text": TEXT})
    assert answer.status_code == 200
    body = answer.json()
    assert body["redacted_text"] == "👍 [PERSON_1] ([EMAIL_1]) or [PERSON_1]"
    assert body["counts"] == {"private_person": 2, "private_email": 1}
    first = body["entities"][0]
    assert (first["original"], first["replacement"]) == ("Ann Lee", "[PERSON_1]")
    assert TEXT[first["start"] : first["end"]] == "Ann Lee"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize("accepted", ["text/html", "image/png;q=0.5", "nonsense"])
def test_what_a_client_accepts_decides_nothing(client: Client, accepted: str) -> None:
    answer = send(client, REDACT, {"text": TEXT}, Accept=accepted)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")


@pytest.mark.usefixtures("chosen_at_work")
def test_nothing_is_kept_after_the_answer(client: Client) -> None:
    send(client, REDACT, {"text": TEXT})
    assert not Scan.objects.exists()
    assert not Envelope.objects.exists()


@pytest.mark.usefixtures("chosen_at_work")
def test_offsets_are_counted_as_asked(client: Client) -> None:
    body = send(client, REDACT, {"text": TEXT, "offset_unit": "utf16"}).json()
    units = TEXT.encode("utf-16-le")
    for one in body["entities"]:
        assert units[2 * one["start"] : 2 * one["end"]].decode("utf-16-le") == one["original"]
    sent = {"text": body["redacted_text"], "entities": body["entities"], "offset_unit": "utf16"}
    assert send(client, RESTORE, sent).json()["text"] == TEXT


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize("operator", ["replace", "surrogate"])
def test_what_was_redacted_comes_back(client: Client, operator: str) -> None:
    body = send(client, REDACT, {"text": TEXT, "operator": operator}).json()
    assert "Ann" not in body["redacted_text"]
    restored = send(
        client, RESTORE, {"text": body["redacted_text"], "entities": body["entities"]}
    ).json()
    assert restored == {"text": TEXT, "restored": 3, "missing": []}


def test_a_map_restores_what_a_model_wrote(client: Client) -> None:
    sent = {
        "text": "Dear **[Person 1]**, see [EMAIL_9] and PERSON_1.",
        "map": {"[PERSON_1]": "Ann Lee", "[DATE_1]": "May"},
    }
    assert send(client, RESTORE, sent).json() == {
        "text": "Dear **Ann Lee**, see [EMAIL_9] and PERSON_1.",
        "restored": 1,
        "missing": ["[DATE_1]"],
    }


@pytest.mark.usefixtures("chosen_at_work")
def test_operators_are_chosen_by_category(client: Client) -> None:
    options = {"operator": "mask", "operators": {"private_email": "category"}, "mask_length": 3}
    body = send(client, REDACT, {"text": TEXT} | options).json()
    assert body["redacted_text"] == "👍 ███ ([EMAIL]) or ███"


@pytest.mark.usefixtures("chosen_at_work")
def test_a_person_s_hashes_are_the_same_from_call_to_call(
    client: Client, new_key: NewKeyMaker
) -> None:
    charlie = User.objects.create_user("charlie")
    asked = {"text": "Ann Lee", "operator": "hash"}
    mine, again, other, nobody = (
        send(client, REDACT, asked, key).json()["redacted_text"]
        for key in (new_key(), new_key(), new_key(owner=charlie), None)
    )
    assert mine == again
    assert len({mine, other, nobody}) == 3


@pytest.mark.usefixtures("chosen_at_work")
def test_a_batch_answers_in_order_under_its_own_ids(client: Client) -> None:
    texts = [{"id": "b", "text": "Ann Lee"}, "nobody", {"id": 7, "text": "ann@mail.example"}]
    body = send(client, BATCH, {"texts": texts}).json()
    assert [(one["id"], one["redacted_text"]) for one in body["results"]] == [
        ("b", "[PERSON_1]"),
        (1, "nobody"),
        (7, "[EMAIL_1]"),
    ]
    assert body["total"] == 3


@pytest.mark.usefixtures("chosen_at_work")
@pytest.mark.parametrize("text", ["", "\0", "\ud800 Ann Lee \udfff", "a\r\nb", "👍" * 3])
def test_any_text_comes_back_as_it_was(client: Client, text: str) -> None:
    body = send(client, REDACT, {"text": text}).json()
    assert body["redacted_text"] == text.replace("Ann Lee", "[PERSON_1]")


def test_what_takes_longer_becomes_a_job(client: Client, chosen: ChosenEngine) -> None:
    answer = send(client, REDACT, {"text": TEXT, "wait": 0})
    assert answer.status_code == 202
    where = answer["Location"]
    assert client.get(where).json()["state"] == "queued"
    waiting = client.get(f"{where}/result")
    assert (waiting.status_code, waiting.json()["code"]) == (409, "not_ready")
    _work(chosen)
    done = client.get(where).json()
    assert (done["state"], done["percent"], done["texts_done"]) == ("done", 100, 1)
    result = client.get(done["result"]).json()
    assert result["redacted_text"] == "👍 [PERSON_1] ([EMAIL_1]) or [PERSON_1]"
    assert client.get(done["result"]).status_code == 404
    assert not Envelope.objects.exists()
    assert not RedactJob.objects.exists()


def test_a_job_s_options_are_kept_sealed(client: Client, chosen: ChosenEngine) -> None:
    secret = "canary-hash-key-7731"
    asked = {"texts": [{"id": "x", "text": "Ann Lee"}], "operator": "hash", "hash_key": secret}
    where = send(client, BATCH, asked | {"wait": 0})["Location"]
    assert secret.encode() not in bytes(RedactJob.objects.get().sealed_request)
    _work(chosen)
    (one,) = client.get(f"{where}/result").json()["results"]
    assert one["id"] == "x"
    again = send(client, REDACT, {"text": "Ann Lee", **asked, "wait": 0} | {"texts": None})
    assert again.status_code == 422


def test_a_job_is_its_owner_s(client: Client, new_key: NewKeyMaker) -> None:
    charlie = User.objects.create_user("charlie")
    mine, stranger = new_key(), new_key(owner=charlie)
    where = send(client, REDACT, {"text": TEXT, "wait": 0}, mine)["Location"]
    for key in (stranger, None):
        assert get(client, where, key).status_code == 404
        assert get(client, f"{where}/result", key).status_code == 404
    assert get(client, where, mine).status_code == 200
    session = Client()
    session.force_login(charlie)
    assert session.get(where).status_code == 404


def test_a_cancelled_job_leaves_nothing(client: Client, chosen: ChosenEngine) -> None:
    where = send(client, REDACT, {"text": TEXT, "wait": 0})["Location"]
    assert client.delete(where).status_code == 204
    assert client.get(where).status_code == 404
    assert not Envelope.objects.exists()
    _work(chosen)


def test_a_sweep_removes_what_nobody_fetched(client: Client, chosen: ChosenEngine) -> None:
    send(client, REDACT, {"text": TEXT, "wait": 0})
    redaction.submit(["left by a process that died"], operating_point="balanced")
    assert redaction.sweep() == 0
    long_ago = timezone.now() - timedelta(hours=2)
    RedactJob.objects.update(expires_at=long_ago)
    Scan.objects.filter(envelope__redact_part=None).update(created_at=long_ago)
    assert redaction.sweep() == 2
    assert not Envelope.objects.exists()


def test_an_erased_account_leaves_no_jobs(client: Client, new_key: NewKeyMaker) -> None:
    from accounts.erasure import erase_account

    key = new_key()
    send(client, REDACT, {"text": TEXT, "wait": 0}, key)
    erase_account(key.key.owner)
    assert not Envelope.objects.exists()


@pytest.mark.usefixtures("chosen_at_work")
def test_a_text_that_cannot_be_read_is_a_problem_and_is_gone(client: Client) -> None:
    answer = send(client, REDACT, {"text": "poison Ann Lee"})
    assert (answer.status_code, answer.json()["code"]) == (502, "detection_failed")
    assert not Envelope.objects.exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (REDACT, {}),
        (REDACT, {"text": 7}),
        (REDACT, []),
        (REDACT, {"text": "x", "Canary-7731": 1}),
        (REDACT, {"text": "x", "operator": "Canary-7731"}),
        (REDACT, {"text": "x", "operator": ["replace"]}),
        (REDACT, {"text": "x", "operators": {"private_person": "Canary-7731"}}),
        (REDACT, {"text": "x", "operators": {"Canary-7731": "mask"}}),
        (REDACT, {"text": "x", "mask_length": 0}),
        (REDACT, {"text": "x", "mask_length": True}),
        (REDACT, {"text": "x", "mask_length": 10**9}),
        (REDACT, {"text": "x", "hash_key": "short"}),
        (REDACT, {"text": "x", "offset_unit": "bytes"}),
        (REDACT, {"text": "x", "wait": -1}),
        (REDACT, {"text": "x", "wait": "soon"}),
        (REDACT, {"text": "x", "operating_point": "Canary-7731"}),
        (BATCH, {"texts": []}),
        (BATCH, {"texts": "Canary-7731"}),
        (BATCH, {"texts": [{"id": [], "text": "x"}]}),
        (BATCH, {"texts": [{"id": "x"}]}),
        (RESTORE, {"text": "x"}),
        (RESTORE, {"text": "x", "map": {"": "y"}}),
        (RESTORE, {"text": "x", "map": {"y": 1}}),
        (RESTORE, {"text": "x", "map": {}, "entities": []}),
        (RESTORE, {"text": "x", "entities": ["Canary-7731"]}),
        (RESTORE, {"text": "x", "entities": [{"replacement": "Canary-7731"}]}),
        (RESTORE, {"text": "x", "map": {}, "offset_unit": {}}),
    ],
)
def test_what_makes_no_sense_is_said_without_an_echo(client: Client, path: str, body: Any) -> None:
    answer = client.post(path, json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "invalid"
    assert "Canary" not in answer.content.decode()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"text": "Canary'])
def test_a_body_that_is_no_json_is_malformed(client: Client, body: bytes) -> None:
    answer = client.post(REDACT, body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert "Canary" not in answer.content.decode()


def test_too_long_is_refused_before_it_is_stored(client: Client, settings: Settings) -> None:
    settings.MAX_PASTE_CHARACTERS = 10
    assert send(client, REDACT, {"text": "x" * 11}).json()["code"] == "too_large"
    assert send(client, BATCH, {"texts": ["x" * 6] * 2}).json()["code"] == "too_large"
    settings.API_BATCH_TEXTS = 1
    assert send(client, BATCH, {"texts": ["x"] * 2}).json()["code"] == "too_large"
    assert not Scan.objects.exists()


@pytest.mark.usefixtures("chosen_at_work")
def test_a_key_does_what_its_scopes_say(client: Client, new_key: NewKeyMaker) -> None:
    reader = new_key(Scope.READ)
    refused = send(client, REDACT, {"text": "x"}, reader)
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_needed")
    assert send(client, REDACT, {"text": "x"}, new_key(Scope.REDACT)).status_code == 200
    assert get(client, "/api/v1/usage", reader).status_code == 200


@pytest.mark.parametrize(
    "header", ["Bearer blackbar_" + "0" * 32, "Bearer", "Basic eDp5", "Bearer é"]
)
def test_a_wrong_key_is_401_and_never_nobody(client: Client, header: str) -> None:
    answer = client.post(
        REDACT, {"text": "x"}, content_type="application/json", HTTP_AUTHORIZATION=header
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_without_a_key_only_where_it_is_allowed(client: Client, settings: Settings) -> None:
    settings.API_ANONYMOUS = False
    answer = send(client, REDACT, {"text": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "key_needed")


def test_a_session_needs_its_form_token(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = send(browser, RESTORE, {"text": "x", "map": {}})
    assert answer.status_code == 403


@pytest.mark.usefixtures("chosen_at_work")
def test_limits_are_in_the_headers_and_kept(client: Client, settings: Settings) -> None:
    settings.API_ANONYMOUS_PER_MINUTE = 2
    answers = [send(client, RESTORE, {"text": "x", "map": {}}) for _ in range(3)]
    if answers[-1].status_code == 200:  # a minute began in between
        answers = [send(client, RESTORE, {"text": "x", "map": {}}) for _ in range(3)]
    assert answers[0]["RateLimit-Policy"] == '"minute";q=2;w=60'
    assert answers[0]["RateLimit"].startswith('"minute";r=1;t=')
    last = answers[-1]
    assert (last.status_code, last.json()["code"]) == (429, "rate_limited")
    assert 0 < int(last["Retry-After"]) <= 60


def test_a_repeated_request_is_counted_once(client: Client, settings: Settings) -> None:
    settings.API_ANONYMOUS_PER_MINUTE = 1
    body = {"text": "x", "map": {}}
    for _ in range(3):
        assert send(client, RESTORE, body, **{"Idempotency-Key": "k1"}).status_code == 200
    other = send(client, RESTORE, {"text": "y", "map": {}}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_a_repeated_request_finds_its_job(client: Client) -> None:
    headers = {"Idempotency-Key": "k2"}
    first, again = (
        send(client, REDACT, {"text": TEXT, "wait": 0}, **headers)["Location"] for _ in range(2)
    )
    assert first == again
    assert RedactJob.objects.count() == 1


def test_a_request_that_was_refused_may_be_repeated_but_is_not_free(
    client: Client, settings: Settings
) -> None:
    settings.API_ANONYMOUS_PER_MINUTE = 1
    send(client, RESTORE, {"text": "x", "map": {}})
    for _ in range(2):
        answer = send(client, RESTORE, {"text": "x", "map": {}}, **{"Idempotency-Key": "k3"})
        assert answer.status_code in {429, 200}
        if answer.status_code == 200:  # a minute began in between
            send(client, RESTORE, {"text": "x", "map": {}})


def test_without_valkey_it_is_said_that_a_part_is_missing(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = send(client, RESTORE, {"text": "x", "map": {}})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize("path", [REDACT, "/api/redact", "/openai/v1/pii"])
def test_without_the_database_every_dialect_says_so_in_its_own_words(
    client: Client, new_key: NewKeyMaker, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise OperationalError("canary text")

    key = new_key()
    monkeypatch.setattr(redaction, "submit", fail)
    sent: dict[str, Any] = {"text": "x"}
    if path == "/openai/v1/pii":
        sent = {"model": "m", "input": "x"}
    answer = send(client, path, sent, key)
    assert answer.status_code == (500 if path == "/api/redact" else 503)
    assert answer["Content-Type"] in {"application/json", "application/problem+json"}
    assert "canary" not in answer.content.decode()
