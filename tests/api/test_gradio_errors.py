"""Every way in which a call of the Gradio dialect fails, and where its clients look for it."""

from __future__ import annotations

import errno
import itertools
import json
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from gradio_client.utils import ServerMessage
from pytest_django import Settings

from accounts.models import Plan, Scope
from api.gradio import detached, tickets, uploads, views
from documents.models import Document
from pastebin.models import Paste
from tests.api.gradio_calls import (
    ANALYZE,
    API,
    CREATE,
    ERROR,
    TEXT,
    completed_call,
    curl,
    error_of,
    file_data,
    heard,
    join,
    messages_of,
    upload,
)
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    new_key,
    own_network,
    send,
)

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed


@pytest.mark.usefixtures("chosen_at_work")
class TestErrors:
    """Every way to fail, and where the clients look for it."""

    def test_wrong_arguments_are_an_error_of_the_call_without_an_echo(self, client: Client) -> None:
        wrong: list[tuple[int, list[Any]]] = [
            (CREATE, []),
            (CREATE, [None]),
            (CREATE, [["Canary-7731"]]),
            (CREATE, ["x", "Canary-7731"]),
            (CREATE, ["x", "10s"]),
            (CREATE, ["x", "999999999w"]),
            (CREATE, ["x", "never", "Canary-7731"]),
            (CREATE, ["  \n"]),
            (ANALYZE, ["Canary-7731"]),
            (ANALYZE, [{"url": "Canary-7731"}]),
            (ANALYZE, [{"path": "Canary-7731"}]),
            (ANALYZE, [{"path": "../../etc/passwd"}]),
            (ANALYZE, [{"path": "http://127.0.0.1/Canary-7731"}]),
            (ANALYZE, [{"path": "uploads/AAAAAAAAAAAAAAAA/Canary-7731/x"}]),
        ]
        for function, data in wrong:
            join(client, "s1", function, data)
        *ended, _ = [
            one for one in messages_of(client, "s1") if "rank" not in one and "eta" not in one
        ]
        assert len(ended) == len(wrong)
        assert {one["success"] for one in ended} == {False}
        assert all(set(one["output"]) == ERROR for one in ended)
        assert "Canary" not in json.dumps(ended)
        assert "passwd" not in json.dumps(ended)
        assert not Paste.objects.exists()

    def test_names_of_arguments(self, client: Client) -> None:
        event, data = curl(client, "v2/create_paste", {"text": TEXT, "Canary-7731": 1})
        assert (event, data["error"]) == (
            "error",
            "/create_paste takes these arguments: text, ttl.",
        )

    def test_a_text_that_cannot_be_read_is_not_shared_and_costs_nothing(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.PLAN_PACK_REQUESTS = 1
        key = new_key(Scope.REDACT, plan=Plan.PACK)
        assert "nothing was shared" in error_of(client, CREATE, ["poison"], key)
        assert not Paste.objects.exists()
        assert completed_call(client, CREATE, [TEXT], key)["success"]
        assert error_of(client, CREATE, [TEXT], key) == "All requests of this key are used."

    def test_too_many_requests(self, client: Client, settings: Settings) -> None:
        settings.API_ANONYMOUS_PER_MINUTE = 1
        errors = [completed_call(client, CREATE, [TEXT])["output"].get("error") for _ in range(3)]
        assert errors[-1].startswith("Too many requests. Try again in ")
        uploads = [
            client.post(f"{API}/upload", {"files": [SimpleUploadedFile("a", b"x")]})
            for _ in range(3)
        ]
        assert uploads[-1].status_code == 429
        assert 0 < int(uploads[-1]["Retry-After"]) <= 60

    def test_unknown_functions_sessions_and_calls(self, client: Client) -> None:
        assert send(client, f"{API}/call/nothing", {"data": []}).status_code == 404
        assert send(client, f"{API}/run/nothing", {"data": []}).status_code == 404
        sent = {"data": [], "session_hash": "s1", "fn_index": 99}
        assert send(client, f"{API}/queue/join", sent).status_code == 404
        assert heard(client, f"{API}/call/create_paste/{'0' * 32}") == ("error", "404: Not Found")
        assert client.get(f"{API}/file=results/x/y/redacted.txt").status_code == 404
        assert client.get(f"{API}/file=/etc/passwd").status_code == 404

    def test_a_body_that_is_no_object(self, client: Client) -> None:
        paths = ("queue/join", "call/create_paste", "run/create_paste", "cancel")
        for path, body in itertools.product(paths, (b"", b"[", b"[]", b"\xff")):
            answer = client.post(f"{API}/{path}", body, content_type="application/json")
            assert (answer.status_code, set(answer.json())) == (400, {"detail"})

    @pytest.mark.parametrize(
        "path",
        ["", "nothing", "call/CREATE", "call/create_paste/zz", "run/create_paste/more", "file="],
    )
    def test_other_addresses(self, client: Client, path: str) -> None:
        for answer in (client.get(f"{API}/{path}"), client.post(f"{API}/{path}")):
            assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})
            assert answer["Access-Control-Allow-Origin"] == "*"

    def test_a_session_needs_a_name(self, client: Client) -> None:
        # Half a surrogate pair: JSON can name it, the address of a stream cannot.
        for name in (None, 7, "", "x" * 201, "\ud800"):
            sent = {"data": [], "fn_index": 0, "session_hash": name}
            answer = send(client, f"{API}/queue/join", sent)
            assert (answer.status_code, set(answer.json())) == (400, {"detail"})

    @pytest.mark.parametrize("path", ["cancel", "reset"])
    def test_stopping_what_is_no_call(self, client: Client, path: str) -> None:
        for event_id in (None, 7, "", "zz", "0" * 32, "\ud800", "\x00"):
            answer = send(client, f"{API}/{path}", {"event_id": event_id})
            assert (answer.status_code, answer.json()) == (200, {"success": True})

    def test_forms_that_are_not_read(self, client: Client) -> None:
        files = [SimpleUploadedFile("a", b"x") for _ in range(101)]
        other = "application/x-www-form-urlencoded; charset=utf-16"
        for answer in (
            client.post(f"{API}/upload", {"files": files}),
            client.post(f"{API}/upload", {str(number): "x" for number in range(1001)}),
            client.post(f"{API}/upload", b"a=1", content_type=other),
            client.get(f"{API}/queue/data?{'a=1&' * 1001}"),
        ):
            assert (answer.status_code, set(answer.json())) == (400, {"detail"})
        assert not Document.objects.exists()

    def test_a_full_disk(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*args: object, **options: object) -> None:
            raise OSError(errno.ENOSPC, "")

        monkeypatch.setattr(uploads.services, "create_document", refuse)
        answer = client.post(f"{API}/upload", {"files": [SimpleUploadedFile("a", b"x")]})
        assert (answer.status_code, set(answer.json())) == (503, {"detail"})
        assert answer["Retry-After"] == "60"

    def test_files_that_are_not_taken(self, client: Client, settings: Settings) -> None:
        def status(*files: SimpleUploadedFile) -> int:
            return client.post(f"{API}/upload", {"files": [*files]}).status_code

        assert status() == 400
        assert status(SimpleUploadedFile("a", b"")) == 400
        assert status(*[SimpleUploadedFile("a", b"x")] * 11) == 400
        settings.MAX_FILE_BYTES = 10
        assert status(SimpleUploadedFile("a", b"x" * 11)) == 413
        assert not Document.objects.exists()

    def test_too_long_a_text(self, client: Client, settings: Settings) -> None:
        settings.MAX_PASTE_CHARACTERS = 10
        assert error_of(client, CREATE, ["x" * 11]) == "A paste takes up to 10 characters."

    def test_a_file_that_is_no_picture(self, client: Client) -> None:
        path = upload(client, TEXT.encode())
        assert "This is no picture" in error_of(client, 2, [file_data(path)])
        assert not Document.objects.exists()

    def test_a_file_that_cannot_be_read(self, client: Client) -> None:
        path = upload(client, b"%PDF-1.7\n" + bytes(100))
        assert "damaged" in error_of(client, ANALYZE, [file_data(path)])
        assert not Document.objects.exists()

    def test_a_full_queue(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tickets, "MOST_IN_SESSION", 0)
        sent = {"data": [TEXT], "session_hash": "s1", "fn_index": 0}
        assert send(client, f"{API}/queue/join", sent).status_code == 503
        monkeypatch.setattr(tickets, "MOST_CALLS", 0)
        answer = send(client, f"{API}/call/create_paste", {"data": [TEXT]})
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        assert not Paste.objects.exists()

    def test_more_streams_than_the_server_takes(self, client: Client) -> None:
        call = send(client, f"{API}/call/create_paste", {"data": [TEXT]}).json()["event_id"]
        event_id = join(client, "s1", CREATE, [TEXT])
        taken = [detached._attached.acquire(blocking=False) for _ in range(detached.MOST_ATTACHED)]
        try:
            refused, _ = messages_of(client, "s1")
            answer = client.get(f"{API}/call/create_paste/{call}")
        finally:
            detached._attached.release(sum(taken))
        assert all(taken)
        assert (refused["event_id"], refused["output"]["title"]) == (event_id, "Busy")
        assert answer.status_code == 503
        assert Paste.objects.count() == 1  # that of the other call, which may be heard of later

    def test_without_valkey(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail() -> None:
            raise redis.ConnectionError("canary")

        monkeypatch.setattr(tickets, "valkey", fail)
        answer = send(client, f"{API}/call/create_paste", {"data": [TEXT]})
        assert (answer.status_code, set(answer.json())) == (503, {"detail"})
        messages = messages_of(client, "s1")
        assert [one["msg"] for one in messages] == ["unexpected_error"] * 2
        # Words of the Python client, which waits for ever without them.
        assert messages[1]["message"] == ServerMessage.server_stopped.value
        assert "canary" not in answer.content.decode() + json.dumps(messages)

    def test_without_the_database(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> None:
            raise OperationalError("canary")

        monkeypatch.setattr(views, "caller_with_key", fail)
        *_, last = messages_of(client, "s1")
        assert last["message"] == ServerMessage.server_stopped.value
        answer = send(client, f"{API}/call/create_paste", {"data": [TEXT]})
        assert (answer.status_code, set(answer.json())) == (503, {"detail"})
