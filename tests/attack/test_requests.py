"""Requests that lie about where they go, what they are called and what they ask for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from documents.models import Document
from sharing.models import new_pid
from tests.cast import Visitors
from tests.pastebin.world import SECRETS, Make, open_link
from vault.envelope import new_token, token_digest, token_matches

pytestmark = pytest.mark.django_db
EVIL = "evil.example"


@pytest.mark.parametrize(
    "host", [EVIL, f"localhost@{EVIL}", f"localhost.{EVIL}", "", "[::1", "a b"]
)
def test_another_host_is_refused(client: Client, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert EVIL not in answer.content.decode()


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL"])
def test_no_header_of_a_stranger_changes_the_links(
    make: Make, client: Client, settings: Settings, name: str
) -> None:
    paste = make()
    client.cookies.clear()
    answer = client.get(paste.private, headers={name: f"host={EVIL}"})
    assert EVIL not in answer["Location"]
    shown = client.get(paste.public, headers={name: EVIL}).content.decode()
    assert EVIL not in shown


@pytest.mark.parametrize(
    "target",
    [
        f"https://{EVIL}/",
        f"//{EVIL}/",
        f"/\\{EVIL}",
        f"\\\\{EVIL}",
        f"https:{EVIL}",
        f"http:///{EVIL}",
        f"javascript:alert('{EVIL}')",
        f"/%0d%0aLocation: https://{EVIL}",
        f"\thttps://{EVIL}",
    ],
)
@pytest.mark.parametrize("view", ["account_login", "account_signup", "account_logout"])
def test_no_page_leads_elsewhere(client: Client, view: str, target: str) -> None:
    path = reverse(view)
    fields = {
        "login": "ada", "username": "ada", "password": "correct horse battery",
        "password1": "correct horse battery", "password2": "correct horse battery",
        "next": target,
    }  # fmt: skip
    answer = client.post(f"{path}?next={target}", fields)
    if answer.status_code == 302:
        target = answer["Location"]
        assert not {"\r", "\n", "\t", "\\"} & set(target)
        assert urlsplit(urljoin("http://testserver/", target)).netloc == "testserver"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/..%2fmanage.py",
        "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static//etc/passwd",
        "/view/../../etc/passwd",
        "/view/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/documents/..%5c..%5cwindows/file",
        "/api/v1/documents/%2e%2e/file",
        "/view/AAAAAAAAAAAAAAAA%00.html",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file=../manage.py",
        "/file=/etc/passwd",
    ],
)
def test_no_address_leaves_its_folder(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in {301, 302, 400, 403, 404}, path
    assert b"DJANGO_SETTINGS_MODULE" not in answer.content
    assert b"root:" not in answer.content


@pytest.mark.parametrize(
    "name",
    [
        "a.txt\r\nSet-Cookie: x=1",
        'a".txt; filename=evil.html',
        "../../etc/passwd.txt",
        "..\\..\\evil.txt",
        "a\x00b.txt",
        "\u202etxt.exe.txt",
        "a" * 4000 + ".txt",
        "<script>.txt",
    ],
)
def test_a_file_s_name_adds_no_header_and_no_folder(client: Client, alice: Any, name: str) -> None:
    client.force_login(alice)
    fields = {
        "file": SimpleUploadedFile("x.txt", b"Nothing to hide."),
        "expires": "1h",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    fields["file"].name = name  # past what Django tidies
    client.post("/documents/", fields)
    document = Document.objects.get()
    answer = client.get(f"/documents/{document.pid}/original/file")
    assert answer.status_code == 200
    header = answer["Content-Disposition"]
    assert header.startswith("attachment")
    assert not set("\r\n\x00") & set(header)
    assert "/" not in header.replace("filename*=utf-8''", "").replace("filename*=UTF-8''", "")
    assert "Set-Cookie: x" not in str(answer.headers).replace(header, "")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "html" not in answer["Content-Type"]


def test_no_cache_keeps_a_page_with_an_original(make: Make, visitors: Visitors, alice: Any) -> None:
    """Neither a proxy nor the browser behind its back button."""
    paste = make(owner=alice)
    open_link(visitors["bob"], paste)
    for who in ("alice", "bob"):
        answer = visitors[who].get(paste.original)
        assert any(secret in answer.content.decode() for secret in SECRETS)
        assert "no-store" in answer["Cache-Control"]
        assert "public" not in answer["Cache-Control"]
        assert answer["Referrer-Policy"] == "no-referrer"
    exchanged = visitors["bob"].get(paste.private)
    assert "no-store" in exchanged["Cache-Control"]


def test_ids_and_tokens_cannot_be_guessed() -> None:
    """They have 96 and 192 bits, and every place of them takes every sign."""
    pids, tokens = {new_pid() for _ in range(2000)}, {new_token() for _ in range(2000)}
    assert len(pids) == len(tokens) == 2000
    assert {len(pid) for pid in pids} == {16}
    assert {len(token) for token in tokens} == {32}
    for made, least in ((pids, 60), (tokens, 60)):
        for place in range(len(next(iter(made)))):
            assert len({one[place] for one in made}) >= least


def test_a_token_is_compared_by_its_digest() -> None:
    """What is compared follows from no byte of a guess that an attacker could turn alone."""
    token = new_token()
    near = token[:-1] + ("A" if token[-1] != "A" else "B")
    digest = token_digest(token)
    assert token_matches(token, digest)
    assert not token_matches(near, digest)
    shared = sum(a == b for a, b in zip(digest, token_digest(near), strict=True))
    assert shared < 8


def test_guesses_do_not_tell_a_good_id_from_a_bad_one(make: Make, client: Client) -> None:
    paste = make()
    wrong = new_token()
    for path in ("original", "links", "delete", "original/spans", "open"):
        known = client.get(f"/view/{paste.pid}/{path}?token={wrong}")
        unknown = client.get(f"/view/AAAAAAAAAAAAAAAA/{path}?token={wrong}")
        if path == "links":
            continue  # what is public is shown to anybody there
        assert known.status_code == unknown.status_code, path
        assert set(known.headers) == set(unknown.headers), path
