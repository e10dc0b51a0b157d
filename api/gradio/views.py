"""What the clients ask for."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.multipartparser import MultiPartParserError

from accounts.keys import WRITTEN_PREFIX
from accounts.models import Scope
from accounts.quotas import MINUTE, Limit, QuotaExceededError, give_back, spend
from api.callers import Caller, InvalidKeyError, bearer_of, caller_with_key
from api.dialects import OUTAGES, DialectView, TooLargeError, UnreadableError, answer, body_of
from api.gradio import endpoints, streams, tickets, uploads
from api.gradio.detached import BusyError, stream
from api.gradio.endpoints import API_PREFIX, BY_NAME, ENDPOINTS, ArgumentsError, Endpoint
from api.gradio.streams import Listener
from api.gradio.tasks import TASKS, CallError
from api.gradio.tickets import FullError, Ticket, UnknownTicketError
from api.plans import limits_of
from api.rendering import ExactJSONRenderer
from documents import services as documents
from sharing.links import absolute
from vault.files import is_full

logger = logging.getLogger("blackbar.api")
_LONGEST_SESSION = 200
_EVENT_ID = re.compile(r"[0-9a-f]{1,64}")
_EVENT_STREAM = "text/event-stream; charset=utf-8"
# Requests of one process that wait for their result in the web server's own threads.
_waiting = threading.BoundedSemaphore(4)
_BUSY = "This server has as many calls as it takes. Try again in a moment."
_HEADERS = "Authorization, Content-Type, X-Gradio-User, X-HF-Authorization, X-Gradio-History-Bucket"


class _Refusal(Exception):
    def __init__(self, status: int, detail: Any, retry_after: int | None = None) -> None:
        super().__init__(status)
        self.status, self.detail, self.retry_after = status, detail, retry_after


class GradioView(DialectView):
    """Turns every way to fail into an answer that the clients read: `{"detail"}`."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a call."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Exception as exc:
            refusal = _refusal_of(exc)
            if refusal is None:
                raise
            later = refusal.retry_after
            headers = {"Retry_After": str(later)} if later else {}
            body = {"detail": refusal.detail}
            return self.open_to_browsers(answer(body, refusal.status, **headers))

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer what a browser asks before it sends a request."""
        response = super().options(request, *args, **kwargs)
        response["Access-Control-Allow-Headers"] = _HEADERS
        return response


class Config(GradioView):
    """What there is to call."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the app's configuration."""
        _caller(request)
        return answer(endpoints.config())


class Info(GradioView):
    """How it is called."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return parameters and results."""
        _caller(request)
        return answer(endpoints.info())


class AppId(GradioView):
    """By what a client sees that the server is back."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the app's id."""
        return answer({"app_id": endpoints.app_id()})


class Heartbeat(GradioView):
    """What clients before 2.0 keep open while they live, so that a server sees them leave.

    Nothing here depends on it. An answer that breaks off ends it for good; one that ended well they
    would ask for again and again without a pause.
    """

    def get(self, request: HttpRequest, session_hash: str) -> HttpResponse:
        """Begin an answer that is never finished, without a thread that waits for it."""
        response = _bytes_answer(b"data: ALIVE\n\n", _EVENT_STREAM)
        response["Content-Length"] = str(len(response.content) + 1)
        return response


class Upload(GradioView):
    """Files for calls."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Seal the files of the field `files`; return their paths."""
        caller = _caller(request)
        try:
            files: Any = request.FILES.getlist("files")
            uploads.check(files)
            per_minute = caller.limits()
            spend([Limit("uploads", one.subject, one.requests, MINUTE) for one in per_minute])
            return _json_answer([uploads.keep(file, _holder(caller)) for file in files])
        except (RequestDataTooBig, uploads.TooLargeUploadError) as exc:
            most = settings.MAX_FILE_BYTES // 1_000_000
            raise _Refusal(413, f"This server takes files of up to {most} MB.") from exc
        except (MultiPartParserError, uploads.UploadError) as exc:
            detail = str(exc) if isinstance(exc, uploads.UploadError) else "Send a form with files."
            raise _Refusal(400, detail) from exc


class File(GradioView):
    """Results that are files."""

    def get(self, request: HttpRequest, path: str) -> StreamingHttpResponse:
        """Return a clean file, never as something that a browser would show."""
        try:
            document = uploads.find_result(path, _holder(_caller(request)))
        except uploads.UploadError as exc:
            raise _Refusal(404, "Not Found") from exc
        return StreamingHttpResponse(
            documents.read_clean(document),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="redacted.{document.kind}"',
                "Cache-Control": "no-store",
                "X-Robots-Tag": "noindex",
            },
        )


class Join(GradioView):
    """The queue, as the client libraries use it."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin a call of a session."""
        caller, body = _caller(request), body_of(request)
        session_hash, index = body.get("session_hash"), body.get("fn_index")
        if not isinstance(session_hash, str) or not _is_session(session_hash):
            raise _Refusal(400, "session_hash must be a text.")
        if type(index) is not int or not 0 <= index < len(ENDPOINTS):
            raise _Refusal(404, "There is no such function.")
        session = tickets.session_id(_holder(caller), session_hash)
        tickets.refuse_if_full(session)
        ticket = _begin_or_note(caller, ENDPOINTS[index], body.get("data"))
        return answer({"event_id": tickets.add(ticket, holder=_holder(caller), session=session)})


class Data(GradioView):
    """The stream of a session."""

    http_method_names = ("get", "options")

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Send what becomes of the session's calls."""
        try:
            caller = _caller(request)
            session = tickets.session_id(_holder(caller), request.GET.get("session_hash", ""))
            listener = _listener(request, caller)
        except OUTAGES as exc:
            logger.warning("gradio not served (%s)", type(exc).__name__)
            return _bytes_answer(streams.outage(), _EVENT_STREAM)
        try:
            return stream(request, streams.session_messages(session, listener))
        except BusyError:
            # An error of each call: a client reads no status of a stream.
            return _bytes_answer(b"".join(_refused_calls(session, listener)), _EVENT_STREAM)


class Call(GradioView):
    """A call without a client library: begun here."""

    by_keyword = False

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Begin a call; arguments are `{"data": [...]}`, or by name."""
        caller, body = _caller(request), body_of(request)
        tickets.refuse_if_full(None)
        given = body if self.by_keyword else body.get("data")
        ticket = _begin_or_note(caller, _endpoint(name), given)
        return answer({"event_id": tickets.add(ticket, holder=_holder(caller), session=None)})


class CallEvents(GradioView):
    """A call without a client library: heard of here."""

    http_method_names = ("get", "options")

    def get(self, request: HttpRequest, name: str, event_id: str) -> StreamingHttpResponse:
        """Send what becomes of the call."""
        caller = _caller(request)
        _endpoint(name)
        return stream(request, streams.call_messages(event_id, _listener(request, caller)))


class Run(GradioView):
    """A call that is answered at once."""

    def post(self, request: HttpRequest, name: str) -> HttpResponse:
        """Return `{"data": [...]}`, or `{"error"}` with status 500 as the original does."""
        caller, body, endpoint = _caller(request), body_of(request), _endpoint(name)
        holder = _holder(caller)
        if not _waiting.acquire(blocking=False):
            raise BusyError
        try:
            tickets.refuse_if_full(None)
            ticket = _begin(caller, endpoint, body.get("data"))
            event_id = tickets.add(ticket, holder=holder, session=None)
            seconds = settings.API_WAIT_SECONDS
            result = streams.result_of(event_id, _listener(request, caller), seconds)
        except CallError as exc:
            return answer({"error": exc.message}, 500)
        finally:
            _waiting.release()
        return answer({"data": [result], "is_generating": False})


class Cancel(GradioView):
    """Nobody wants the answer any more."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Stop a call; says the same for one that is unknown or over."""
        caller, event_id = _caller(request), body_of(request).get("event_id")
        if isinstance(event_id, str) and _EVENT_ID.fullmatch(event_id):
            try:
                ticket = tickets.cancel(event_id, _holder(caller))
            except UnknownTicketError:
                return answer({"success": True})
            if ticket.pid:
                TASKS[ticket.endpoint].drop(ticket)
        return answer({"success": True})


class Elsewhere(GradioView):
    """Every other address below the prefix."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Say in this dialect that nothing is there."""
        raise _Refusal(404, "Not Found")

    post = get


def _begin(caller: Caller, endpoint: Endpoint, given: object) -> Ticket:
    """Count and begin a call. Raises CallError."""
    try:
        arguments = endpoint.arguments(given)
        uses = spend(_limits(caller))
    except ArgumentsError as exc:
        raise CallError(str(exc)) from exc
    except QuotaExceededError as exc:
        left = exc.limit.seconds_left
        if left is None:
            raise CallError("All requests of this key are used.", "Quota exhausted") from exc
        message = f"Too many requests. Try again in {left} seconds."
        raise CallError(message, "Too many requests") from exc
    try:
        return TASKS[endpoint.name].begin(caller, _holder(caller), arguments)
    except BaseException:
        give_back(uses)
        raise


def _begin_or_note(caller: Caller, endpoint: Endpoint, given: object) -> Ticket:
    """Begin a call; one that cannot be begun fails where the clients look for it: in its stream."""
    try:
        return _begin(caller, endpoint, given)
    except CallError as exc:
        return Ticket(endpoint.name, error=exc.message, title=exc.title)


def _refused_calls(session: Any, listener: Listener) -> Iterator[bytes]:
    for event_id in tickets.waiting_in(session):
        try:
            ticket = tickets.cancel(event_id, listener.holder)
        except UnknownTicketError:
            continue
        if ticket.pid:
            TASKS[ticket.endpoint].drop(ticket)
        tickets.end(event_id, str(session))
        output = {"error": _BUSY, "title": "Busy", "visible": True, "duration": 10}
        yield streams.as_data(
            {"msg": "process_completed", "event_id": event_id, "output": output, "success": False}
        )
    yield streams.as_data({"msg": "close_stream", "event_id": None})


def _caller(request: HttpRequest) -> Caller:
    """Return who calls. Raises InvalidKeyError, _Refusal."""
    written = bearer_of(request)
    if written is None:
        # Where the Python client puts its `token`; a token of the Hugging Face hub is none of ours.
        foreign = request.headers.get("X-HF-Authorization", "").removeprefix("Bearer ").strip()
        written = foreign if foreign.startswith(WRITTEN_PREFIX) else None
    elif not written:
        raise InvalidKeyError("There is no key.")
    caller = caller_with_key(request, written)
    if not caller.allows(Scope.REDACT):
        if caller.key is None:
            raise InvalidKeyError("There is no key.")
        raise _Refusal(403, f"The key lacks the scope {Scope.REDACT.value}.")
    return caller


def _holder(caller: Caller) -> str:
    return f"key {caller.key.pk}" if caller.key is not None else "nobody"


def _limits(caller: Caller) -> list[Limit]:
    """Return a key's plan and the server's own limits; without a key only these."""
    return [*(limits_of(caller) if caller.key is not None else ()), *caller.limits()]


def _listener(request: HttpRequest, caller: Caller) -> Listener:
    file_root = absolute(request, f"{API_PREFIX}/file=")
    return Listener(_holder(caller), tuple(_limits(caller)), file_root)


def _is_session(name: str) -> bool:
    """Say whether a session may have a name: one that its stream's address can hold."""
    try:
        return bool(name.encode()) and len(name) <= _LONGEST_SESSION
    except UnicodeEncodeError:
        return False


def _endpoint(name: str) -> Endpoint:
    try:
        return BY_NAME[name]
    except KeyError as exc:
        raise _Refusal(404, "There is no such function.") from exc


def _refusal_of(exc: Exception) -> _Refusal | None:
    match exc:
        case _Refusal():
            return exc
        case InvalidKeyError():
            message = "A key is needed, and the one that was sent is unknown or expired, if any."
            return _Refusal(401, {"error": "Not authenticated", "auth_message": message})
        case UnreadableError():
            return _Refusal(400, "The body must be a JSON object.")
        case TooLargeError():
            return _Refusal(413, "The body is larger than this server takes.")
        case BadRequest() | SuspiciousOperation():
            # More fields or files than Django reads, or a form in another encoding.
            return _Refusal(400, "The request cannot be read.")
        case QuotaExceededError():
            return _Refusal(429, "Too many requests.", exc.limit.seconds_left)
        case OSError() if is_full(exc):
            return _Refusal(503, "The server's disk is full: it takes no files for now.", 60)
        case FullError() | BusyError():
            return _Refusal(503, _BUSY, 5)
        case _ if isinstance(exc, OUTAGES):
            logger.warning("gradio not served (%s)", type(exc).__name__)
            return _Refusal(503, "A part of the server is out of reach.", 10)
    return None


def _json_answer(body: list[Any]) -> HttpResponse:
    return _bytes_answer(ExactJSONRenderer().render(body), "application/json")


def _bytes_answer(content: bytes, content_type: str) -> HttpResponse:
    return HttpResponse(content, content_type=content_type, headers={"Cache-Control": "no-store"})
