"""The Python client where a server asks for a proof of work."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import anyio
import httpx
import pytest

from blackbar import AsyncClient, Client, ForbiddenError
from tests.apart import apart
from tests.clients_python.scripted import Script, pauses, problem, told

__all__ = ("pauses",)
BITS = 17  # Most often more than one slice of numbers is looked through.
PASTE = {
    "id": "p1",
    "state": "scanning",
    "style": "placeholder",
    "title": None,
    "counts": {},
    "percent": 0,
    "position": 1,
    "revision": 0,
    "created_at": "2026-11-22T09:00:00+00:00",
    "expires_at": None,
    "public_url": "https://blackbar.example/p/p1",
    "text": None,
    "text_start": None,
    "spans": [],
}


def asked(challenge: str, bits: object = BITS) -> httpx.Response:
    """Return the answer that gives a challenge."""
    return told({"challenge": challenge, "bits": bits, "seconds": 600})


def _zero_bits(proof: str) -> int:
    return 256 - int.from_bytes(hashlib.sha256(proof.encode()).digest(), "big").bit_length()


def _holds(request: httpx.Request, challenge: str, bits: int = BITS) -> bool:
    proof = request.headers["Proof-Of-Work"]
    return proof.startswith(f"{challenge}:") and _zero_bits(proof) >= bits


def test_a_paste_is_sent_again_with_a_proof(pauses: list[float]) -> None:
    script = Script(problem(403, "proof_needed"), asked("one"), told(PASTE, 202))
    with script.client() as client:
        assert client.pastes.create("Some text").id == "p1"
    first, _, last = script.requests
    assert script.asked()[1] == "GET /proof-of-work"
    assert "Proof-Of-Work" not in first.headers
    assert _holds(last, "one")
    assert last.content == first.content
    assert pauses == []


def test_a_file_is_sent_again_from_its_beginning() -> None:
    script = Script(problem(403, "proof_needed"), asked("one", 4), problem(400, "malformed"))
    with script.client() as client, pytest.raises(Exception, match="400"):
        client.documents.upload(io.BytesIO(b"Some words"), name="a.txt")
    assert all(b"Some words" in script.requests[number].content for number in (0, 2))


def test_a_proof_that_came_too_late_is_made_anew() -> None:
    late = problem(403, "proof_needed")
    script = Script(late, asked("one", 4), late, asked("two", 4), told(PASTE, 202))
    with script.client() as client:
        client.pastes.create("Some text")
    assert _holds(script.requests[-1], "two", 4)


def test_a_server_that_takes_none_is_not_asked_for_ever() -> None:
    replies: list[Any] = []
    for number in range(20):
        replies += [problem(403, "proof_needed"), asked(str(number), 4)]
    script = Script(*replies)
    with script.client() as client, pytest.raises(ForbiddenError) as caught:
        client.pastes.create("Some text")
    assert caught.value.code == "proof_needed"
    assert len(script.requests) == 5


@pytest.mark.parametrize("bits", [64, 0, -1, None, "20"])
def test_work_without_end_is_not_done(bits: object) -> None:
    script = Script(problem(403, "proof_needed"), asked("one", bits))
    with script.client() as client, pytest.raises(ForbiddenError):
        client.pastes.create("Some text")


def test_a_server_without_challenges_is_believed() -> None:
    script = Script(problem(403, "proof_needed"), problem(404, "not_found"))
    with script.client() as client, pytest.raises(ForbiddenError):
        client.pastes.create("Some text")


def test_it_is_awaited_too() -> None:
    script = Script(problem(403, "proof_needed"), asked("one"), told(PASTE, 202))

    async def create() -> str:
        transport = httpx.MockTransport(script)
        async with AsyncClient("https://blackbar.example", transport=transport) as client:
            return (await client.pastes.create("Some text")).id

    assert apart(anyio.run, create) == "p1"
    assert _holds(script.requests[-1], "one")


def test_the_client_is_one_of_nobody() -> None:
    script = Script(problem(403, "proof_needed"), asked("one", 4), told(PASTE, 202))
    with Client("https://blackbar.example", transport=httpx.MockTransport(script)) as client:
        client.pastes.create("Some text")
    assert all("Authorization" not in request.headers for request in script.requests)
