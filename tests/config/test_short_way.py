"""Which requests the web worker answers before it reads them: only those that say one thing."""

from __future__ import annotations

import pytest

from config.web_worker import page_asked_for

GOOD = b"GET /view/abcdefgh HTTP/1.1\r\nHost: paste.example\r\nAccept: */*\r\nCookie: a=b\r\n\r\n"


def test_a_plain_request_is_known() -> None:
    assert page_asked_for(GOOD) == ("/view/abcdefgh", "paste.example", True)
    kept = GOOD.replace(b"Accept: */*", b"Connection: keep-alive")
    assert page_asked_for(kept) == ("/view/abcdefgh", "paste.example", True)
    last = GOOD.replace(b"Accept: */*", b"Connection: Close")
    assert page_asked_for(last) == ("/view/abcdefgh", "paste.example", False)
    unsure = GOOD.replace(b"Accept: */*", b"Connection: close\r\nConnection: keep-alive")
    assert page_asked_for(unsure) == ("/view/abcdefgh", "paste.example", False)
    spaced = GOOD.replace(b"Host: paste.example", b"host:\tpaste.example:8000 ")
    assert page_asked_for(spaced) == ("/view/abcdefgh", "paste.example:8000", True)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\r\n\r\n",
        GOOD[:-2],
        GOOD + b"GET / HTTP/1.1\r\n",
        GOOD + GOOD,
        GOOD.replace(b"GET", b"HEAD"),
        GOOD.replace(b"GET", b"POST"),
        GOOD.replace(b"1.1", b"1.0"),
        GOOD.replace(b"abcdefgh", b"abcdefgh?token=abc"),
        GOOD.replace(b"abcdefgh", b"abc%20efgh"),
        GOOD.replace(b"abcdefgh", b"abcd\xc3\xa9fgh"),
        GOOD.replace(b"/view", b"http://paste.example/view"),
        GOOD.replace(b"Host: paste.example\r\n", b""),
        GOOD.replace(b"Accept", b"Host"),
        GOOD.replace(b"Accept: */*", b"Content-Length: 5"),
        GOOD.replace(b"Accept: */*", b"content-length:0"),
        GOOD.replace(b"Accept: */*", b"Transfer-Encoding: chunked"),
        GOOD.replace(b"Accept: */*", b"Connection: close, te"),
        GOOD.replace(b"Accept: */*", b"Connection: Upgrade, HTTP2-Settings"),
        GOOD.replace(b"Accept: */*", b"Upgrade: h2c"),
        GOOD.replace(b"Accept: */*", b"Expect: 100-continue"),
        GOOD.replace(b"Accept: */*", b'If-None-Match: "x"'),
        GOOD.replace(b"Accept: */*", b"Content-Length : 5"),
        GOOD.replace(b"Accept: */*", b" folded"),
        GOOD.replace(b"Accept: */*", b"A: b\rContent-Length: 5"),
        GOOD.replace(b"Accept: */*", b"A: b\nContent-Length: 5"),
        GOOD.replace(b"Accept: */*", b"A: b\x00"),
        GOOD.replace(b"\r\n", b"\n"),
    ],
)
def test_whatever_else_goes_the_usual_way(head: bytes) -> None:
    assert page_asked_for(head) is None
