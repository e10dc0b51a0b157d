"""What a client hears of its calls: their place in the queue, progress, results.

A stream sleeps until a scan or a document ends, or a call is joined or cancelled: Valkey wakes it.
For what nobody announces (places in the queue, percents) it looks from time to time, ever more
seldom. When the process stops, calls that end in time get their answer, and the others an error
that says so.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.quotas import Limit, Use, give_back
from api.dialects import OUTAGES
from api.gradio import stopping, tickets
from api.gradio.tasks import TASKS, CallError, Look
from api.gradio.tickets import Ticket, UnknownTicketError
from api.rendering import ExactJSONRenderer
from inference.events import wait_for_any

logger = logging.getLogger("blackbar.api")
# A short text is done by then, and nobody needs to hear that it waited.
FIRST_LOOK_SECONDS = 0.1
_LOOKS = (1.0, 5.0)
HEARTBEAT_SECONDS = 15.0
# A session's stream waits for its client's next call: it needs no stream of its own then.
LINGER_SECONDS = 0.2
# How often it is seen whether the client is still there.
_TICK_SECONDS = 2.0
Message = dict[str, Any]
Format = Callable[[Message], bytes]
_NOT_FOUND = "404: Not Found"
_SORRY = "The server could not answer this call."
_STOPPED = "The server is being restarted, and gave this call up. Send it again in a moment."
_RESTART = "Restart"
_OUTAGE = "A part of the server is out of reach. Try again in a minute."
# These words alone end the calls of the Python client, which else waits for ever.
_STOPPED_FOR_PYTHON = "Server stopped unexpectedly."


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens: the calls' holder, its limits, and where its files are fetched."""

    holder: str
    limits: tuple[Limit, ...]
    file_root: str


@dataclass(slots=True)
class _Call:
    """A call that a stream follows. next_look: on the monotonic clock."""

    event_id: str
    ticket: Ticket
    next_look: float
    looks: int = 0
    shown: list[Look] = field(default_factory=list)


def session_messages(session: UUID, listener: Listener) -> Iterator[bytes]:
    """Yield the events of a session until no call of it is left, as `/queue/data` sends them.

    Calls that nobody hears of any more are dropped, as in the original.
    """
    return _Following(listener, as_data, session=session).run()


def call_messages(event_id: str, listener: Listener) -> Iterator[bytes]:
    """Yield the events of one call, as `/call/<name>/<event id>` sends them."""
    return _Following(listener, as_named_event, event_id=event_id).run()


def result_of(event_id: str, listener: Listener, seconds: float) -> Any:
    """Wait for a call and return its result. Raises CallError."""
    ticket = tickets.load(event_id, listener.holder)
    deadline, task = time.monotonic() + seconds, TASKS[ticket.endpoint]
    try:
        while not ticket.error and task.look(ticket).stage != "over":
            left = min(deadline - time.monotonic(), stopping.seconds_left())
            if left <= 0:
                task.drop(ticket)
                late = "This takes too long for one request: use /call."
                raise CallError(_STOPPED if stopping.has_begun() else late, is_ours=True)
            _release_database()
            wait_for_any(tickets.bells_of([ticket]), min(left, _LOOKS[-1]))
        return _result(ticket, listener)
    finally:
        tickets.end(event_id, "")


def as_data(message: Message) -> bytes:
    """Return a message as the clients read it."""
    return b"data: " + ExactJSONRenderer().render(message) + b"\n\n"


def as_named_event(message: Message) -> bytes:
    """Return a message for curl; nothing for what that form does not tell."""
    match message["msg"]:
        case "process_completed" if message["success"]:
            name, data = "complete", message["output"].get("data")
        case "process_completed":
            name, data = "error", message["output"]
        case "unexpected_error":
            name, data = "error", message["message"]
        case "heartbeat":
            name, data = "heartbeat", None
        case _:
            return b""
    return f"event: {name}\n".encode() + b"data: " + json.dumps(data).encode() + b"\n\n"


def outage() -> bytes:
    """Return the events of a session's stream that cannot go on: each client reads one of them."""
    return as_data(unexpected(_OUTAGE)) + as_data(unexpected(_STOPPED_FOR_PYTHON))


def unexpected(text: str, *, is_unknown: bool = False) -> Message:
    """Return the message of a stream that cannot go on."""
    return {
        "msg": "unexpected_error",
        "event_id": None,
        "message": text,
        "session_not_found": is_unknown,
        "success": False,
    }


class _Following:
    """One stream: of a session, or of one call."""

    def __init__(
        self,
        listener: Listener,
        form: Format,
        *,
        session: UUID | None = None,
        event_id: str = "",
    ) -> None:
        self._listener, self._form = listener, form
        self._session, self._event_id = session, event_id
        self._calls: dict[str, _Call] = {}

    def run(self) -> Iterator[bytes]:
        """Yield events; b"" now and then while there are none."""
        try:
            for message in self._messages():
                yield self._form(message) if message else b""
        except OUTAGES as exc:
            logger.warning("gradio stream ended (%s)", type(exc).__name__)
            if self._session is None:
                yield self._form(unexpected(_OUTAGE))
            else:
                yield outage()
        finally:
            self._drop_rest()
            _release_database()

    def _messages(self) -> Iterator[Message]:
        """Yield messages; an empty one means that nothing has happened."""
        self._meet_new_calls()
        if not self._calls:
            yield unexpected(_NOT_FOUND, is_unknown=True)
            return
        rung: UUID | None = None
        beat_at = time.monotonic() + HEARTBEAT_SECONDS
        while self._calls:
            for call in list(self._calls.values()):
                yield from self._follow(call, rung)
            _release_database()
            if self._calls and stopping.seconds_left() <= 0:
                yield from self._give_up()
            if not self._calls and self._has_ended():
                break
            rung = wait_for_any(self._bells(), self._seconds_to_wait())
            yield {}
            if time.monotonic() >= beat_at:
                beat_at = time.monotonic() + HEARTBEAT_SECONDS
                yield {"msg": "heartbeat", "event_id": None}
            if self._session is None or rung in {None, self._session}:
                self._meet_new_calls()
        if self._session is not None:
            yield {"msg": "close_stream", "event_id": None}

    def _has_ended(self) -> bool:
        """Say whether no call is left, after a moment in which the next one may come."""
        if self._session is None:
            return True
        until = time.monotonic() + (0 if stopping.has_begun() else LINGER_SECONDS)
        while True:
            is_rung = wait_for_any([self._session], until - time.monotonic()) is not None
            self._meet_new_calls()
            if self._calls:
                return False
            if not is_rung and tickets.try_close(self._session):
                return True

    def _give_up(self) -> Iterator[Message]:
        """End all calls: the process stops. What was made for them goes when they have heard it."""
        given_up = list(self._calls.values())
        try:
            for call in given_up:
                yield from self._end(call, _as_output(CallError(_STOPPED, _RESTART)))
        finally:
            self._calls.clear()
            for call in given_up:
                _give_back(self._listener)
                _drop(call)

    def _meet_new_calls(self) -> None:
        known = [self._event_id] if self._session is None else tickets.waiting_in(self._session)
        for event_id in known:
            try:
                ticket = tickets.load(event_id, self._listener.holder)
            except UnknownTicketError:
                self._calls.pop(event_id, None)
                if self._session is not None:
                    tickets.end(event_id, str(self._session))
                continue
            if event_id in self._calls:
                self._calls[event_id].ticket = ticket
            else:
                first = time.monotonic() + FIRST_LOOK_SECONDS
                self._calls[event_id] = _Call(event_id, ticket, first)

    def _follow(self, call: _Call, rung: UUID | None) -> Iterator[Message]:
        """Yield what is new of a call, and forget it once it is over."""
        ticket = call.ticket
        if ticket.is_cancelled:
            # The original's empty success makes its JavaScript client give up all its calls.
            yield from self._end(call, _as_output(CallError("This call was cancelled.")))
        elif ticket.error:
            yield from self._end(call, _as_output(CallError(ticket.error, ticket.title)))
        elif (rung is not None and str(rung) == ticket.bell) or time.monotonic() >= call.next_look:
            yield from self._look(call)

    def _look(self, call: _Call) -> Iterator[Message]:
        try:
            look = TASKS[call.ticket.endpoint].look(call.ticket)
            if look.stage != "over":
                call.next_look = time.monotonic() + _LOOKS[min(call.looks // 10, 1)]
                call.looks += 1
                yield from self._progress(call, look)
                return
            result = _result(call.ticket, self._listener)
        except CallError as exc:
            yield from self._end(call, _as_output(exc))
            return
        seconds = time.time() - call.ticket.begun_at
        output = {
            "data": [result],
            "is_generating": False,
            "duration": seconds,
            "average_duration": seconds,
            "render_config": None,
            "changed_state_ids": [],
            "used_cache": None,
        }
        yield from self._end(call, output, is_success=True)

    def _progress(self, call: _Call, look: Look) -> Iterator[Message]:
        """Yield what has changed since the last look."""
        last = call.shown[-1] if call.shown else None
        if look == last:
            return
        call.shown[:] = [look]
        if look.stage == "queued" or last is None:
            yield _estimation(call.event_id, look.position or 1)
        if look.stage == "running":
            if last is None or last.stage == "queued":
                yield _starts(call.event_id)
            share = None if look.percent is None else look.percent / 100
            unit = {"index": None, "length": None, "unit": None, "progress": share}
            yield {
                "msg": "progress",
                "event_id": call.event_id,
                "progress_data": [unit | {"desc": look.sentence}],
            }

    def _end(
        self, call: _Call, output: dict[str, Any], *, is_success: bool = False
    ) -> Iterator[Message]:
        """Forget a call, and yield its last messages."""
        tickets.end(call.event_id, call.ticket.session)
        del self._calls[call.event_id]
        if not call.shown:
            yield _estimation(call.event_id, 1)
        if not call.shown or call.shown[-1].stage == "queued":
            yield _starts(call.event_id)
        yield {
            "msg": "process_completed",
            "event_id": call.event_id,
            "output": output,
            "success": is_success,
            "title": output.get("title"),
            "used_cache": None,
            "cache_duration": output.get("duration") if is_success else None,
            "avg_time": output.get("average_duration"),
        }

    def _bells(self) -> list[UUID]:
        bells = tickets.bells_of([call.ticket for call in self._calls.values()])
        return bells if self._session is None else [*bells, self._session]

    def _seconds_to_wait(self) -> float:
        next_look = min(
            (call.next_look for call in self._calls.values() if call.ticket.bell), default=0.0
        )
        left = min(next_look - time.monotonic(), stopping.seconds_left())
        return min(_TICK_SECONDS, max(0.001, left))

    def _drop_rest(self) -> None:
        """Remove what the client no longer waits for."""
        for call in self._calls.values():
            _drop(call)


def _drop(call: _Call) -> None:
    """Remove a call and what was made for it."""
    try:
        tickets.end(call.event_id, call.ticket.session)
        if call.ticket.pid:
            TASKS[call.ticket.endpoint].drop(call.ticket)
    except Exception as exc:  # it expires by itself
        logger.warning("a gradio call was not dropped (%s)", type(exc).__name__)


def _give_back(listener: Listener) -> None:
    """Give a call back that the server failed: of what counts for ever; the rest may be over."""
    lasting = [one for one in listener.limits if one.window_seconds is None]
    give_back([Use(one, 0, one.row) for one in lasting])


def _result(ticket: Ticket, listener: Listener) -> Any:
    """Return what a client gets. Raises CallError, and what an outage raises."""
    if ticket.error:
        raise CallError(ticket.error, ticket.title)
    try:
        return TASKS[ticket.endpoint].take(ticket, listener.holder, listener.file_root)
    except CallError as exc:
        if exc.is_ours:
            _give_back(listener)
        raise
    except OUTAGES:
        raise
    except Exception as exc:
        # Only the type: a library's message may quote the text.
        logger.error("a gradio call failed (%s)", type(exc).__name__)
        raise CallError(_SORRY, is_ours=True) from exc


def _as_output(error: CallError) -> dict[str, Any]:
    return {"error": error.message, "title": error.title, "visible": True, "duration": 10}


def _estimation(event_id: str, position: int) -> Message:
    return {
        "msg": "estimation",
        "event_id": event_id,
        "rank": position - 1,
        "queue_size": position,
        "rank_eta": None,
    }


def _starts(event_id: str) -> Message:
    return {"msg": "process_starts", "event_id": event_id, "eta": None}


def _release_database() -> None:
    """Hand the connection back: nobody holds one while it sleeps."""
    if not connection.in_atomic_block:
        connection.close()
