"""The dialect of privacyfilter.run: its document's examples by their own clients, every code."""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import keys
from accounts.models import Plan, Scope
from inference.models import Scan
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    compact,
    engine_at_work,
    new_key,
    own_network,
    send,
)
from vault.models import Envelope

__all__ = (
    "alice", "chosen", "chosen_at_work", "compact", "engine_at_work", "new_key", "own_network",
)  # fmt: skip
pytestmark = committed
REDACT, BATCH = "/api/redact", "/api/redact/batch"
TEXT = "Hi, I am John Smith (john@example.com, +1 555-0192). SSN: 123-45-6789."
ENTITIES = [
    {
        "index": index,
        "type": name,
        "original": original,
        "replacement": f"[{name}_{index}]",
        "start": start,
        "end": end,
    }
    for index, name, original, start, end in (
        (1, "PERSON", "John Smith", 9, 19),
        (2, "EMAIL", "john@example.com", 21, 37),
        (3, "PHONE", "+1 555-0192", 39, 50),
        (4, "SSN", "123-45-6789", 58, 69),
    )
]


def _key(new_key: NewKeyMaker, plan: Plan = Plan.UNLIMITED, **options: Any) -> str:
    return new_key(Scope.REDACT, plan=plan, **options).license_key


def _code(answer: Any) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "code"}
    return answer.status_code, answer.json()["code"]


@pytest.mark.usefixtures("engine_at_work")
class TestPublishedExamples:
    """As they stand in the document, but for the host and the key."""

    @pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
    @pytest.mark.parametrize("slash", ["", "/"])
    def test_curl(self, live_server: Any, new_key: NewKeyMaker, slash: str) -> None:
        sent = {"text": TEXT, "license_key": _key(new_key), "mode": "replace"}
        done = subprocess.run(
            [
                "curl", "-sS", "-X", "POST", f"{live_server.url}/api/redact{slash}",
                "-H", "Content-Type: application/json", "-d", json.dumps(sent),
            ],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        body = json.loads(done.stdout)
        assert isinstance(body.pop("processing_ms"), int)
        assert body == {
            "redacted_text": "Hi, I am [PERSON_1] ([EMAIL_2], [PHONE_3]). SSN: [SSN_4].",
            "entity_count": 4,
            "char_count": 70,
            "entities": ENTITIES,
        }

    def test_httpx_batch(self, live_server: Any, new_key: NewKeyMaker) -> None:
        documents = [
            {
                "id": "ticket_001",
                "text": "Customer Alice Brown (alice@shop.io) reported issue #1042",
            },
            {
                "id": "ticket_002",
                "text": "Follow-up from Bob Lee, +44 7911 123456, RE: order 8821",
            },
        ]
        resp = httpx.post(
            f"{live_server.url}/api/redact/batch",
            json={"documents": documents, "license_key": _key(new_key), "mode": "replace"},
            timeout=60,
        )
        resp.raise_for_status()
        body = resp.json()
        assert [f"{result['id']}: {result['redacted_text']}" for result in body["results"]] == [
            "ticket_001: Customer [PERSON_1] ([EMAIL_2]) reported issue #1042",
            "ticket_002: Follow-up from [PERSON_1], [PHONE_2], RE: order 8821",
        ]
        assert [len(result["entities"]) for result in body["results"]] == [2, 2]
        assert all(
            set(result) == {"id", "redacted_text", "entity_count", "entities"}
            for result in body["results"]
        )
        assert (body["total_processed"], body["total_entities"]) == (2, 4)
        assert set(body) == {"results", "total_processed", "total_entities"}

    @pytest.mark.skipif(shutil.which("node") is None, reason="there is no node here")
    def test_node_fetch(self, live_server: Any, new_key: NewKeyMaker) -> None:
        program = textwrap.dedent("""
            const response = await fetch(process.argv[2] + '/api/redact', {
              method: 'POST',
              headers: { 'Content-Type': 'application/json' },
              body: JSON.stringify({
                text: 'Contact Sarah Jones at sarah@startup.io or 0208 555 1234.',
                license_key: process.argv[3],
                mode: 'replace',
              }),
            });
            const { redacted_text, entities } = await response.json();
            console.log(redacted_text);
        """)
        done = subprocess.run(
            ["node", "--input-type=module", "-", live_server.url, _key(new_key)],
            input=program, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == "Contact [PERSON_1] at [EMAIL_2] or [PHONE_3].\n"

    def test_the_pseudonymisation_loop(self, live_server: Any, new_key: NewKeyMaker) -> None:
        """With a language model that greets whom it was told of."""
        raw_text = "Alice Brown (alice@shop.io) asks where her parcel is."
        r = (
            httpx.post(
                f"{live_server.url}/api/redact",
                json={"text": raw_text, "license_key": _key(new_key), "mode": "replace"},
                timeout=15,
            )
            .raise_for_status()
            .json()
        )
        entity_map = {e["replacement"]: e["original"] for e in r["entities"]}
        assert entity_map == {"[PERSON_1]": "Alice Brown", "[EMAIL_2]": "alice@shop.io"}
        assert "Alice" not in r["redacted_text"]
        reply = "Dear [PERSON_1], we wrote to [EMAIL_2]. Goodbye, [PERSON_1]."
        for placeholder, original in entity_map.items():
            reply = reply.replace(placeholder, original)
        assert reply == "Dear Alice Brown, we wrote to alice@shop.io. Goodbye, Alice Brown."

    def test_each_type_of_the_table(self, client: Client, new_key: NewKeyMaker) -> None:
        text = (
            "Maria Keller lives at 14 Elm St, Boston MA 02118. She was born January 14, 1985. Card"
            " 4111 1111 1111 1111, from 192.168.1.1, see linkedin.com/in/johndoe, user@company.com"
            " or 07911 123456. SSN: 123-45-6789."
        )
        body = send(client, REDACT, {"text": text, "license_key": _key(new_key)}).json()
        assert {one["type"] for one in body["entities"]} == {
            "PERSON", "EMAIL", "PHONE", "ADDRESS", "SSN", "DATE_OF_BIRTH", "CREDIT_CARD",
            "IP_ADDRESS", "URL",
        }  # fmt: skip


@pytest.mark.usefixtures("chosen_at_work")
class TestModes:
    """What each mode writes."""

    @pytest.mark.parametrize(
        ("mode", "shown"),
        [
            (None, "[PERSON_1], [EMAIL_2], [PERSON_1]"),
            ("replace", "[PERSON_1], [EMAIL_2], [PERSON_1]"),
            ("mask", "███████, ████████████████, ███████"),
            (
                "tag",
                '<PII type="PERSON">Ann Lee</PII>, <PII type="EMAIL">ann@mail.example</PII>,'
                ' <PII type="PERSON">ANN LEE</PII>',
            ),
        ],
    )
    def test_text(self, client: Client, mode: str | None, shown: str) -> None:
        body = send(
            client, REDACT, {"text": "Ann Lee, ann@mail.example, ANN LEE", "mode": mode}
        ).json()
        assert body["redacted_text"] == shown
        assert [one["index"] for one in body["entities"]] == [1, 2, 1]
        assert body["entity_count"] == 3

    def test_what_the_text_holds_already_is_no_new_placeholder(self, client: Client) -> None:
        body = send(client, REDACT, {"text": "[PERSON_1] met Ann Lee"}).json()
        assert body["redacted_text"] == "[PERSON_1] met [PERSON_2]"

    def test_offsets_and_count_are_code_points(self, client: Client) -> None:
        body = send(client, REDACT, {"text": "👍👍 Ann Lee"}).json()
        assert body["char_count"] == 10
        assert (body["entities"][0]["start"], body["entities"][0]["end"]) == (3, 10)

    def test_nothing_found_is_an_answer(self, client: Client) -> None:
        body = send(client, REDACT, {"text": ""}).json()
        assert (body["redacted_text"], body["entities"], body["char_count"]) == ("", [], 0)

    def test_nothing_is_kept(self, client: Client) -> None:
        send(client, REDACT, {"text": "Ann Lee"})
        assert not Envelope.objects.exists()


@pytest.mark.usefixtures("chosen_at_work")
class TestCodes:
    """Every code of the table, and what its document leaves open."""

    def test_text_too_long_for_nobody_and_for_a_key(
        self, client: Client, new_key: NewKeyMaker
    ) -> None:
        assert send(client, REDACT, {"text": "x" * 2000}).status_code == 200
        assert _code(send(client, REDACT, {"text": "x" * 2001})) == (400, "TEXT_TOO_LONG")
        key = _key(new_key)
        longer = {"text": "x" * 10_000, "license_key": key}
        assert send(client, REDACT, longer).status_code == 200
        longest = {"text": "x" * 10_001, "license_key": key}
        assert _code(send(client, REDACT, longest)) == (400, "TEXT_TOO_LONG")

    def test_a_body_past_all_limits_is_too_long_too(
        self, client: Client, settings: Settings
    ) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
        assert _code(send(client, REDACT, {"text": "x" * 200})) == (400, "TEXT_TOO_LONG")

    @pytest.mark.parametrize("license_key", [str(uuid.uuid4()), "x", "YOUR-UUID-HERE", 7, ["x"]])
    def test_a_wrong_license(self, client: Client, license_key: Any) -> None:
        sent = {"text": "x", "license_key": license_key}
        assert _code(send(client, REDACT, sent)) == (401, "INVALID_LICENSE")

    def test_an_expired_revoked_or_narrow_license(
        self, client: Client, new_key: NewKeyMaker
    ) -> None:
        expired = _key(new_key, expires_at=timezone.now() - timedelta(seconds=1))
        revoked, narrow = new_key(), new_key(Scope.READ)
        keys.revoke_key(revoked.key)
        for license_key in (expired, revoked.license_key, narrow.license_key):
            sent = {"text": "x", "license_key": license_key}
            assert _code(send(client, REDACT, sent)) == (401, "INVALID_LICENSE")

    def test_a_pack_ends_after_its_requests(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.PLAN_PACK_REQUESTS = 2
        sent = {"text": "x", "license_key": _key(new_key, Plan.PACK)}
        assert [send(client, REDACT, sent).status_code for _ in range(2)] == [200, 200]
        answer = send(client, REDACT, sent)
        assert _code(answer) == (402, "QUOTA_EXHAUSTED")
        assert "Retry-After" not in answer

    def test_nobody_has_three_a_day(self, client: Client) -> None:
        assert [send(client, REDACT, {"text": "x"}).status_code for _ in range(3)] == [200] * 3
        answer = send(client, REDACT, {"text": "x"})
        assert _code(answer) == (429, "RATE_LIMITED")
        assert 0 < int(answer["Retry-After"]) <= 86_400

    def test_the_owner_s_keys_have_no_limits(self, client: Client, new_key: NewKeyMaker) -> None:
        sent = {"text": "x" * 10_001, "license_key": _key(new_key, Plan.OWN)}
        assert {send(client, REDACT, sent).status_code for _ in range(5)} == {200}

    def test_a_failing_detector_costs_nothing(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.PLAN_PACK_REQUESTS = 1
        key = _key(new_key, Plan.PACK)
        poisoned = send(client, REDACT, {"text": "poison", "license_key": key})
        assert _code(poisoned) == (500, "UPSTREAM_ERROR")
        assert send(client, REDACT, {"text": "x", "license_key": key}).status_code == 200

    def test_batches_by_plan(self, client: Client, new_key: NewKeyMaker) -> None:
        documents = [{"id": str(number), "text": "Ann Lee"} for number in range(21)]
        for plan, most in ((Plan.PACK, 5), (Plan.UNLIMITED, 20)):
            key = _key(new_key, plan)
            fitting = {"documents": documents[:most], "license_key": key}
            body = send(client, BATCH, fitting).json()
            assert (body["total_processed"], body["total_entities"]) == (most, most)
            more = {"documents": documents[: most + 1], "license_key": key}
            assert _code(send(client, BATCH, more)) == (400, "TOO_MANY_DOCUMENTS")
        assert _code(send(client, BATCH, {"documents": documents[:1]})) == (401, "INVALID_LICENSE")

    @pytest.mark.parametrize(
        ("path", "body"),
        [
            (REDACT, {}),
            (REDACT, {"text": None}),
            (REDACT, {"text": ["Canary-7731"]}),
            (REDACT, {"text": "x", "mode": "Canary-7731"}),
            (REDACT, {"text": "x", "mode": ["mask"]}),
            (REDACT, "Canary-7731"),
            (BATCH, {"documents": []}),
            (BATCH, {"documents": "Canary-7731"}),
            (BATCH, {"documents": ["Canary-7731"]}),
            (BATCH, {"documents": [{"id": 1, "text": "x"}]}),
            (BATCH, {"documents": [{"id": "1"}]}),
        ],
    )
    def test_what_makes_no_sense_is_refused_without_an_echo(
        self, client: Client, new_key: NewKeyMaker, path: str, body: Any
    ) -> None:
        if isinstance(body, dict):
            body = body | {"license_key": _key(new_key)}
        answer = client.post(path, json.dumps(body), content_type="application/json")
        assert _code(answer) == (400, "INVALID_REQUEST")
        assert "Canary" not in answer.content.decode()


def test_a_detector_that_does_not_answer_is_an_upstream_error(
    client: Client, settings: Settings
) -> None:
    settings.API_WAIT_SECONDS = 0.1
    assert _code(send(client, REDACT, {"text": "x"})) == (500, "UPSTREAM_ERROR")
    assert not Scan.objects.exists()
    assert not Envelope.objects.exists()


def test_a_lost_valkey_is_an_upstream_error(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert _code(send(client, REDACT, {"text": "x"})) == (500, "UPSTREAM_ERROR")


@pytest.mark.parametrize("path", [REDACT, BATCH, REDACT + "/", BATCH + "/"])
def test_a_browser_on_any_site_may_call_and_no_cookie_counts(
    client: Client, path: str, new_key: NewKeyMaker
) -> None:
    origin = {"Origin": "https://else.example"}
    asked = client.options(path, headers=origin)
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Origin"] == "*"
    assert "Content-Type" in asked["Access-Control-Allow-Headers"]
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(new_key().key.owner)
    sent = {"text": 7, "documents": 7}
    refused = browser.post(path, sent, content_type="application/json", headers=origin)
    assert refused.status_code in {400, 401}
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in refused
    assert client.get(path).status_code == 405
