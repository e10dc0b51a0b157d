"""Finished public pages, served from Valkey before Django is asked.

A public page changes only by correction, expiry or removal. Its bytes lie in Valkey under its
path, with the moment it expires; `PublicPages` wraps the WSGI application and answers from there.

Nobody may see a page that has been changed or removed, so:

- `drop` runs inside the transaction that changes an item. It bars the item's pages from being
  stored, removes what is stored, and lifts the bar after the commit. If Valkey cannot be reached
  the transaction fails, and nothing was changed.
- whoever renders a page notes the item's generation before reading the database, and the page is
  stored only if the generation is still the same: a page rendered from old rows is never stored.
- an entry lives for a few minutes at most, whatever happens.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import redis
from django.db import transaction
from django.http import HttpResponse

from inference.events import valkey
from sharing.models import Shared

KEEP_SECONDS = 300
BAR_SECONDS = 120
LARGEST_PAGE_BYTES = 1_000_000
_PATH = re.compile(
    r"/(?:view/[\w-]{6,32}(?:/raw)?|documents/[\w-]{12,32}(?:/raw)?|api/paste/[\w-]{6,32})"
)
_BARRED = b"barred:"
# Stores a page (KEYS[2..]) unless the item's generation (KEYS[1]) moved since ARGV[1].
_STORE = """
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] or string.sub(now, 1, 7) == 'barred:' then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 1
"""

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class CacheUnreachableError(Exception):
    """Raised when a change cannot be made because old pages could not be dropped."""


def drop(item: Shared) -> None:
    """Remove an item's public pages, now and once more after the commit.

    Must be called inside the transaction that changes the item. Raises CacheUnreachableError.
    """
    pid, paths = item.pid, item.public_paths()
    if not paths:
        return
    try:
        _renew(pid, paths, _BARRED + uuid.uuid4().bytes)
    except redis.RedisError as exc:
        raise CacheUnreachableError("The page cache is out of reach.") from exc
    transaction.on_commit(lambda: _lift(pid, paths))


def refresh(item: Shared) -> None:
    """Do as `drop`, for a change that only adds to a page: where it fails, the page is minutes old.

    Must be called inside the transaction that changes the item.
    """
    with suppress(CacheUnreachableError):
        drop(item)


def generation(pid: str) -> bytes | None:
    """Return what `store` needs to know; take it before reading the item from the database.

    None means that the page must not be stored.
    """
    try:
        return _get(_generation_key(pid)) or b""
    except redis.RedisError:
        return None


def store(pid: str, path: str, seen: bytes | None, response: HttpResponse, expires: float) -> None:
    """Keep a finished public page. Never raises: a page that is not kept is rendered again.

    seen:    what `generation` returned before the item was read
    expires: Unix time at which the item ends, 0 for never
    """
    body = response.content
    if seen is None or len(body) > LARGEST_PAGE_BYTES:
        return
    head = "\n".join([repr(expires), response["Content-Type"], response["ETag"], ""])
    keys = [_generation_key(pid), _page_key(path)]
    try:
        valkey().eval(_STORE, 2, *keys, seen, head.encode() + body, KEEP_SECONDS)
    except redis.RedisError:
        return


class PublicPages:
    """WSGI middleware that answers for finished public pages without asking Django."""

    def __init__(self, application: WsgiApp, headers: Sequence[tuple[str, str]]) -> None:
        self._application = application
        self._headers = list(headers)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer from Valkey, or hand on."""
        path = environ["PATH_INFO"]
        if (
            environ["REQUEST_METHOD"] in {"GET", "HEAD"}
            and not environ.get("QUERY_STRING")
            and _PATH.fullmatch(path)
            and (page := self._fetch(path)) is not None
        ):
            return self._answer(page, environ, start_response)
        return self._application(environ, start_response)

    @staticmethod
    def _fetch(path: str) -> bytes | None:
        try:
            page = _get(_page_key(path))
        except redis.RedisError:
            return None
        if page is None:
            return None
        expires = float(page[: page.index(b"\n")])
        return None if 0 < expires <= time.time() else page

    def _answer(
        self, page: bytes, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        _, content_type, etag, body = page.split(b"\n", 3)
        headers = [
            *self._headers,
            ("Content-Type", content_type.decode()),
            ("ETag", etag.decode()),
            ("Cache-Control", PUBLIC_CACHE_CONTROL),
            ("X-Robots-Tag", "noindex"),
        ]
        if environ.get("HTTP_IF_NONE_MATCH") == etag.decode():
            start_response("304 Not Modified", headers)
            return []
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


# Nobody keeps a page without asking again: it may have been corrected or removed.
PUBLIC_CACHE_CONTROL = "no-cache, private"


def _lift(pid: str, paths: Sequence[str]) -> None:
    try:
        _renew(pid, paths, uuid.uuid4().bytes)
    except redis.RedisError:
        return  # the bar stands until it runs out; pages are rendered meanwhile


def _renew(pid: str, paths: Sequence[str], generation: bytes) -> None:
    with valkey().pipeline(transaction=True) as pipe:
        pipe.set(_generation_key(pid), generation, ex=BAR_SECONDS)
        pipe.delete(*(_page_key(path) for path in paths))
        pipe.execute()


def _get(key: str) -> bytes | None:
    value: Any = valkey().get(key)
    return None if value is None else bytes(value)


def _generation_key(pid: str) -> str:
    return f"blackbar:generation:{pid}"


def _page_key(path: str) -> str:
    return f"blackbar:page:{path}"
