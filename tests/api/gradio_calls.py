"""Calls of the Gradio dialect as its clients make them, in the process of the test."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.keys import NewKey
from documents import work
from inference.events import wait_for_end
from inference.models import Scan
from tests.api.wire import get, send

API = "/gradio_api"
CREATE, ANALYZE, _, REDACT = range(4)
TEXT = "Ask Ann Lee, ann@mail.example"
HIDDEN = "Ask <PRIVATE_PERSON>, <PRIVATE_EMAIL>"
ERROR = {"error", "title", "visible", "duration"}
Message = dict[str, Any]


def messages_of(client: Client, session_hash: str, key: NewKey | None = None) -> list[Message]:
    """Return what a session's stream sends, as the clients read it."""
    answer = get(client, f"{API}/queue/data?session_hash={session_hash}", key)
    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    events = b"".join(answer).decode().split("\n\n")
    assert events.pop() == ""
    assert all(event.startswith("data: ") and "\n" not in event for event in events)
    return [json.loads(event.removeprefix("data: ")) for event in events]


def join(
    client: Client, session_hash: str, function: int, data: list[Any], key: NewKey | None = None
) -> str:
    """Begin a call of a session; return its event id."""
    sent = {"data": data, "fn_index": function, "session_hash": session_hash}
    answer = send(client, f"{API}/queue/join", sent, key)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"event_id"}
    return str(answer.json()["event_id"])


def completed_call(
    client: Client, function: int, data: list[Any], key: NewKey | None = None
) -> Any:
    """Call as the client libraries do and return the last message of the call."""
    session_hash = secrets.token_hex(8)
    event_id = join(client, session_hash, function, data, key)
    if function != CREATE:
        work.run_pending()
    if function == REDACT:
        assert wait_for_end(Scan.objects.get().pk, 30)
        work.run_pending()
    *_, completed, closed = messages_of(client, session_hash, key)
    assert closed == {"msg": "close_stream", "event_id": None}
    assert (completed["msg"], completed["event_id"]) == ("process_completed", event_id)
    return completed


def error_of(client: Client, function: int, data: list[Any], key: NewKey | None = None) -> str:
    """Return the sentence with which a call fails."""
    completed = completed_call(client, function, data, key)
    assert completed["success"] is False
    assert set(completed["output"]) == ERROR
    return str(completed["output"]["error"])


def curl(client: Client, name: str, sent: Any, slash: str = "") -> tuple[str, Any]:
    """Call as curl does; return the last event's name and data."""
    event_id = send(client, f"{API}/call/{name}{slash}", sent).json()["event_id"]
    name = name.removeprefix("v2/")
    return heard(client, f"{API}/call/{name}/{event_id}{slash}")


def heard(client: Client, path: str, key: NewKey | None = None) -> tuple[str, Any]:
    """Return the last event's name and data."""
    body = b"".join(get(client, path, key)).decode()
    *_, event, _ = body.split("\n\n")
    name, data = event.split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def upload(client: Client, content: bytes, key: NewKey | None = None, slash: str = "") -> str:
    """Upload a file; return its path."""
    file = SimpleUploadedFile("note of Ann Lee.txt", content)
    headers = {"Authorization": f"Bearer {key.bearer}"} if key else {}
    answer = client.post(f"{API}/upload{slash}", {"files": [file]}, headers=headers)
    assert answer.status_code == 200, answer.content
    (path,) = answer.json()
    assert "Ann" not in path
    return str(path)


def file_data(path: str) -> dict[str, Any]:
    """Return an uploaded file as an argument."""
    return {"path": path, "orig_name": "note.txt", "meta": {"_type": "gradio.FileData"}}
