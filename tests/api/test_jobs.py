"""Jobs: how far they are, their one result, cancelling, and their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from anonymizer.models import RedactJob
from inference.models import Lane, Scan
from inference.queue import claim_batch
from inference.worker import ScanWorker
from tests.api.wire import chosen, committed, own_network, send
from tests.chosen_engine import ChosenEngine
from vault.models import Envelope

__all__ = ("chosen", "own_network")
pytestmark = committed
TEXTS = ["Ann Lee", "nobody at all", "ann@mail.example"]


def _start(client: Client, *texts: str) -> str:
    answer = send(client, "/api/v1/batch", {"texts": list(texts), "wait": 0})
    assert answer.status_code == 202
    address: str = answer["Location"]
    return address


def _work(chosen: ChosenEngine) -> None:
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()


def _state(client: Client, address: str) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    assert (answer.headers.get("Retry-After") == "1") == (body["state"] in {"queued", "running"})
    return body


def test_progress_counts_texts_and_characters(client: Client, chosen: ChosenEngine) -> None:
    address = _start(client, *TEXTS)
    waiting = _state(client, address)
    assert (waiting["state"], waiting["position"], waiting["percent"]) == ("queued", 1, 0)
    (claim, *rest) = claim_batch(Lane.SHORT, 1)
    assert not rest
    assert _state(client, address)["state"] == "running"
    Scan.objects.filter(pk=claim.scan.pk).update(state="pending", lease_id=None)
    _work(chosen)
    done = _state(client, address)
    assert (done["state"], done["texts"], done["texts_done"]) == ("done", 3, 3)
    assert (done["percent"], done["position"]) == (100, None)


def test_a_result_is_handed_out_once(client: Client, chosen: ChosenEngine) -> None:
    address = _start(client, *TEXTS)
    _work(chosen)
    results = client.get(f"{address}/result").json()["results"]
    assert [one["redacted_text"] for one in results] == [
        "[PERSON_1]",
        "nobody at all",
        "[EMAIL_1]",
    ]
    assert client.get(f"{address}/result").status_code == 404
    assert not Envelope.objects.exists()


def test_a_job_that_failed_says_so_and_leaves_nothing(client: Client, chosen: ChosenEngine) -> None:
    address = _start(client, *TEXTS, "poison")
    _work(chosen)
    assert _state(client, address)["state"] == "failed"
    answer = client.get(f"{address}/result")
    assert (answer.status_code, answer.json()["code"]) == (502, "detection_failed")
    assert not RedactJob.objects.exists()
    assert not Envelope.objects.exists()


def test_a_job_is_cancelled_while_it_runs(client: Client, chosen: ChosenEngine) -> None:
    address = _start(client, *TEXTS)
    claims = claim_batch(Lane.SHORT, 10_000)
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == client.delete(address).status_code == 404
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker._detect(claims[:1])  # its result is for nobody, and is not written
    assert not Envelope.objects.exists()
    assert not Scan.objects.exists()


def test_an_expired_job_is_gone_before_it_is_swept(client: Client, chosen: ChosenEngine) -> None:
    address = _start(client, *TEXTS)
    _work(chosen)
    RedactJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    for path in (address, f"{address}/result"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.delete(address).status_code == 404


@pytest.mark.parametrize("job_id", ["x", "A" * 22, "_" * 64])
def test_an_unknown_job_is_not_found(client: Client, job_id: str) -> None:
    assert client.get(f"/api/v1/jobs/{job_id}").status_code == 404
