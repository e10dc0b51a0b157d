"""Finished public pages from the short ways and from Django: the same answers to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from documents import work
from documents.services import create_document
from inference import events
from sharing import public_cache
from sharing.services import delete
from tests.config.web import Web, Wire, web
from tests.pastebin.world import Make, Scan, committed, detector, make, scan
from tests.wsgi import is_kept

__all__ = ("detector", "make", "scan")
pytestmark = committed
# So that the next request finds a connection that has begun.
HELLO = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
_DATE = re.compile(rb"(?m)^Date: [^\r]+\r\n")
# What is asked for, with what: {} is the path.
REQUESTS = {
    "plain": "GET {} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "kept alive": "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n",
    "packed": "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip, br, zstd\r\n\r\n",
    "closed": "GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "old": "GET {} HTTP/1.0\r\nHost: localhost\r\n\r\n",
    "old, kept alive": "GET {} HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n",
    "head": "HEAD {} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "another etag": 'GET {} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: "x"\r\n\r\n',
    "a part": "GET {} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-9\r\n\r\n",
    "no question": "GET {}? HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "htmx": "GET {} HTTP/1.1\r\nHost: localhost\r\nHX-Request: true\r\n\r\n",
    "json": "GET {} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n",
    "a cookie": "GET {} HTTP/1.1\r\nHost: localhost\r\nCookie: sessionid=abcdefgh; a=b\r\n\r\n",
    "a foreign host": "GET {} HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n",
    "a bad host": "GET {} HTTP/1.1\r\nHost: local host\r\n\r\n",
    "a foreign origin": "GET {} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\n\r\n",
    "a secure proxy": "GET {} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\n\r\n",
    "a plain proxy": "GET {} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: http\r\n\r\n",
    "much": "GET {} HTTP/1.1\r\nHost: localhost\r\nX-Much: " + "x" * 5000 + "\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Web]:
    with web(tmp_path_factory.mktemp("web")) as one:
        yield one


@pytest.fixture
def paths(make: Make, scan: Scan) -> list[str]:
    """Public pages of each kind that is kept."""
    paste = make()
    created = create_document(content=b"Nothing to hide here.\n", name="a.txt")
    work.run_pending()
    scan()
    work.run_pending()
    document = f"/documents/{created.document.pid}"
    return [paste.public, paste.raw, paste.api, document, f"{document}/raw"]


def _forget(path: str) -> None:
    events.valkey().delete(public_cache._page_key(path))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: the first line, the headers (their order says nothing), the bytes.

    stays: the connection serves another request
    """

    line: bytes
    headers: tuple[bytes, ...]
    body: bytes
    stays: bool


def _answer(wire: Wire, request: bytes, *, in_pieces: bool = False) -> Answer:
    # The worker answers only what it sees whole; it looks as soon as anything is there.
    head, body = wire.ask(request, in_pieces=in_pieces)
    line, *headers = _DATE.sub(b"Date: now\r\n", head).rstrip().splitlines()
    return Answer(line, tuple(sorted(headers)), body, wire.is_open())


def _four_answers(server: Web, path: str, request: bytes) -> list[Answer]:
    """Return what Django, the application in front of it, and the worker answer.

    The worker is asked twice: on a new connection, and on one that has begun.
    """
    answers = []
    with server.connect() as wire:
        wire.ask(HELLO)
        _forget(path)
        answers.append(_answer(wire, request))
    _keep(server, path)
    with server.connect() as wire:
        answers.append(_answer(wire, request, in_pieces=True))
    with server.connect() as wire:
        answers.append(_answer(wire, request))
    with server.connect() as wire:
        wire.ask(HELLO)
        answers.append(_answer(wire, request))
    return answers


def _request(name: str, path: str) -> bytes:
    return REQUESTS[name].format(path).encode()


def _keep(server: Web, path: str) -> None:
    with server.connect() as wire:
        wire.ask(_request("plain", path))
    assert is_kept(path)


def test_all_ways_answer_alike(server: Web, paths: list[str]) -> None:
    different = []
    for path in paths:
        # What is special in a request is special on every page.
        names = REQUESTS if path == paths[0] else ("plain", "head")
        for name in names:
            slow, *quick = _four_answers(server, path, _request(name, path))
            assert slow.line.split()[1] in {b"200", b"400"}
            different += [(name, path, slow, one) for one in quick if one != slow]
    assert not different


def test_who_has_a_page_is_told_so_with_the_same_headers(server: Web, paths: list[str]) -> None:
    for path in paths:
        page = _four_answers(server, path, _request("plain", path))[0]
        etag = next(one for one in page.headers if one.startswith(b"ETag: "))
        request = _request("plain", path)[:-2] + etag.replace(b"ETag", b"If-None-Match")
        _, *quick = _four_answers(server, path, request + b"\r\n\r\n")
        headers = tuple(one for one in page.headers if not one.startswith(b"Content-Length"))
        assert quick == [Answer(b"HTTP/1.1 304 Not Modified", headers, b"", stays=True)] * 3


def test_a_page_that_is_gone_is_one_that_never_was(server: Web, make: Make) -> None:
    paste = make()
    _keep(server, paste.public)
    delete(paste.row)
    for name in REQUESTS:
        answers = []
        for path in (paste.public, "/view/AAAAAAAAAAAAAAAA"):
            with server.connect() as wire:
                wire.ask(HELLO)
                answers.append(_answer(wire, _request(name, path)))
        assert answers[0] == answers[1]
        assert answers[0].line.split()[1] in {b"404", b"400"}
