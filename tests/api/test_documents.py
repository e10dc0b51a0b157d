"""Documents for programs: handed in, followed, corrected, fetched, deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.keys import create_key
from accounts.models import User
from documents import work
from documents.models import Document
from tests.documents.world import (
    CARD,
    FILE_NAME,
    NAME,
    SECRETS,
    TEXT,
    MadeDocument,
    MakeDocument,
    detector,
    make_document,
    scan,
)

__all__ = ("detector", "make_document", "scan")
pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
ALL = "/api/v1/documents"


def _send(client: Client, content: bytes = TEXT.encode(), **fields: Any) -> Any:
    return client.post(ALL, {"file": SimpleUploadedFile(FILE_NAME, content), **fields})


def _bearer(made: MadeDocument) -> dict[str, str]:
    return {"Reveal-Token": made.token}


def test_a_document_is_handed_in_and_followed(client: Client, scan: Any) -> None:
    response = _send(client)
    assert response.status_code == 202
    body = response.json()
    assert response["Location"] == f"{ALL}/{body['id']}"
    assert body["state"] == "received"
    assert body["progress"]["position"] == 1
    work.run_pending()
    assert client.get(response["Location"]).json()["state"] == "scanning"
    scan()
    work.run_pending()
    done = client.get(response["Location"]).json()
    assert done["state"] == "ready"
    assert done["name"] == "Letter of <PRIVATE_PERSON>"
    assert done["counts"] == {"private_person": 2, "private_email": 1, "account_number": 1}
    assert done["clean_file"]["state"] == "ready"
    assert done["clean_file"]["certificate"]["kind"] == "txt"
    assert not any(secret in json.dumps(done) for secret in SECRETS)


def test_the_clean_file_and_the_text_are_everybody_s(
    client: Client, make_document: MakeDocument
) -> None:
    made = make_document()
    text = client.get(f"{ALL}/{made.pid}/text")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    clean = client.get(f"{ALL}/{made.pid}/file")
    assert b"".join(clean.streaming_content) == text.content  # type: ignore[attr-defined]
    assert not any(secret in text.content.decode() for secret in SECRETS)


@pytest.mark.parametrize("part", ["/spans", "/source"])
def test_the_original_opens_with_the_token_only(
    client: Client, make_document: MakeDocument, part: str
) -> None:
    made = make_document()
    address = f"{ALL}/{made.pid}{part}"
    assert client.get(address).status_code == 404
    assert client.get(address, headers={"Reveal-Token": "wrong"}).status_code == 404
    response = client.get(address, headers=_bearer(made))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_the_owner_s_session_opens_it_and_a_stranger_s_does_not(
    make_document: MakeDocument,
) -> None:
    alice, charlie = (User.objects.create_user(name) for name in ("alice", "charlie"))
    made = make_document(owner=alice)
    for user, status in ((alice, 200), (charlie, 404)):
        client = Client()
        client.force_login(user)
        assert client.get(f"{ALL}/{made.pid}/spans").status_code == status
        assert len(client.get(ALL).json()["documents"]) == (user == alice)


@pytest.mark.parametrize(("scopes", "status"), [(["redact", "read"], 404), (["reveal"], 200)])
def test_the_owner_s_key_opens_it_with_the_scope_reveal_only(
    make_document: MakeDocument, scopes: list[str], status: int
) -> None:
    alice = User.objects.create_user("alice")
    made = make_document(owner=alice)
    secret = create_key(owner=alice, name="program", scopes=scopes).bearer
    answer = Client().get(f"{ALL}/{made.pid}/spans", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == status
    refused = Client().get(f"{ALL}/{made.pid}", headers={"Authorization": "Bearer unknown"})
    assert refused.status_code == 401


def test_a_correction_counts_from_the_file_s_text(
    client: Client, make_document: MakeDocument
) -> None:
    made = make_document()
    address = f"{ALL}/{made.pid}/spans"
    start = TEXT.index("charged")
    edit = {"op": "add", "start": start, "end": start + len("charged"), "label": "secret"}
    sent = {"revision": 0, "all_mentions": True, "edits": [edit]}

    def correct() -> Any:
        return client.post(address, sent, content_type="application/json", headers=_bearer(made))

    answer = correct()
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1
    assert [
        answer.json()["text"][span["start"] : span["end"]]
        for span in answer.json()["spans"]
        if span["label"] == "secret"
    ] == ["charged"]
    assert correct().json()["code"] == "conflict"
    assert client.get(f"{ALL}/{made.pid}/file").json()["code"] == "clean_making"
    work.run_pending()
    clean = client.get(f"{ALL}/{made.pid}/file")
    assert b"charged" not in b"".join(clean.streaming_content)  # type: ignore[attr-defined]


def test_what_cannot_be_is_said_in_a_problem_document(
    client: Client, make_document: MakeDocument
) -> None:
    empty = _send(client, b"")
    assert empty.status_code == 422
    assert empty["Content-Type"] == "application/problem+json"
    assert empty.json()["code"] == "invalid"
    assert "file" in empty.json()["errors"]
    assert _send(client, style="wavy").json()["errors"]["style"]
    unknown = client.get(f"{ALL}/AAAAAAAAAAAAAAAA")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    waiting = make_document(until="received")
    assert client.get(f"{ALL}/{waiting.pid}/text").json()["code"] == "not_ready"
    assert client.put(ALL).json()["code"] == "method_not_allowed"
    program = make_document(b"\x7fELF" + bytes(100), "letter.pdf")
    failed = client.get(f"{ALL}/{program.pid}").json()
    assert failed["state"] == "failed"
    assert failed["error"]["code"] == "unknown_kind"


def test_too_large_is_refused_before_it_is_stored(client: Client, settings: Any) -> None:
    settings.MAX_FILE_BYTES = 10
    response = _send(client)
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert NAME not in response.content.decode()
    assert not Document.objects.exists()


def test_deleting_needs_the_token(client: Client, make_document: MakeDocument) -> None:
    made = make_document()
    assert client.delete(f"{ALL}/{made.pid}").status_code == 404
    assert client.delete(f"{ALL}/{made.pid}", headers=_bearer(made)).status_code == 204
    assert client.get(f"{ALL}/{made.pid}").status_code == 404


def test_a_list_goes_on_where_it_ended(
    make_document: MakeDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.v1.cursors.PAGE_SIZE", 2)
    alice = User.objects.create_user("alice")
    pids = [make_document(until="received", owner=alice).pid for _ in range(3)]
    client = Client()
    client.force_login(alice)
    first = client.get(ALL).json()
    rest = client.get(ALL, {"cursor": first["next_cursor"]}).json()
    listed = [one["id"] for one in first["documents"] + rest["documents"]]
    assert listed == pids[::-1]
    assert rest["next_cursor"] is None
    assert client.get(ALL, {"cursor": "unknown"}).json()["code"] == "invalid"


def test_the_card_number_is_nowhere_in_the_rows(make_document: MakeDocument) -> None:
    document = make_document().row
    shown = json.dumps(
        [str(getattr(document, field.attname)) for field in Document._meta.concrete_fields]
    )
    assert CARD not in shown
    assert NAME not in shown
