"""Proof of work: asked for only where the owner wishes, taken once, and only from nobody."""

from __future__ import annotations

import hashlib
import itertools
import json
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

import blackbar
from accounts import proof
from accounts.keys import create_key
from accounts.models import Scope, User
from accounts.proof import ProofError
from documents.models import Document
from pastebin.models import Paste

pytestmark = pytest.mark.django_db
BITS = 8
FORM = {
    "text": "What was typed",
    "expires": "1d",
    "style": "placeholder",
    "operating_point": "balanced",
}


@pytest.fixture(autouse=True)
def _asked(settings: Settings) -> None:
    settings.PROOF_BITS = BITS


def solve(challenge: str, bits: int = BITS, *, begin: int = 0) -> str:
    """Return the first proof from a number on, by the words of docs/security.md."""
    for number in itertools.count(begin):
        answer = f"{challenge}:{number}"
        digest = hashlib.sha256(answer.encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - bits) == 0:
            return answer
    raise AssertionError


def _challenge(client: Client) -> str:
    answer = client.get("/proof-of-work")
    assert "no-store" in answer["Cache-Control"]
    body = answer.json()
    assert body["bits"] == BITS
    return str(body["challenge"])


def _file() -> dict[str, Any]:
    return FORM | {"file": SimpleUploadedFile("a.txt", b"Nothing to hide.")}


def test_each_proof_is_taken_once(client: Client) -> None:
    answer = solve(_challenge(client))
    assert client.post("/", FORM | {"proof": answer}).status_code == 302
    again = client.post("/", FORM | {"proof": answer})
    assert again.status_code == 422
    assert "used before" in again.content.decode()
    # Another number for the same challenge is the same proof.
    number = int(answer.rpartition(":")[2])
    other = solve(answer.rpartition(":")[0], begin=number + 1)
    assert client.post("/", FORM | {"proof": other}).status_code == 422
    assert Paste.objects.count() == 1


def test_without_one_nothing_is_stored_and_what_was_typed_stays(client: Client) -> None:
    for path, fields in (("/", FORM), ("/documents/", _file())):
        answer = client.post(path, fields)
        assert answer.status_code == 422
        assert "proof of work" in answer.content.decode()
    assert "What was typed</textarea>" in client.post("/", FORM).content.decode()
    refused = client.post("/documents/", _file(), HTTP_ACCEPT="application/json")
    assert (refused.status_code, refused.json()["code"]) == (422, "proof")
    assert not Paste.objects.exists()
    assert not Document.objects.exists()


def test_a_document_is_taken_with_one(client: Client) -> None:
    fields = _file() | {"proof": solve(_challenge(client))}
    assert client.post("/documents/", fields).status_code == 302


@pytest.mark.parametrize("path", ["/", "/documents/", "/images/"])
def test_the_page_says_what_needs_javascript(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert 'data-proof="/proof-of-work"' in page
    assert "That needs JavaScript" in page


@pytest.mark.parametrize("path", ["/", "/documents/", "/images/"])
def test_nobody_is_asked_where_it_is_off(client: Client, settings: Settings, path: str) -> None:
    settings.PROOF_BITS = 0
    assert "data-proof" not in client.get(path).content.decode()
    assert client.get("/proof-of-work").json()["challenge"] is None
    assert client.post("/", FORM).status_code == 302


def test_an_account_proves_nothing(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert "data-proof" not in client.get("/").content.decode()
    assert client.post("/", FORM).status_code == 302


def test_the_python_client_proves_by_itself(client: Client) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        type_ = request.headers.get("Content-Type", "")
        path, headers = request.url.path, dict(request.headers)
        got = client.generic(request.method, path, request.content, type_, headers=headers)
        return httpx.Response(got.status_code, headers=dict(got.items()), content=got.content)

    transport = httpx.MockTransport(answer)
    with blackbar.Client("http://localhost", transport=transport) as program:
        made = program.pastes.create("What was typed", wait=0)
    assert Paste.objects.get().pid == made.id


def test_a_proof_that_lies_is_refused(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    good = solve(proof.new_challenge())
    challenge = good.rpartition(":")[0]
    bits, ends, word, signature = challenge.split(".")
    easier = solve(f"1.{ends}.{word}.{signature}", 1)
    later = solve(f"{bits}.{int(ends) + 9}.{word}.{signature}")
    wrong = next(
        f"{challenge}:{n}"
        for n in itertools.count()
        if hashlib.sha256(f"{challenge}:{n}".encode()).digest()[0]
    )
    for lie in ("x", easier, later, wrong, f"{challenge}:", f"{challenge}:-1", good + " ", "\0"):
        with pytest.raises(ProofError):
            proof.take(lie)
    settings.PROOF_BITS = BITS + 1
    with pytest.raises(ProofError, match="too old"):
        proof.take(good)
    settings.PROOF_BITS = BITS
    now = proof.time.time()
    with monkeypatch.context() as patch:
        patch.setattr("accounts.proof.time.time", lambda: now + proof.LIFETIME_SECONDS + 1)
        with pytest.raises(ProofError, match="too old"):
            proof.take(good)
    proof.take(good)


def test_what_is_refused_for_its_content_does_not_use_it_up(client: Client) -> None:
    answer = solve(_challenge(client))
    assert client.post("/", FORM | {"text": "", "proof": answer}).status_code == 422
    assert client.post("/", FORM | {"proof": answer}).status_code == 302


def test_without_valkey_none_is_taken_and_what_was_typed_stays(
    client: Client, settings: Settings
) -> None:
    answer = solve(_challenge(client))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    refused = client.post("/", FORM | {"proof": answer})
    assert refused.status_code == 503
    assert refused["Retry-After"]
    assert "What was typed</textarea>" in refused.content.decode()
    assert not Paste.objects.exists()


def test_programs_show_it_in_a_header_or_have_a_key(client: Client, alice: User) -> None:
    def post(**headers: str) -> Any:
        return client.post(
            "/api/v1/pastes", json.dumps({"text": "x"}), "application/json", headers=headers
        )

    refused = post()
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed")
    answer = solve(_challenge(client))
    assert post(**{proof.HEADER: answer}).status_code in {201, 202}
    assert post(**{proof.HEADER: answer}).json()["code"] == "proof_needed"
    for path in ("documents", "images"):
        refused = client.post(f"/api/v1/{path}", _file())
        assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed"), path
    bearer = create_key(owner=alice, name="k", scopes=[Scope.REDACT]).bearer
    assert post(Authorization=f"Bearer {bearer}").status_code in {201, 202}


def test_gradio_s_paste_needs_a_key_then(client: Client) -> None:
    body = json.dumps({"data": ["a text", "1h"]})
    begun = client.post("/gradio_api/call/create_paste", body, "application/json")
    assert begun.status_code == 200
    assert not Paste.objects.exists()
