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
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.http.request import split_domain_port, validate_host

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


def drop(*items: Shared) -> None:
    """Remove the public pages of items, now and once more after the commit.

    Must be called inside the transaction that changes the items. Raises CacheUnreachableError.
    """
    pages = {item.pid: paths for item in items if (paths := item.public_paths())}
    if not pages:
        return
    try:
        _renew(pages, _BARRED + uuid.uuid4().bytes)
    except redis.RedisError as exc:
        raise CacheUnreachableError("The page cache is out of reach.") from exc
    transaction.on_commit(lambda: _lift(pages))


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


@dataclass(frozen=True, slots=True)
class Page:
    """A finished page as it is sent."""

    headers: tuple[tuple[str, str], ...]
    etag: str
    body: bytes


class PublicPages:
    """WSGI middleware that answers for finished public pages without asking Django."""

    def __init__(self, application: WsgiApp, headers: Sequence[tuple[str, str]]) -> None:
        self._application = application
        self._headers = list(headers)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer from Valkey, or hand on."""
        if (
            environ["REQUEST_METHOD"] in {"GET", "HEAD"}
            and not environ.get("QUERY_STRING")
            and (page := self.page(environ["PATH_INFO"], environ.get("HTTP_HOST", ""))) is not None
        ):
            return self._answer(page, environ, start_response)
        return self._application(environ, start_response)

    def page(self, path: str, host: str) -> Page | None:
        """Return the finished page at a path; None if there is none, or it is not known here.

        host: under which name it is asked for; Django answers those that are not this server's
        """
        if not _PATH.fullmatch(path) or not _is_own(host, tuple(settings.ALLOWED_HOSTS)):
            return None
        try:
            stored = _get(_page_key(path))
        except redis.RedisError:
            return None
        if stored is None:
            return None
        expires, content_type, etag, body = stored.split(b"\n", 3)
        if 0 < float(expires) <= time.time():
            return None
        headers = (
            *self._headers,
            ("Content-Type", content_type.decode()),
            ("ETag", etag.decode()),
            ("Cache-Control", PUBLIC_CACHE_CONTROL),
            ("X-Robots-Tag", "noindex"),
        )
        return Page(headers, etag.decode(), body)

    def _answer(
        self, page: Page, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        headers = list(page.headers)
        if environ.get("HTTP_IF_NONE_MATCH") == page.etag:
            start_response("304 Not Modified", headers)
            return []
        start_response("200 OK", [*headers, ("Content-Length", str(len(page.body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [page.body]


# Nobody keeps a page without asking again: it may have been corrected or removed.
PUBLIC_CACHE_CONTROL = "no-cache, private"


@lru_cache(maxsize=64)
def _is_own(host: str, names: tuple[str, ...]) -> bool:
    """Say whether the server answers under a name, with or without a port, as Django decides it."""
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, names)


def _lift(pages: Mapping[str, Sequence[str]]) -> None:
    try:
        _renew(pages, uuid.uuid4().bytes)
    except redis.RedisError:
        return  # the bar stands until it runs out; pages are rendered meanwhile


def _renew(pages: Mapping[str, Sequence[str]], generation: bytes) -> None:
    """Set the generation of items, by their pids, and remove what is stored of their paths."""
    with valkey().pipeline(transaction=True) as pipe:
        for pid, paths in pages.items():
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
