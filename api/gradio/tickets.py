"""Calls under way: which they are and what was begun for them, sealed in Valkey.

A ticket ends with its answer, or with its time. Its id is random; its content opens only for the
holder that it was made for: a key, or whoever has none.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from inference.events import announce_end, valkey
from vault.envelope import UnsealError, seal_for_service, unseal_for_service

# More calls than this are not begun before some have ended, on the server and in a session.
MOST_CALLS = 1000
MOST_IN_SESSION = 100
# A client hears of a stream's end this late at most; a call joined meanwhile waits for that.
_CLOSING_SECONDS = 0.05
_PREFIX = "blackbar:gradio:"
_CALLS = f"{_PREFIX}calls"
# Ends a session (KEYS[1]) unless a call was joined; KEYS[2] says for a moment that it has ended.
_CLOSE = """
if redis.call('LLEN', KEYS[1]) > 0 then return 0 end
redis.call('SET', KEYS[2], 1, 'PX', ARGV[1])
return 1
"""


class FullError(Exception):
    """Raised when too many calls wait; nothing was begun."""


class UnknownTicketError(Exception):
    """Raised for a call that is unknown, answered, expired, or somebody else's."""


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """What was begun for a call.

    endpoint:     name of what was called
    pid, token:   of the paste or document that was made for it
    bell:         what is announced when it is to be looked at; "" if it has failed
    error, title: why it failed, for the client
    """

    endpoint: str
    pid: str = ""
    token: str = ""
    bell: str = ""
    error: str = ""
    title: str = "Error"
    is_cancelled: bool = False
    session: str = ""
    begun_at: float = 0.0


def session_id(holder: str, session_hash: str) -> UUID:
    """Return under what a client's calls are listed; another holder's are another's."""
    digest = salted_hmac("gradio session", f"{holder} {session_hash}", algorithm="sha256").digest()
    return UUID(bytes=digest[:16])


def refuse_if_full(session: UUID | None) -> None:
    """Raise FullError if the server, or the session, has too many calls under way."""
    with valkey().pipeline(transaction=False) as pipe:
        pipe.zremrangebyscore(_CALLS, "-inf", time.time())
        pipe.zcard(_CALLS)
        pipe.llen(_session_key(session) if session else "")
        _, calls, in_session = pipe.execute()
    if calls >= MOST_CALLS or in_session >= MOST_IN_SESSION:
        raise FullError


def add(ticket: Ticket, *, holder: str, session: UUID | None) -> str:
    """Keep a ticket, tell the session's stream, and return its new id."""
    event_id = secrets.token_hex(16)
    kept = replace(ticket, session=str(session or ""), begun_at=time.time())
    with valkey().pipeline(transaction=True) as pipe:
        pipe.set(_key(event_id), _sealed(kept, event_id, holder), ex=_seconds())
        pipe.zadd(_CALLS, {event_id: time.time() + _seconds()})
        if session is not None:
            pipe.rpush(_session_key(session), event_id)
            pipe.expire(_session_key(session), _seconds())
            pipe.exists(_closing_key(session))
        answers = pipe.execute()
    if session is not None:
        announce_end(session)
        if answers[-1]:
            # Its stream has just said that it ends: by now the client has read that.
            time.sleep(_CLOSING_SECONDS)
    return event_id


def load(event_id: str, holder: str) -> Ticket:
    """Return a ticket. Raises UnknownTicketError."""
    sealed = cast("bytes | None", valkey().get(_key(event_id)))
    if sealed is None:
        raise UnknownTicketError
    try:
        return Ticket(**json.loads(unseal_for_service(sealed, _context(event_id, holder))))
    except UnsealError as exc:
        raise UnknownTicketError from exc


def waiting_in(session: UUID) -> list[str]:
    """Return the ids of a session's calls, the oldest first."""
    found = cast("list[bytes]", valkey().lrange(_session_key(session), 0, -1))
    return [one.decode() for one in found]


def end(event_id: str, session: str) -> None:
    """Forget a call."""
    with valkey().pipeline(transaction=True) as pipe:
        pipe.delete(_key(event_id))
        pipe.zrem(_CALLS, event_id)
        if session:
            pipe.lrem(_session_key(UUID(session)), 0, event_id)
        pipe.execute()


def cancel(event_id: str, holder: str) -> Ticket:
    """Note that nobody wants a call's answer any more, and tell its stream.

    Returns the ticket as it was. Raises UnknownTicketError.
    """
    ticket = load(event_id, holder)
    cancelled = replace(ticket, is_cancelled=True, pid="", token="", bell="")
    valkey().set(_key(event_id), _sealed(cancelled, event_id, holder), xx=True, keepttl=True)
    if ticket.session:
        announce_end(UUID(ticket.session))
    elif ticket.bell:
        announce_end(UUID(ticket.bell))
    return ticket


def try_close(session: UUID) -> bool:
    """End a session's stream; False if a call was joined."""
    keys = [_session_key(session), _closing_key(session)]
    return bool(valkey().eval(_CLOSE, 2, *keys, int(_CLOSING_SECONDS * 1000)))


def bells_of(tickets: Collection[Ticket]) -> list[UUID]:
    """Return what is announced when one of several calls is to be looked at."""
    return [UUID(ticket.bell) for ticket in tickets if ticket.bell]


def _sealed(ticket: Ticket, event_id: str, holder: str) -> bytes:
    content: dict[str, Any] = asdict(ticket)
    return seal_for_service(json.dumps(content).encode(), _context(event_id, holder))


def _context(event_id: str, holder: str) -> str:
    return f"gradio call {event_id} of {holder}"


def _seconds() -> int:
    return int(settings.JOB_MINUTES * 60)


def _key(event_id: str) -> str:
    return f"{_PREFIX}call:{event_id}"


def _session_key(session: UUID) -> str:
    return f"{_PREFIX}session:{session}"


def _closing_key(session: UUID) -> str:
    return f"{_PREFIX}closing:{session}"
