"""When the Python client sends a request again, and how long it waits."""

from __future__ import annotations

import io
from pathlib import Path

import anyio
import anyio.lowlevel
import httpx
import pytest

from blackbar import (
    AsyncClient,
    DeadlineError,
    NotFoundError,
    RateLimitedError,
    ServerError,
    TransportError,
)
from tests.apart import apart
from tests.clients_python.scripted import REDACTED, TEXT, Script, pauses, problem, told

__all__ = ("pauses",)
ACCEPTED = {"id": "job1", "state": "queued", "result": "/api/v1/jobs/job1/result"}
KEY = {"name": "k", "scopes": ["read"]}


def test_a_repeated_redaction_has_the_same_idempotency_key_and_body(pauses: list[float]) -> None:
    script = Script(httpx.ReadTimeout(TEXT), problem(503, "unavailable"), told(REDACTED))
    with script.client() as client:
        assert client.redact(TEXT).text == "[PERSON_1]"
    keys = {request.headers["Idempotency-Key"] for request in script.requests}
    bodies = {request.content for request in script.requests}
    assert (len(script.requests), len(keys), len(bodies)) == (3, 1, 1)
    assert pauses[0] < pauses[1]


def test_two_calls_have_two_keys() -> None:
    script = Script(told(REDACTED), told(REDACTED))
    with script.client() as client:
        client.redact(TEXT)
        client.redact(TEXT)
    first, second = (request.headers["Idempotency-Key"] for request in script.requests)
    assert first != second


@pytest.mark.usefixtures("pauses")
def test_making_a_key_is_repeated_only_if_it_surely_was_not_sent() -> None:
    script = Script(httpx.ReadError(TEXT))
    with script.client() as client, pytest.raises(TransportError):
        client.keys.create(**KEY)  # type: ignore[arg-type]
    made = {"id": 7, "name": "k", "prefix": "00", "scopes": ["read"], "plan": "own"}
    moments = {"created_at": "2026-11-21T09:00:00+00:00"}
    script = Script(
        httpx.ConnectError(TEXT), told(made | moments | {"secret": "s", "license_key": "l"}, 201)
    )
    with script.client() as client:
        assert client.keys.create("k", ["read"]).secret == "s"


def test_the_server_says_how_long_to_wait(pauses: list[float]) -> None:
    script = Script(problem(429, "rate_limited", {"Retry-After": "7"}), told(REDACTED))
    with script.client() as client:
        client.redact(TEXT)
    assert pauses == [7.0]


def test_a_wait_of_hours_is_not_made(pauses: list[float]) -> None:
    script = Script(problem(429, "rate_limited", {"Retry-After": "7200"}))
    with script.client() as client, pytest.raises(RateLimitedError) as caught:
        client.redact(TEXT)
    assert caught.value.retry_after_seconds == 7200
    assert pauses == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_what_will_not_pass_is_not_repeated(pauses: list[float], status: int) -> None:
    script = Script(problem(status, "invalid"))
    with script.client() as client, pytest.raises(Exception, match=str(status)):
        client.usage()
    assert pauses == []


def test_a_text_that_the_detector_cannot_read_is_not_sent_again(pauses: list[float]) -> None:
    script = Script(problem(502, "detection_failed"))
    with script.client() as client, pytest.raises(Exception, match="detection_failed"):
        client.redact(TEXT)
    assert pauses == []


@pytest.mark.usefixtures("pauses")
def test_it_gives_up_after_the_tries_that_were_asked_for() -> None:
    script = Script(*[problem(503, "unavailable")] * 9)
    with script.client(retries=3) as client, pytest.raises(ServerError):
        client.usage()
    assert len(script.requests) == 4


@pytest.mark.usefixtures("pauses")
def test_a_deletion_whose_answer_was_lost_is_done() -> None:
    script = Script(httpx.ReadError("x"), problem(404, "not_found"))
    with script.client() as client:
        client.keys.revoke(7)
    script = Script(problem(404, "not_found"))
    with script.client() as client, pytest.raises(NotFoundError):
        client.keys.revoke(7)


def test_a_job_is_waited_for_with_growing_pauses(pauses: list[float]) -> None:
    waiting = [problem(409, "not_ready")] * 12
    script = Script(told(ACCEPTED, 202), *waiting, told(REDACTED))
    with script.client() as client:
        assert client.redact(TEXT).map == {"[PERSON_1]": TEXT}
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.2, 5.0)


def test_waiting_for_a_job_honours_retry_after(pauses: list[float]) -> None:
    script = Script(
        told(ACCEPTED, 202), problem(409, "not_ready", {"Retry-After": "3"}), told(REDACTED)
    )
    with script.client() as client:
        client.redact(TEXT)
    assert pauses == [3.0]


@pytest.mark.usefixtures("pauses")
def test_a_job_that_takes_too_long_is_named_and_left_alone() -> None:
    script = Script(told(ACCEPTED, 202), problem(409, "not_ready"))
    with script.client() as client, pytest.raises(DeadlineError) as caught:
        client.redact(TEXT, timeout=0)
    assert caught.value.id == "job1"
    assert script.asked() == ["POST /api/v1/redact", "GET /api/v1/jobs/job1/result"]


def test_an_interrupted_wait_cancels_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("blackbar.runners.time.sleep", interrupt)
    script = Script(told(ACCEPTED, 202), problem(409, "not_ready"), httpx.Response(204))
    with script.client() as client, pytest.raises(KeyboardInterrupt):
        client.redact(TEXT)
    assert script.asked()[-1] == "DELETE /api/v1/jobs/job1"


def test_an_interruption_stays_one_if_the_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("blackbar.runners.time.sleep", interrupt)
    script = Script(told(ACCEPTED, 202), problem(409, "not_ready"), httpx.ConnectError("x"))
    with script.client() as client, pytest.raises(KeyboardInterrupt):
        client.redact(TEXT)
    assert len(script.requests) == 3


def test_a_cancelled_task_cancels_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script(told(ACCEPTED, 202), problem(409, "not_ready"), httpx.Response(204))

    async def work() -> None:
        with anyio.CancelScope() as scope:

            async def cancel(seconds: float) -> None:
                scope.cancel()
                await anyio.lowlevel.checkpoint()

            monkeypatch.setattr("blackbar.runners.anyio.sleep", cancel)
            transport = httpx.MockTransport(script)
            async with AsyncClient("https://blackbar.example", transport=transport) as client:
                await client.redact(TEXT)
        assert scope.cancelled_caught

    apart(anyio.run, work)
    assert script.asked()[-1] == "DELETE /api/v1/jobs/job1"


@pytest.mark.usefixtures("pauses")
def test_a_download_that_broke_begins_anew(tmp_path: Path) -> None:
    class Breaking(httpx.SyncByteStream):
        def __iter__(self):  # type: ignore[no-untyped-def]
            yield b"half of it, and then"
            raise httpx.ReadError("x")

    whole = b"whole"
    script = Script(httpx.Response(200, stream=Breaking()), httpx.Response(200, content=whole))
    target = tmp_path / "clean.pdf"
    with script.client() as client:
        client.documents.download("document1", target)
    assert target.read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == ["clean.pdf"]


@pytest.mark.usefixtures("pauses")
def test_a_download_that_fails_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    target = tmp_path / "clean.pdf"
    target.write_bytes(b"before")
    script = Script(problem(409, "clean_blocked"))
    with script.client() as client, pytest.raises(Exception, match="clean_blocked"):
        client.documents.download("document1", target)
    assert [path.name for path in tmp_path.iterdir()] == ["clean.pdf"]
    assert target.read_bytes() == b"before"


@pytest.mark.usefixtures("pauses")
def test_an_upload_is_sent_again_from_its_beginning() -> None:
    script = Script(httpx.ReadError("x"), problem(413, "too_large"))
    with script.client() as client, pytest.raises(Exception, match="too_large"):
        client.documents.upload(io.BytesIO(b"all of it"), name="a.txt")
    assert all(b"all of it" in request.content for request in script.requests)
    assert len(script.requests) == 2
