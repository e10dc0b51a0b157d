"""Pastes for programs: handed in, read, corrected, shared anew, deleted."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import MadeOnce, Scope, User
from accounts.quotas import forget_ended
from api.v1 import idempotency
from inference.events import valkey
from inference.worker import ScanWorker
from pastebin import services
from pastebin.models import Paste
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

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed
PASTES = "/api/v1/pastes"
TEXT = "👍 Ann Lee wrote from ann@mail.example."
HIDDEN = "👍 <PRIVATE_PERSON> wrote from <PRIVATE_EMAIL>."
EVERYTHING = (Scope.REDACT, Scope.READ, Scope.REVEAL)


def _work(chosen: ChosenEngine) -> None:
    worker = ScanWorker()
    worker.engine = chosen  # type: ignore[assignment]
    worker.run_pending()


def _made(client: Client, chosen: ChosenEngine, key: Any = None, **fields: Any) -> dict[str, Any]:
    answer = send(client, PASTES, {"text": TEXT, **fields}, key)
    assert answer.status_code == 202
    _work(chosen)
    made: dict[str, Any] = answer.json()
    return made


def _token(made: dict[str, Any]) -> dict[str, str]:
    return {"Reveal-Token": made["reveal_token"]}


def test_a_paste_is_handed_in_and_followed(client: Client, chosen: ChosenEngine) -> None:
    answer = send(client, PASTES, {"text": TEXT, "title": "Ann Lee"})
    body = answer.json()
    assert answer.status_code == 202
    assert answer["Location"] == f"{PASTES}/{body['id']}"
    assert (body["state"], body["position"], body["title"]) == ("scanning", 1, None)
    assert body["private_url"].endswith(f"/view/{body['id']}?token={body['reveal_token']}")
    waiting = client.get(answer["Location"]).json()
    assert waiting["redacted_text"] is None
    assert client.get(f"{answer['Location']}/text").json()["code"] == "not_ready"
    _work(chosen)
    done = client.get(answer["Location"]).json()
    assert (done["state"], done["percent"], done["title"]) == ("ready", 100, "<PRIVATE_PERSON>")
    assert done["redacted_text"] == f"<PRIVATE_PERSON>\n\n{HIDDEN}"
    assert done["redacted_text"][done["text_start"] :] == HIDDEN
    assert done["counts"] == {"private_person": 2, "private_email": 1}
    assert client.get(f"{answer['Location']}/text").content.decode() == done["redacted_text"]
    assert "Ann" not in json.dumps(done)


@pytest.mark.usefixtures("chosen_at_work")
def test_who_waits_gets_it_ready(client: Client) -> None:
    answer = send(client, PASTES, {"text": TEXT, "wait": 20, "style": "numbered"})
    assert (answer.status_code, answer.json()["state"]) == (201, "ready")
    assert (
        client.get(answer["Location"]).json()["redacted_text"].startswith("👍 <PRIVATE_PERSON_1>")
    )


@pytest.mark.parametrize("unit", ["code_point", "utf16"])
def test_offsets_are_counted_as_asked(client: Client, chosen: ChosenEngine, unit: str) -> None:
    made = _made(client, chosen)
    address = f"{PASTES}/{made['id']}"

    def cut(text: str, one: dict[str, Any]) -> str:
        if unit == "code_point":
            return text[one["start"] : one["end"]]
        return text.encode("utf-16-le")[2 * one["start"] : 2 * one["end"]].decode("utf-16-le")

    public = client.get(address, {"offset_unit": unit}).json()
    assert [cut(public["redacted_text"], one) for one in public["spans"]] == [
        "<PRIVATE_PERSON>",
        "<PRIVATE_EMAIL>",
    ]
    opened = client.get(f"{address}/spans", {"offset_unit": unit}, headers=_token(made)).json()
    assert opened["text"] == TEXT
    assert [cut(TEXT, one) for one in opened["spans"]] == ["Ann Lee", "ann@mail.example"]
    # A correction counts in the same unit.
    start = len(TEXT[: TEXT.index("wrote")].encode("utf-16-le")) // 2
    start = start if unit == "utf16" else TEXT.index("wrote")
    edit = {"op": "add", "start": start, "end": start + 5, "label": "secret"}
    corrected = send(
        client,
        f"{address}/spans?offset_unit={unit}",
        {"revision": 0, "edits": [edit]},
        **_token(made),
    )
    assert corrected.json()["revision"] == 1
    assert "wrote" not in client.get(f"{address}/text").content.decode()


def test_a_correction_of_an_old_revision_is_a_conflict(
    client: Client, chosen: ChosenEngine
) -> None:
    made = _made(client, chosen)
    edit = {"op": "remove", "start": TEXT.index("Ann"), "end": TEXT.index(" wrote")}
    sent = {"revision": 0, "edits": [edit]}
    address = f"{PASTES}/{made['id']}/spans"
    assert send(client, address, sent, **_token(made)).status_code == 200
    again = send(client, address, sent, **_token(made))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize("offsets", [(0, 10**6), (-5, 3), (3, 3)])
def test_a_place_outside_the_text_changes_nothing(
    client: Client, chosen: ChosenEngine, offsets: tuple[int, int]
) -> None:
    made = _made(client, chosen)
    edit = {"op": "add", "start": offsets[0], "end": offsets[1], "label": "secret"}
    for unit in ("code_point", "utf16"):
        address = f"{PASTES}/{made['id']}/spans?offset_unit={unit}"
        answer = send(client, address, {"revision": 0, "edits": [edit]}, **_token(made))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(("scopes", "status"), [((Scope.READ,), 404), (EVERYTHING, 200)])
def test_the_owner_s_key_opens_the_original_with_the_scope_reveal_only(
    client: Client,
    chosen: ChosenEngine,
    new_key: NewKeyMaker,
    scopes: tuple[Scope, ...],
    status: int,
) -> None:
    made = _made(client, chosen, new_key())
    assert get(client, f"{PASTES}/{made['id']}/spans", new_key(*scopes)).status_code == status


def test_the_link_is_rotated_and_revoked_by_the_owner(
    client: Client, chosen: ChosenEngine, new_key: NewKeyMaker
) -> None:
    key = new_key(*EVERYTHING)
    made = _made(client, chosen, key)
    address = f"{PASTES}/{made['id']}"
    fresh = send(client, f"{address}/link", None, key).json()
    assert fresh["private_url"].endswith(fresh["reveal_token"])
    assert client.get(f"{address}/spans", headers=_token(made)).status_code == 404
    assert client.get(f"{address}/spans", headers=_token(fresh)).status_code == 200
    authorised = {"Authorization": f"Bearer {key.bearer}"}
    assert client.delete(f"{address}/link", headers=authorised).status_code == 204
    assert client.get(f"{address}/spans", headers=_token(fresh)).status_code == 404
    assert get(client, f"{address}/spans", key).status_code == 200
    (listed,) = get(client, PASTES, key).json()["pastes"]
    assert listed["private_link"] is False
    refused = send(client, f"{address}/link", None, new_key(Scope.READ))
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_needed")


def test_the_expiry_is_changed_by_the_owner(
    client: Client, chosen: ChosenEngine, new_key: NewKeyMaker
) -> None:
    key = new_key(*EVERYTHING)
    address = f"{PASTES}/{_made(client, chosen, key)['id']}/expiry"

    def put(**fields: Any) -> Any:
        return client.put(
            address,
            fields,
            content_type="application/json",
            headers={"Authorization": f"Bearer {key.bearer}"},
        )

    assert put(expires="never").json() == {"expires_at": None}
    moment = (timezone.now() + timedelta(hours=3)).isoformat()
    assert put(expires_at=moment).json() == {"expires_at": moment}
    assert Paste.objects.get().expires_at is not None
    past = (timezone.now() - timedelta(hours=3)).isoformat()
    for wrong in ({}, {"expires": "soon"}, {"expires_at": past}, {"expires_at": "2030-01-01"}):
        assert put(**wrong).status_code == 422


def test_what_burns_is_read_once(client: Client, chosen: ChosenEngine) -> None:
    made = _made(client, chosen, burn=True)
    address = f"{PASTES}/{made['id']}"
    refused = client.get(f"{address}/spans", headers=_token(made))
    assert (refused.status_code, refused.json()["code"]) == (409, "burns")
    opened = client.post(f"{address}/opening", headers=_token(made))
    assert opened.json()["text"] == TEXT
    assert "no-store" in opened["Cache-Control"]
    assert client.post(f"{address}/opening", headers=_token(made)).status_code == 404
    assert client.get(address).status_code == 404


def test_a_failed_scan_says_why_and_is_tried_again(client: Client, chosen: ChosenEngine) -> None:
    made = _made(client, chosen, text="poison and Ann Lee")
    address = f"{PASTES}/{made['id']}"
    failed = client.get(address).json()
    assert (failed["state"], failed["error"]["code"]) == ("failed", "scan_failed")
    assert client.get(f"{address}/text").json()["code"] == "scan_failed"
    chosen.poison = None
    assert client.post(f"{address}/retry").status_code == 404
    assert client.post(f"{address}/retry", headers=_token(made)).json()["state"] == "scanning"
    _work(chosen)
    assert client.get(address).json()["redacted_text"] == "poison and <PRIVATE_PERSON>"


def test_deleting_needs_the_token(client: Client, chosen: ChosenEngine) -> None:
    made = _made(client, chosen)
    address = f"{PASTES}/{made['id']}"
    assert client.delete(address).status_code == 404
    assert client.delete(address, headers=_token(made)).status_code == 204
    assert client.get(address).status_code == 404


def test_a_list_goes_on_where_it_ended(client: Client, alice: User, new_key: NewKeyMaker) -> None:
    for name in (alice, User.objects.create_user("charlie")):
        for _ in range(5):
            services.create_paste(text=TEXT, owner=name)
    # Made in the same moment, and one deleted in between: nothing is left out or comes twice.
    Paste.objects.update(created_at=timezone.now())
    key = new_key()
    first = get(client, f"{PASTES}?limit=2", key).json()
    Paste.objects.get(pk=first["pastes"][1]["id"]).delete()
    rest = get(client, f"{PASTES}?limit=9&cursor={first['next_cursor']}", key).json()
    listed = [one["id"] for one in first["pastes"] + rest["pastes"]]
    assert len(listed) == len(set(listed)) == 5
    assert set(Paste.objects.filter(owner=alice).values_list("pk", flat=True)) < set(listed)
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "limit=201", "cursor=x", "cursor=eA"])
def test_a_page_that_cannot_be_is_said(client: Client, new_key: NewKeyMaker, query: str) -> None:
    answer = get(client, f"{PASTES}?{query}", new_key())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_nobody_has_no_list(client: Client) -> None:
    assert client.get(PASTES).status_code == 401


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": None},
        {"title": "x" * 201},
        {"title": 7},
        {"style": "Canary-7731"},
        {"style": ["mask"]},
        {"operating_point": "Canary-7731"},
        {"expires": "Canary-7731"},
        {"expires_at": "Canary-7731"},
        {"burn": "Canary-7731"},
        {"Canary-7731": 1},
    ],
)
def test_what_makes_no_sense_is_said_without_an_echo(client: Client, fields: Any) -> None:
    answer = send(client, PASTES, {"text": TEXT} | fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert "Canary" not in answer.content.decode()
    assert not Paste.objects.exists()


def test_without_an_account_only_where_it_is_allowed(client: Client, settings: Settings) -> None:
    settings.ANONYMOUS_PASTES = False
    answer = send(client, PASTES, {"text": TEXT})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_repeated_request_makes_one_paste_and_is_counted_once(
    client: Client, settings: Settings
) -> None:
    settings.API_ANONYMOUS_PER_MINUTE = 1
    headers = {"Idempotency-Key": "p1"}
    first, again = (send(client, PASTES, {"text": TEXT}, **headers) for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["reveal_token"]
    assert again.json()["reveal_token"] is again.json()["private_url"] is None
    assert Paste.objects.count() == 1
    other = send(client, PASTES, {"text": "other"}, **headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_a_repetition_finds_its_paste_where_valkey_has_lost_all(client: Client) -> None:
    headers = {"Idempotency-Key": "p4"}
    first = send(client, PASTES, {"text": TEXT}, **headers)
    for key in valkey().keys("blackbar:idempotent:*"):
        valkey().delete(key)
    again = send(client, PASTES, {"text": TEXT}, **headers)
    assert first.json()["id"] == again.json()["id"]
    assert Paste.objects.count() == 1


def test_a_request_is_forgotten_after_a_day(client: Client) -> None:
    headers = {"Idempotency-Key": "p5"}
    ids = []
    for _ in range(2):
        ids.append(send(client, PASTES, {"text": TEXT}, **headers).json()["id"])
        MadeOnce.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert len(set(ids)) == 2
    forget_ended()
    assert not MadeOnce.objects.exists()


def test_a_request_that_failed_may_be_repeated(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "p2"}
    with monkeypatch.context() as patch:
        patch.setattr(services, "create_paste", None)
        browser = Client(raise_request_exception=False)
        assert send(browser, PASTES, {"text": TEXT}, **headers).status_code == 500
    assert send(client, PASTES, {"text": TEXT}, **headers).status_code == 202


def test_the_same_request_twice_at_once_makes_one_paste(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "p3"}
    create, inner = services.create_paste, []

    def create_while_repeated(**options: Any) -> Any:
        if not inner:
            inner.append(send(Client(), PASTES, {"text": TEXT}, **headers))
        return create(**options)

    monkeypatch.setattr(services, "create_paste", create_while_repeated)
    assert send(client, PASTES, {"text": TEXT}, **headers).status_code == 202
    assert (inner[0].status_code, inner[0].json()["code"]) == (409, "in_progress")
    assert Paste.objects.count() == 1


def test_a_request_that_is_over_is_found_while_another_repeats_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "p6"}
    first = send(client, PASTES, {"text": TEXT}, **headers)
    find, inner = idempotency._row, []

    def find_while_repeated(*of: str) -> MadeOnce:
        inner.append(send(Client(), PASTES, {"text": TEXT}, **headers))
        inner.append(send(Client(), PASTES, {"text": "other"}, **headers))
        return find(*of)

    monkeypatch.setattr(idempotency, "_row", find_while_repeated)
    again = send(client, PASTES, {"text": TEXT}, **headers)
    found, refused = inner
    assert first.json()["id"] == again.json()["id"] == found.json()["id"]
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_mismatch")
    assert Paste.objects.count() == 1
