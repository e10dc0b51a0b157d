"""Asking the real WSGI application, as gunicorn does: the page cache stands in front of Django."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from config.wsgi import application
from inference import events
from sharing import public_cache


@dataclass(frozen=True)
class Answer:
    """What a WSGI application answered."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(path: str, *, method: str = "GET", app: Any = application, **extra: str) -> Answer:
    """Ask as a web server does."""
    path, _, query = path.partition("?")
    started: list[tuple[str, list[tuple[str, str]]]] = []
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "8000",
        "HTTP_HOST": "localhost:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    } | extra
    chunks = app(environ, lambda status, headers, *_: started.append((status, headers)))
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    ((status, headers),) = started
    return Answer(int(status.split()[0]), dict(headers), body)


def is_kept(path: str) -> bool:
    """Say whether a page lies in the cache."""
    return bool(events.valkey().exists(public_cache._page_key(path)))
