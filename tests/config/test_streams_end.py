"""What a web server that stops does for Gradio's streams, whose connections it no longer holds."""

from __future__ import annotations

import json
import math
import re
import secrets
import time
from pathlib import Path
from typing import Any

import gradio_client
import httpx
import pytest
from django.test import Client

from api.gradio import stopping
from pastebin.models import Paste
from tests.config.web import PATIENCE_SECONDS, Web, Wire, web
from tests.pastebin.world import MAIL, TEXT, Scan, committed, detector, scan

__all__ = ("detector", "scan")
pytestmark = committed
API = "/gradio_api"
CREATE = 0


def _join(server: Web, session: str) -> str:
    sent = {"data": [TEXT], "fn_index": CREATE, "session_hash": session}
    answer = httpx.post(f"{server.url}{API}/queue/join", json=sent, timeout=PATIENCE_SECONDS)
    return str(answer.json()["event_id"])


def _listen(server: Web, path: str) -> Wire:
    """Open a stream; the server has answered, and has let go of the connection."""
    wire = server.connect()
    wire.socket.sendall(f"GET {API}{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert wire.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 200 ")
    return wire


def _messages(events: bytes) -> list[dict[str, Any]]:
    *found, rest = events.split(b"\n\n")
    assert rest == b""
    return [json.loads(event.removeprefix(b"data: ")) for event in found]


def _wait_for_its_end(server: Web, seconds: float) -> None:
    assert server.process.wait(seconds) == 0
    # gunicorn writes so of a worker that it has to kill.
    assert "SIGKILL" not in server.log.read_text()


def test_calls_that_end_in_time_are_answered(tmp_path: Path, scan: Scan) -> None:
    """The time is long here, so that nothing but the streams' end can be what is waited for."""
    with web(tmp_path, "--graceful-timeout", "600") as server:
        session = secrets.token_hex(8)
        calls = {_join(server, session) for _ in range(2)}
        sent = {"data": [TEXT]}
        called = httpx.post(f"{server.url}{API}/call/create_paste", json=sent).json()["event_id"]
        library = _listen(server, f"/queue/data?session_hash={session}")
        curl = _listen(server, f"/call/create_paste/{called}")
        with library, curl:
            library.read_until(b"estimation")
            server.terminate()
            _wait_until_refused(server)
            assert scan() == 3
            library.read_until(b"\n\n")
            *messages, closed = _messages(library.read_rest())
            completed = [one for one in messages if one["msg"] == "process_completed"]
            assert {one["event_id"] for one in completed} == calls
            assert all(one["success"] for one in completed)
            assert MAIL not in json.dumps(completed)
            assert closed == {"msg": "close_stream", "event_id": None}
            assert b"event: complete" in curl.read_rest()
        _wait_for_its_end(server, PATIENCE_SECONDS)
    assert Paste.objects.count() == 3


def test_others_are_told_that_they_are_given_up(tmp_path: Path, db: None) -> None:
    """Nobody scans here: the calls cannot end."""
    with web(tmp_path) as server:
        client = gradio_client.Client(server.url, verbose=False)
        job = client.submit(TEXT, api_name="/create_paste")
        called = httpx.post(f"{server.url}{API}/call/create_paste", json={"data": [TEXT]})
        with _listen(server, f"/call/create_paste/{called.json()['event_id']}") as curl:
            _wait_until(lambda: job.status().code is gradio_client.utils.Status.IN_QUEUE)
            server.terminate()
            with pytest.raises(gradio_client.exceptions.AppError, match="being restarted"):
                job.result(timeout=PATIENCE_SECONDS)
            *_, end, rest = curl.read_rest().split(b"\n\n")
            assert rest == b""
            assert re.fullmatch(rb"event: error\ndata: .+being restarted.+", end)
        _wait_for_its_end(server, PATIENCE_SECONDS)
    assert not Paste.objects.exists()


def test_no_stream_is_taken_while_it_stops(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = {"data": [TEXT]}
    answer = client.post(f"{API}/call/create_paste", sent, content_type="application/json")
    monkeypatch.setattr(stopping, "_ends_at", math.inf)
    stopping.begin(60)
    answer = client.get(f"{API}/call/create_paste/{answer.json()['event_id']}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")


def _wait_until_refused(server: Web) -> None:
    """Wait until the server takes no connection: it has begun to stop."""

    def is_refused() -> bool:
        try:
            server.connect().socket.close()
        except ConnectionRefusedError:
            return True
        return False

    _wait_until(is_refused)


def _wait_until(holds: Any) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
