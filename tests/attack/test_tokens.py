"""Ids and tokens: neither guessed, nor told apart by an answer, nor by how long it takes."""

from __future__ import annotations

import ast
import hmac
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from entries.models import Entry
from tests.attack.addresses import World, make_world, paths
from tests.documents.world import MakeDocument, make_document
from tests.pastebin.world import Make, committed
from tests.workspaces.cast import make_team
from vault import envelope
from vault.envelope import new_token
from vault.models import Envelope

__all__ = ("make_document",)
pytestmark = committed
ROOT = Path(__file__).parents[2]
PACKAGES = (
    "accounts", "api", "audit", "config", "documents", "images", "moderation", "pastebin",
    "policies", "review", "sharing", "vault", "webhooks", "workspaces",
)  # fmt: skip
# What these compare are checksums of what the asker has sent, or of what is public.
_NO_SECRETS = ("api/v1/idempotency.py", "audit/verify.py", "vault/backup.py")
_SECRET = re.compile(r"(?:token|digest|secret|signature|password|bearer|proof|mac)s?$")


@pytest.fixture
def world(make: Make, make_document: MakeDocument, settings: Settings) -> World:
    """What a team holds."""
    settings.ADMIN = True
    return make_world(make, make_document)


def _like(value: str) -> str:
    """Return an id of the same form that nothing has."""
    if value.startswith("wh_"):
        return "wh_" + "a" * (len(value) - 3)
    return "9" * 9 if value.isdigit() else "A" * len(value)


def _without(answer: Any, ids: list[str]) -> str:
    """Return a page without what was asked for and without form tokens."""
    page: str = answer.content.decode()
    for one in ids:
        # A short number may stand anywhere: of those only what follows a slash was asked for.
        page = page.replace(one if len(one) > 6 else f"/{one}", "ID")
    return re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")\w+', "", page)


@pytest.mark.parametrize("who", ["charlie", "rival", "nobody"])
def test_what_is_not_yours_looks_like_what_is_not_there(world: World, who: str) -> None:
    """Same status, same body, same headers, at every address that does not show it to anybody."""
    browser = (
        make_team("Rivals", prefix="rival-").browsers["olga"]
        if who == "rival"
        else world.team.browsers[who]
    )
    browser.raise_request_exception = False
    # Until somebody has approved them, nobody else is told of them.
    Entry.objects.update(needs_approval=True)
    kept = {"number", "kind", "name"}
    known = {key: value for key, value in world.values.items() if key not in kept}
    compared = 0
    for pid in world.pids:
        one = replace(world, pids=[pid])
        values = {**world.values, **{key: _like(value) for key, value in known.items()}}
        other = replace(world, pids=[_like(pid)], values=values)
        ids = sorted({pid, *known.values()}, key=len, reverse=True)
        unknown = sorted({_like(value) for value in ids}, key=len, reverse=True)
        for real, made_up in zip(_in_order(one), _in_order(other), strict=True):
            if real == made_up:
                continue
            theirs = browser.get(f"/{real}")
            if theirs.status_code == 200 or theirs.streaming:
                continue
            nowhere = browser.get(f"/{made_up}")
            assert nowhere.status_code == theirs.status_code, real
            if "Location" in theirs:
                continue  # to sign in, or to the public page: see below
            assert set(nowhere.headers) == set(theirs.headers), real
            assert _without(nowhere, unknown) == _without(theirs, ids), real
            compared += 1
    assert compared > 40


def _in_order(world: World) -> list[str]:
    """Return the addresses in the order of the configuration, so that two worlds go together."""
    return paths(world, is_sorted=False)


@pytest.mark.parametrize("path", ["spans", "opening", "link", ""])
def test_programs_learn_as_little(make: Make, client: Client, path: str) -> None:
    paste = make()
    answers = []
    for pid in (paste.pid, "A" * len(paste.pid)):
        address = f"/api/v1/pastes/{pid}/{path}".rstrip("/")
        method = client.delete if path in {"", "link"} else client.post
        answers.append(method(address, headers={"Reveal-Token": new_token()}))
    known, unknown = answers
    assert known.status_code == unknown.status_code
    assert known.status_code in {401, 404}
    assert known.content == unknown.content
    assert set(known.headers) == set(unknown.headers)


def test_tokens_are_compared_by_digests_in_constant_time(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is sent, what is compared are two SHA-256: see benchmarks/token_timing.py."""
    compared: list[tuple[bytes, bytes]] = []

    def noted(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    spy = type("Hmac", (), {"compare_digest": staticmethod(noted)})
    monkeypatch.setattr(envelope, "hmac", spy)
    paste, forgotten = make(), make()
    Envelope.objects.get(paste=forgotten.pid).forget_token()
    guesses = (paste.token, paste.token[:-1] + "!", "", "x", "\u00e9" * 9, "x" * 10_000)
    for made in (paste, forgotten):
        for guess in guesses:
            row = Envelope.objects.get(paste=made.pid)
            right = made is paste and guess == paste.token
            assert row.accepts_token(guess) is right
    assert len(compared) == 2 * len(guesses)
    assert {len(value) for pair in compared for value in pair} == {32}
    assert not any(paste.token.encode() in value for pair in compared for value in pair)


def test_no_secret_is_compared_with_equals() -> None:
    wrong = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if str(file.relative_to(ROOT)) in _NO_SECRETS:
                continue
            for node in _equals(ast.parse(file.read_text())):
                wrong.append(f"{file.relative_to(ROOT)}: {ast.unparse(node)}")
    assert not wrong


def _equals(tree: ast.AST) -> Iterator[ast.Compare]:
    """Yield comparisons by == or != of what is named like a secret, but with constants."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        is_equal = any(isinstance(one, ast.Eq | ast.NotEq) for one in node.ops)
        is_plain = any(isinstance(side, ast.Constant) for side in sides)
        if is_equal and not is_plain and any(_SECRET.search(_name(side)) for side in sides):
            yield node


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return node.attr
        case ast.Call():
            return _name(node.func)
    return ""
