"""The Gradio dialect on the wire: what there is, and what calls answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from documents.models import Document
from pastebin.models import Paste
from sharing.access import open_with_token
from tests.api.gradio_calls import (
    ANALYZE,
    API,
    CREATE,
    HIDDEN,
    TEXT,
    completed_call,
    curl,
    file_data,
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
        event_id = join(client, "s1", CREATE, [TEXT, "never"])
        estimation, starts, completed, closed = messages_of(client, "s1")
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
        ids = [join(client, "s1", CREATE, [f"{n} {TEXT}"]) for n in range(5)]
        messages = messages_of(client, "s1")
        done = [one["event_id"] for one in messages if one["msg"] == "process_completed"]
        assert sorted(done) == sorted(ids)
        assert [one["msg"] for one in messages].count("close_stream") == 1
        (unknown,) = messages_of(client, "s1")
        assert (unknown["msg"], unknown["session_not_found"]) == ("unexpected_error", True)

    @pytest.mark.parametrize("slash", ["", "/"])
    def test_curl(self, client: Client, slash: str) -> None:
        calls: list[tuple[str, dict[str, Any]]] = [
            ("create_paste", {"data": [TEXT]}),
            ("create_paste", {"data": [TEXT, "7d"]}),
            ("v2/create_paste", {"text": TEXT, "ttl": "90m"}),
        ]
        for name, sent in calls:
            event, data = curl(client, name, sent, slash)
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
            join(client, "s1", CREATE, [TEXT, ttl])
        ends = Paste.objects.order_by("created_at").values_list("expires_at", flat=True)
        *timed, never = ends
        assert never is None
        for end, left in zip(timed, seconds.values(), strict=True):
            assert end is not None
            assert abs(end - timezone.now() - timedelta(seconds=left)) < timedelta(minutes=1)

    def test_a_key_s_paste_belongs_to_its_owner(
        self, client: Client, alice: User, new_key: NewKeyMaker
    ) -> None:
        completed_call(client, CREATE, [TEXT], new_key())
        assert Paste.objects.get().owner == alice

    def test_offsets_are_code_points_of_the_text(self, client: Client) -> None:
        path = upload(client, f"👍👍 {TEXT}".encode())
        (answer,) = completed_call(client, ANALYZE, [file_data(path)])["output"]["data"]
        assert set(answer) == {"text", "spans", "stats"}
        found = [answer["text"][span["start"] : span["end"]] for span in answer["spans"]]
        assert found == ["Ann Lee", "ann@mail.example"]
        assert all(set(span) == {"start", "end", "label"} for span in answer["spans"])
        assert answer["stats"] == {
            "characters": len(answer["text"]), "pages": 0, "spans": 2, "hidden_characters": 23,
            "counts": {"private_person": 1, "private_email": 1},
        }  # fmt: skip
        assert not Document.objects.exists()


def test_a_browser_on_any_site_may_call(client: Client) -> None:
    for path in ("/config", f"{API}/info", f"{API}/queue/join", f"{API}/upload", f"{API}/cancel"):
        asked = client.options(path, headers={"Origin": "https://else.example"})
        assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
        assert "X-Gradio-User" in asked["Access-Control-Allow-Headers"]
        answer = client.get(path)
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer
