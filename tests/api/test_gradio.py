"""The Gradio dialect on the wire: shapes, errors, whose calls and files are whose."""

from __future__ import annotations

import errno
import itertools
import json
import logging
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from gradio_client.utils import ServerMessage
from pytest_django import Settings

from accounts.keys import NewKey
from accounts.models import Plan, Scope, User
from api.gradio import detached, tickets, uploads, views
from documents import work
from documents.models import Document
from inference.events import wait_for_end
from inference.models import Scan
from pastebin.models import Paste
from sharing.access import open_with_token
from tests.api.test_canaries import CANARY, _assert_nowhere
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

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
API = "/gradio_api"
CREATE, ANALYZE, _, REDACT = range(4)
TEXT = "Ask Ann Lee, ann@mail.example"
HIDDEN = "Ask <PRIVATE_PERSON>, <PRIVATE_EMAIL>"
ERROR = {"error", "title", "visible", "duration"}
Message = dict[str, Any]


def _messages(client: Client, session_hash: str, key: NewKey | None = None) -> list[Message]:
    """Return what a session's stream sends, as the clients read it."""
    answer = get(client, f"{API}/queue/data?session_hash={session_hash}", key)
    assert answer["Content-Type"] == "text/event-stream; charset=utf-8"
    events = b"".join(answer).decode().split("\n\n")
    assert events.pop() == ""
    assert all(event.startswith("data: ") and "\n" not in event for event in events)
    return [json.loads(event.removeprefix("data: ")) for event in events]


def _join(
    client: Client, session_hash: str, function: int, data: list[Any], key: NewKey | None = None
) -> str:
    sent = {"data": data, "fn_index": function, "session_hash": session_hash}
    answer = send(client, f"{API}/queue/join", sent, key)
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"event_id"}
    return str(answer.json()["event_id"])


def _completed(client: Client, function: int, data: list[Any], key: NewKey | None = None) -> Any:
    """Call as the client libraries do and return the last message of the call."""
    session_hash = secrets.token_hex(8)
    event_id = _join(client, session_hash, function, data, key)
    if function != CREATE:
        work.run_pending()
    if function == REDACT:
        assert wait_for_end(Scan.objects.get().pk, 30)
        work.run_pending()
    *_, completed, closed = _messages(client, session_hash, key)
    assert closed == {"msg": "close_stream", "event_id": None}
    assert (completed["msg"], completed["event_id"]) == ("process_completed", event_id)
    return completed


def _error(client: Client, function: int, data: list[Any], key: NewKey | None = None) -> str:
    completed = _completed(client, function, data, key)
    assert completed["success"] is False
    assert set(completed["output"]) == ERROR
    return str(completed["output"]["error"])


def _call(client: Client, name: str, sent: Any, slash: str = "") -> tuple[str, Any]:
    """Call as curl does; return the last event's name and data."""
    event_id = send(client, f"{API}/call/{name}{slash}", sent).json()["event_id"]
    name = name.removeprefix("v2/")
    return _heard(client, f"{API}/call/{name}/{event_id}{slash}")


def _heard(client: Client, path: str, key: NewKey | None = None) -> tuple[str, Any]:
    body = b"".join(get(client, path, key)).decode()
    *_, event, _ = body.split("\n\n")
    name, data = event.split("\n")
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


def _upload(client: Client, content: bytes, key: NewKey | None = None, slash: str = "") -> str:
    file = SimpleUploadedFile("note of Ann Lee.txt", content)
    headers = {"Authorization": f"Bearer {key.bearer}"} if key else {}
    answer = client.post(f"{API}/upload{slash}", {"files": [file]}, headers=headers)
    assert answer.status_code == 200, answer.content
    (path,) = answer.json()
    assert "Ann" not in path
    return str(path)


def _file(path: str) -> dict[str, Any]:
    return {"path": path, "orig_name": "note.txt", "meta": {"_type": "gradio.FileData"}}


class TestWhatThereIs:
    """What clients ask for first, against what a gradio.Server with the same functions says."""

    def test_config(self, client: Client) -> None:
        config = client.get("/config").json()
        assert client.get("/config/").json() == config
        assert config["protocol"] == "sse_v3"
        assert config["api_prefix"] == API
        assert config["connect_heartbeat"] is False
        assert [one["api_name"] for one in config["dependencies"]] == [
            "create_paste", "analyze_document", "anonymize_screenshot", "redact_document",
        ]  # fmt: skip
        by_id = {one["id"]: one for one in config["components"]}
        for index, dependency in enumerate(config["dependencies"]):
            assert dependency["id"] == index
            assert dependency["api_visibility"] == "public"
            assert {*dependency["inputs"], *dependency["outputs"]} <= set(by_id)
        inputs = config["dependencies"][CREATE]["inputs"]
        assert [by_id[one]["api_info"] for one in inputs] == [{"type": "string"}] * 2

    def test_info(self, client: Client) -> None:
        info, *others = [
            client.get(f"{API}/{path}").json() for path in ("info", "info/", "info?serialize=False")
        ]
        assert others == [info, info]
        create = info["named_endpoints"]["/create_paste"]
        assert create["parameters"] == [
            {
                "label": "1st", "parameter_name": "text", "parameter_has_default": False,
                "parameter_default": None, "type": {"type": "string"},
                "python_type": {"type": "str", "description": ""}, "component": "Api",
                "example_input": "...",
            },
            {
                "label": "2nd", "parameter_name": "ttl", "parameter_has_default": True,
                "parameter_default": "never", "type": {"type": "string"},
                "python_type": {"type": "str", "description": ""}, "component": "Api",
                "example_input": "never",
            },
        ]  # fmt: skip
        assert create["returns"] == [
            {
                "label": "1st",
                "type": {"type": "object", "additionalProperties": {}},
                "python_type": {"type": "dict(str, Any)", "description": ""},
                "component": "Api",
            }
        ]
        file = info["named_endpoints"]["/analyze_document"]["parameters"][0]
        assert file["python_type"]["type"] == "filepath"
        meta = file["type"]["properties"]["meta"]["properties"]
        assert meta == {"_type": {"const": "gradio.FileData"}}

    def test_a_heartbeat_breaks_off_so_that_it_is_not_asked_for_again(self, client: Client) -> None:
        answer = client.get(f"{API}/heartbeat/s1")
        assert int(answer["Content-Length"]) > len(answer.content)


@pytest.mark.usefixtures("chosen_at_work")
class TestCalls:
    """Calls as the libraries and as curl make them."""

    def test_the_messages_of_a_call(self, client: Client) -> None:
        event_id = _join(client, "s1", CREATE, [TEXT, "never"])
        estimation, starts, completed, closed = _messages(client, "s1")
        assert estimation == {
            "msg": "estimation", "event_id": event_id, "rank": 0, "queue_size": 1, "rank_eta": None,
        }  # fmt: skip
        assert starts == {"msg": "process_starts", "event_id": event_id, "eta": None}
        assert set(completed) == {
            "msg", "event_id", "output", "success", "title", "used_cache", "cache_duration",
            "avg_time",
        }  # fmt: skip
        assert completed["success"] is True
        assert set(completed["output"]) == {
            "data", "is_generating", "duration", "average_duration", "render_config",
            "changed_state_ids", "used_cache",
        }  # fmt: skip
        assert closed == {"msg": "close_stream", "event_id": None}
        (paste,) = completed["output"]["data"]
        assert set(paste) == {"view_path", "reveal_path"}
        kept = Paste.objects.get()
        assert paste["view_path"] == f"/view/{kept.pid}"
        assert kept.redacted_text == HIDDEN
        path, _, token = paste["reveal_path"].partition("?token=")
        assert path == paste["view_path"]
        assert open_with_token(kept, token) is not None

    def test_one_stream_carries_all_calls_of_a_session(self, client: Client) -> None:
        ids = [_join(client, "s1", CREATE, [f"{n} {TEXT}"]) for n in range(5)]
        messages = _messages(client, "s1")
        done = [one["event_id"] for one in messages if one["msg"] == "process_completed"]
        assert sorted(done) == sorted(ids)
        assert [one["msg"] for one in messages].count("close_stream") == 1
        (unknown,) = _messages(client, "s1")
        assert (unknown["msg"], unknown["session_not_found"]) == ("unexpected_error", True)

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_curl(self, client: Client, slash: str) -> None:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("create_paste", {"data": [TEXT]}),
            ("create_paste", {"data": [TEXT, "7d"]}),
            ("v2/create_paste", {"text": TEXT, "ttl": "90m"}),
        ]
        for name, sent in calls:
            event, data = _call(client, name, sent, slash)
            assert event == "complete"
            assert [set(one) for one in data] == [{"view_path", "reveal_path"}]

    def test_an_answer_at_once(self, client: Client) -> None:
        for path in (f"{API}/run/create_paste", f"{API}/api/create_paste/"):
            body = send(client, path, {"data": [TEXT]}).json()
            assert set(body["data"][0]) == {"view_path", "reveal_path"}
            failed = send(client, path, {"data": ["poison"]})
            assert (failed.status_code, list(failed.json())) == (500, ["error"])

    def test_times_to_live(self, client: Client) -> None:
        seconds = {"10m": 600, "1h": 3600, "7d": 604_800, "90": 90, "2 w": 1_209_600}
        for ttl in (*seconds, "never"):
            _join(client, "s1", CREATE, [TEXT, ttl])
        ends = Paste.objects.order_by("created_at").values_list("expires_at", flat=True)
        *timed, never = ends
        assert never is None
        for end, left in zip(timed, seconds.values(), strict=True):
            assert end is not None
            assert abs(end - timezone.now() - timedelta(seconds=left)) < timedelta(minutes=1)

    def test_a_key_s_paste_belongs_to_its_owner(
        self, client: Client, alice: User, new_key: NewKeyMaker
    ) -> None:
        _completed(client, CREATE, [TEXT], new_key())
        assert Paste.objects.get().owner == alice

    def test_offsets_are_code_points_of_the_text(self, client: Client) -> None:
        path = _upload(client, f"👍👍 {TEXT}".encode())
        (answer,) = _completed(client, ANALYZE, [_file(path)])["output"]["data"]
        assert set(answer) == {"text", "spans", "stats"}
        found = [answer["text"][span["start"] : span["end"]] for span in answer["spans"]]
        assert found == ["Ann Lee", "ann@mail.example"]
        assert all(set(span) == {"start", "end", "label"} for span in answer["spans"])
        assert answer["stats"] == {
            "characters": len(answer["text"]), "pages": 0, "spans": 2, "hidden_characters": 23,
            "counts": {"private_person": 1, "private_email": 1},
        }  # fmt: skip
        assert not Document.objects.exists()


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
            _join(client, "s1", function, data)
        *ended, _ = [
            one for one in _messages(client, "s1") if "rank" not in one and "eta" not in one
        ]
        assert len(ended) == len(wrong)
        assert {one["success"] for one in ended} == {False}
        assert all(set(one["output"]) == ERROR for one in ended)
        assert "Canary" not in json.dumps(ended)
        assert "passwd" not in json.dumps(ended)
        assert not Paste.objects.exists()

    def test_names_of_arguments(self, client: Client) -> None:
        event, data = _call(client, "v2/create_paste", {"text": TEXT, "Canary-7731": 1})
        assert (event, data["error"]) == (
            "error",
            "/create_paste takes these arguments: text, ttl.",
        )

    def test_a_text_that_cannot_be_read_is_not_shared_and_costs_nothing(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.PLAN_PACK_REQUESTS = 1
        key = new_key(Scope.REDACT, plan=Plan.PACK)
        assert "nothing was shared" in _error(client, CREATE, ["poison"], key)
        assert not Paste.objects.exists()
        assert _completed(client, CREATE, [TEXT], key)["success"]
        assert _error(client, CREATE, [TEXT], key) == "All requests of this key are used."

    def test_too_many_requests(self, client: Client, settings: Settings) -> None:
        settings.API_ANONYMOUS_PER_MINUTE = 1
        errors = [_completed(client, CREATE, [TEXT])["output"].get("error") for _ in range(3)]
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
        assert _heard(client, f"{API}/call/create_paste/{'0' * 32}") == ("error", "404: Not Found")
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
        assert _error(client, CREATE, ["x" * 11]) == "A paste takes up to 10 characters."

    def test_a_file_that_is_no_picture(self, client: Client) -> None:
        path = _upload(client, TEXT.encode())
        assert "This is no picture" in _error(client, 2, [_file(path)])
        assert not Document.objects.exists()

    def test_a_file_that_cannot_be_read(self, client: Client) -> None:
        path = _upload(client, b"%PDF-1.7\n" + bytes(100))
        assert "damaged" in _error(client, ANALYZE, [_file(path)])
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
        event_id = _join(client, "s1", CREATE, [TEXT])
        taken = [detached._attached.acquire(blocking=False) for _ in range(detached.MOST_ATTACHED)]
        try:
            refused, _ = _messages(client, "s1")
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
        messages = _messages(client, "s1")
        assert [one["msg"] for one in messages] == ["unexpected_error"] * 2
        # Words of the Python client, which waits for ever without them.
        assert messages[1]["message"] == ServerMessage.server_stopped.value
        assert "canary" not in answer.content.decode() + json.dumps(messages)

    def test_without_the_database(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*args: object) -> None:
            raise OperationalError("canary")

        monkeypatch.setattr(views, "caller_with_key", fail)
        *_, last = _messages(client, "s1")
        assert last["message"] == ServerMessage.server_stopped.value
        answer = send(client, f"{API}/call/create_paste", {"data": [TEXT]})
        assert (answer.status_code, set(answer.json())) == (503, {"detail"})


class TestWhoMayWhat:
    """alice calls; charlie has a key of his own, and nobody has none."""

    @pytest.fixture
    def charlie(self, new_key: NewKeyMaker) -> NewKey:
        """A stranger's key."""
        return new_key(owner=User.objects.create_user("charlie"))

    @pytest.fixture
    def strangers(self, charlie: NewKey) -> Iterator[NewKey | None]:
        """Those who did not make the call."""
        return iter((charlie, None))

    def test_a_wrong_key_is_nowhere_nobody(self, client: Client) -> None:
        for header in ("Bearer wrong", "Bearer", "Basic eDp5"):
            headers = {"Authorization": header}
            for path in ("/config", f"{API}/info", f"{API}/queue/data?session_hash=s1"):
                answer = client.get(path, headers=headers)
                assert answer.status_code == 401
                assert "auth_message" in answer.json()["detail"]
            for path in ("queue/join", "call/create_paste", "run/create_paste", "upload", "cancel"):
                assert client.post(f"{API}/{path}", headers=headers).status_code == 401

    def test_where_the_python_client_puts_its_token(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.API_ANONYMOUS = False
        ours = {"X-HF-Authorization": f"Bearer {new_key().bearer}"}
        assert client.get("/config", headers=ours).status_code == 200
        # A token of the hub, which the client sends by itself, counts as none.
        theirs = {"X-HF-Authorization": "Bearer hf_abc"}
        assert client.get("/config", headers=theirs).status_code == 401
        settings.API_ANONYMOUS = True
        assert client.get("/config", headers=theirs).status_code == 200

    def test_a_key_that_may_only_read(self, client: Client, new_key: NewKeyMaker) -> None:
        assert get(client, "/config", new_key(Scope.READ)).status_code == 403

    def test_nobody_pastes_where_only_accounts_may(
        self, client: Client, settings: Settings
    ) -> None:
        settings.ANONYMOUS_PASTES = False
        assert "only people with an account" in _error(client, CREATE, [TEXT])

    def test_a_session_signed_in_counts_for_nothing(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        _join(client, "s1", CREATE, [TEXT])
        assert Paste.objects.get().owner is None

    @pytest.mark.usefixtures("chosen_at_work")
    def test_strangers_hear_nothing_and_stop_nothing(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        event_id = _join(client, "s1", CREATE, [TEXT], key)
        path = f"{API}/call/create_paste/{event_id}"
        for stranger in strangers:
            (unknown,) = _messages(client, "s1", stranger)
            assert unknown["session_not_found"] is True
            assert _heard(client, path, stranger) == ("error", "404: Not Found")
            answer = send(client, f"{API}/cancel", {"event_id": event_id}, stranger)
            assert answer.json() == {"success": True}
        completed = _messages(client, "s1", key)[-2]
        assert completed["success"] is True

    @pytest.mark.usefixtures("chosen_at_work")
    def test_files_belong_to_who_sent_them(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        path = _upload(client, TEXT.encode(), key)
        for stranger in strangers:
            assert "unknown or has expired" in _error(client, ANALYZE, [_file(path)], stranger)
        # What was sent is not handed out, to nobody at all.
        assert get(client, f"{API}/file={path}", key).status_code == 404
        assert _completed(client, ANALYZE, [_file(path)], key)["success"]
        assert "unknown or has expired" in _error(client, ANALYZE, [_file(path)], key)

    @pytest.mark.usefixtures("chosen_at_work")
    def test_a_result_is_fetched_by_its_holder(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        path = _upload(client, f"<h1>{TEXT}</h1>".encode(), key)
        (file,) = _completed(client, REDACT, [_file(path)], key)["output"]["data"]
        where = f"{API}/file={file['path']}"
        assert file["url"] == f"http://testserver{where}"
        for stranger in strangers:
            assert get(client, where, stranger).status_code == 404
        answer = get(client, where, key)
        content = b"".join(answer)
        assert (b"Ann" in content, len(content)) == (False, file["size"])
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        document = Document.objects.get()
        assert document.envelope.service_wrap is None  # nobody opens the original any more
        Document.objects.update(expires_at=timezone.now())
        assert get(client, where, key).status_code == 404


class TestWhatIsKept:
    """Nothing but pastes outlives its answer."""

    @pytest.mark.usefixtures("chosen_at_work")
    def test_a_document_is_nowhere_after_the_answer(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            path = _upload(client, f"{CANARY} {TEXT}".encode())
            _completed(client, ANALYZE, [_file(path)])
            broken = _upload(client, b"%PDF-1.7\n" + CANARY.encode())
            _error(client, ANALYZE, [_file(broken)])
            _error(client, CREATE, [TEXT, CANARY])
        _assert_nowhere(caplog.text, CANARY, "Ann Lee", *path.split("/")[2:])

    def test_what_waits_is_sealed(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            path = _upload(client, f"{CANARY} {TEXT}".encode())
            _join(client, "s1", ANALYZE, [_file(path)])
            _join(client, "s1", CREATE, [f"{CANARY} {TEXT}"])
        _assert_nowhere(caplog.text, CANARY, "Ann Lee", path.split("/")[2])

    def test_an_upload_that_nobody_calls_for_ends_soon(self, client: Client) -> None:
        _upload(client, TEXT.encode())
        ends = Document.objects.get().expires_at
        assert ends is not None
        assert ends <= timezone.now() + timedelta(minutes=10)

    @pytest.mark.parametrize("path", ["cancel", "reset"])
    def test_a_cancelled_call_leaves_nothing(self, client: Client, path: str) -> None:
        event_id = _join(client, "s1", CREATE, [TEXT])
        sent = {"event_id": event_id, "session_hash": "s1", "fn_index": 0}
        for slash in ("", "/"):
            answer = send(client, f"{API}/{path}{slash}", sent)
            assert answer.json() == {"success": True}
        assert not Paste.objects.exists()
        assert not Scan.objects.exists()
        completed = _messages(client, "s1")[-2]
        assert completed["output"]["error"] == "This call was cancelled."

    def test_a_cancelled_document_is_gone(self, client: Client) -> None:
        event_id = _join(client, "s1", ANALYZE, [_file(_upload(client, TEXT.encode()))])
        send(client, f"{API}/cancel", {"event_id": event_id})
        assert not Document.objects.exists()

    def test_a_client_that_leaves_takes_its_calls_along(self, client: Client) -> None:
        _join(client, "s1", CREATE, [TEXT])
        answer = client.get(f"{API}/queue/data?session_hash=s1")
        stream = iter(answer)
        while b"estimation" not in next(stream):
            continue
        answer.close()
        assert not Paste.objects.exists()
        assert detached._attached._value == detached.MOST_ATTACHED


def test_a_browser_on_any_site_may_call(client: Client) -> None:
    for path in ("/config", f"{API}/info", f"{API}/queue/join", f"{API}/upload", f"{API}/cancel"):
        asked = client.options(path, headers={"Origin": "https://else.example"})
        assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
        assert "X-Gradio-User" in asked["Access-Control-Allow-Headers"]
        answer = client.get(path)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
