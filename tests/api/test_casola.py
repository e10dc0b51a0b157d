"""The dialect of casola: its document's examples by curl, the async mode, errors."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Scope, User
from inference.worker import ScanWorker
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    compact,
    engine_at_work,
    get,
    new_key,
    own_network,
    send,
)
from tests.chosen_engine import ChosenEngine
from vault.models import Envelope

__all__ = (
    "alice", "chosen", "chosen_at_work", "compact", "engine_at_work", "new_key", "own_network",
)  # fmt: skip
pytestmark = committed
PII = "/openai/v1/pii"
MODEL = "openai/privacy-filter"


def _error(answer: Any) -> tuple[int, str]:
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "code"}
    return answer.status_code, error["code"]


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")


def _curl(address: str, bearer: str, body: Any = None) -> dict[str, Any]:
    """Ask as the document's examples do, and return the answer."""
    command = ["curl", "-sS", address, "-H", f"Authorization: Bearer {bearer}"]
    if body is not None:
        command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@needs_curl
@pytest.mark.usefixtures("engine_at_work")
@pytest.mark.parametrize("slash", ["", "/"])
def test_the_quick_start(live_server: Any, new_key: NewKeyMaker, slash: str) -> None:
    text = "My name is Harry Potter and my email is harry.potter@hogwarts.edu"
    address = f"{live_server.url}/openai/v1/pii{slash}"
    body = _curl(address, new_key().bearer, {"model": MODEL, "input": text})
    for span in body["results"][0]["spans"]:
        score = span.pop("score")
        assert 0.9 < score <= 1
        assert score == round(score, 4)
    assert body == {
        "object": "pii.detection",
        "model": MODEL,
        "results": [
            {
                "spans": [
                    {"label": "private_person", "start": 11, "end": 23, "text": "Harry Potter"},
                    {
                        "label": "private_email",
                        "start": 40,
                        "end": 65,
                        "text": "harry.potter@hogwarts.edu",
                    },
                ],
                "redacted_text": "My name is [PRIVATE_PERSON] and my email is [PRIVATE_EMAIL]",
            }
        ],
    }


@needs_curl
@pytest.mark.usefixtures("engine_at_work")
def test_the_batch(live_server: Any, new_key: NewKeyMaker) -> None:
    texts = ["Call me at 555-867-5309.", "Ship to 1 Infinite Loop, Cupertino, CA 95014."]
    body = _curl(f"{live_server.url}{PII}", new_key().bearer, {"model": MODEL, "input": texts})
    assert [one["redacted_text"] for one in body["results"]] == [
        "Call me at [PRIVATE_PHONE].",
        "Ship to [PRIVATE_ADDRESS].",
    ]


@needs_curl
def test_the_async_mode(live_server: Any, new_key: NewKeyMaker, chosen: ChosenEngine) -> None:
    bearer = new_key().bearer
    sent = {"model": MODEL, "input": "Ann Lee", "async": True}
    asked = _curl(f"{live_server.url}{PII}", bearer, sent)
    where = f"{live_server.url}/api/jobs/{asked['id']}"
    assert _curl(where, bearer)["status"] == "queued"
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()
    done = _curl(where, bearer)
    assert done["status"] == "completed"
    assert done["result"]["results"][0]["redacted_text"] == "[PRIVATE_PERSON]"


@pytest.mark.usefixtures("chosen_at_work")
def test_nothing_is_truncated(client: Client, new_key: NewKeyMaker) -> None:
    text = "word " * 3000 + "Ann Lee"
    body = send(client, PII, {"model": MODEL, "input": text}, new_key()).json()
    (span,) = body["results"][0]["spans"]
    assert (span["start"], span["text"]) == (15_000, "Ann Lee")
    assert not Envelope.objects.exists()


def test_a_job_is_polled_until_it_is_done(
    client: Client, new_key: NewKeyMaker, chosen: ChosenEngine
) -> None:
    key = new_key()
    asked = send(client, PII, {"model": MODEL, "input": "Ann Lee", "async": True}, key)
    assert asked.status_code == 202
    where = f"/api/jobs/{asked.json()['id']}"
    assert get(client, where, key).json()["status"] == "queued"
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()
    for path in (where, f"{where}/"):  # whoever polls may ask again
        done = get(client, path, key).json()
        assert done["status"] == "completed"
        assert done["result"]["results"][0]["redacted_text"] == "[PRIVATE_PERSON]"
    charlie = User.objects.create_user("charlie")
    assert get(client, where, new_key(owner=charlie)).status_code == 404


def test_a_job_that_failed_says_so(
    client: Client, new_key: NewKeyMaker, chosen: ChosenEngine
) -> None:
    key = new_key()
    asked = send(client, PII, {"model": MODEL, "input": "poison", "async": True}, key).json()
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()
    assert get(client, f"/api/jobs/{asked['id']}", key).json()["status"] == "failed"


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Bearer", "Basic eDp5"])
def test_without_a_good_key_nobody_is_served(client: Client, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = client.post(
        PII, {"model": MODEL, "input": "x"}, content_type="application/json", headers=headers
    )
    assert _error(answer) == (401, "invalid_api_key")
    assert client.get("/api/jobs/unknown", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": "x"},
        {"model": MODEL},
        {"model": MODEL, "input": []},
        {"model": MODEL, "input": [["Canary-7731"]]},
        {"model": MODEL, "input": {"Canary-7731": 1}},
        {"model": ["Canary-7731"], "input": "x"},
        {"model": MODEL, "input": "x", "async": "Canary-7731"},
        ["Canary-7731"],
    ],
)
def test_what_makes_no_sense_is_refused_without_an_echo(
    client: Client, new_key: NewKeyMaker, body: Any
) -> None:
    answer = send(client, PII, json.dumps(body), new_key())
    assert _error(answer) == (400, "invalid_request")
    assert "Canary" not in answer.content.decode()


@pytest.mark.usefixtures("chosen_at_work")
def test_every_other_error(client: Client, new_key: NewKeyMaker, settings: Settings) -> None:
    key, sent = new_key(), {"model": MODEL, "input": "x"}
    assert _error(send(client, PII, sent, new_key(Scope.READ))) == (403, "scope_needed")
    assert _error(send(client, PII, sent | {"input": "poison"}, key)) == (500, "server_error")
    for job_id in ("unknown", "a" * 65, "a%2Fb", "a%00b", "%D9%A1", "a.b", "%0A"):
        assert _error(get(client, f"/api/jobs/{job_id}", key)) == (404, "not_found")
    settings.MAX_PASTE_CHARACTERS = 3
    assert _error(send(client, PII, sent | {"input": "long"}, key)) == (413, "too_large")
    settings.API_BATCH_TEXTS = 1
    assert _error(send(client, PII, sent | {"input": ["a", "b"]}, key)) == (400, "invalid_request")
    settings.API_KEY_PER_MINUTE = 1
    answers = [send(client, PII, sent, key) for _ in range(3)]
    assert _error(answers[-1]) == (429, "rate_limit_exceeded")
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_a_detector_that_does_not_answer_is_a_timeout(
    client: Client, new_key: NewKeyMaker, settings: Settings
) -> None:
    settings.API_WAIT_SECONDS = 0.1
    answer = send(client, PII, {"model": MODEL, "input": "x"}, new_key())
    assert _error(answer) == (504, "timeout")
    assert not Envelope.objects.exists()
