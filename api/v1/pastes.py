"""Pastes for programs: hand in, read redacted, read the original, correct, share, delete.

Who may open the original sends the reveal token (`Reveal-Token`), or is the owner, by session or
by a key with the scope reveal. Offsets count title, separator and text as one, half-open, in code
points or, with `offset_unit=utf16`, as JavaScript counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from anonymizer.categories import counted
from anonymizer.corrections import Edit, parse_edits
from anonymizer.text import Style
from api.callers import Caller, caller_of
from api.schema import pastes as schema
from api.schema.describe import described
from api.v1.answers import Offsets, to_code_points
from api.v1.base import NativeView, fields_of, with_limits
from api.v1.cursors import page_of
from api.v1.idempotency import attempt
from api.v1.options import UNITS, is_wait, read_text
from api.v1.problems import Problem
from api.v1.shared import (
    ItemExpiry,
    ItemLink,
    access_of,
    correctable,
    private_url,
    read_expiry,
    removable,
    shown,
    take_proof,
)
from api.v1.under import read_place
from inference.engine.operating_points import BALANCED, NAMES
from inference.events import wait_for_end
from inference.models import Lane, Scan, ScanState
from inference.pace import SCANS, retry_after
from pastebin import services
from pastebin.forms import MAX_TITLE_CHARACTERS
from pastebin.models import Paste
from pastebin.services import CreatedPaste, Original
from pastebin.views.rows import absolute, state_of
from sharing.access import Access
from sharing.recorded import note_opening
from sharing.services import delete

_FIELDS = (
    "text", "title", "style", "operating_point", "expires", "expires_at", "burn", "workspace",
    "policy", "wait",
)  # fmt: skip
_NO_STORE = {"Cache-Control": "no-store"}


@described(get=schema.list_pastes, post=schema.create)
class Pastes(NativeView):
    """The collection."""

    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "redact"}

    def get(self, request: Request) -> Response:
        """List the caller's own pastes, newest first; `cursor` goes on, `limit` rows at a time."""
        if not isinstance(request.user, User):
            raise Problem(401, "key_needed", "This needs a key, or a session.")
        rows = Paste.objects.live().owned_by(request.user).with_scan().defer("redacted_text")
        found, cursor = page_of(request, rows)
        listed = [_listed(request, paste) for paste in found]
        return Response({"pastes": listed, "next_cursor": cursor}, headers=_NO_STORE)

    def post(self, request: Request) -> Response:
        """Seal a text and queue its scan: 201 if it is done within `wait` seconds, else 202.

        The reveal token is in this answer, and never shown again: not to a repetition either.
        """
        caller = caller_of(request)
        if caller.user is None and not settings.ANONYMOUS_PASTES:
            raise Problem(403, "forbidden", "On this server only people with an account may post.")
        data = fields_of(request, _FIELDS)
        with attempt(caller, request) as tried:
            if tried.earlier is not None:
                paste, token = shown(request, Paste, tried.earlier), None
            else:
                take_proof(request)
                created = _create(caller, data)
                tried.remember(created.paste.pid)
                paste, token = created.paste, created.token
        if token is not None:
            wait_for_end(paste.scan.id, _wait_seconds(data))
            paste = shown(request, Paste, paste.pid)
        body = _as_json(request, paste) | {"reveal_token": token, "private_url": None}
        if token is not None:
            body["private_url"] = private_url(request, paste, token)
        headers = _NO_STORE | {"Location": reverse("api:v1:paste", args=[paste.pid])}
        status = 201 if paste.is_public else 202
        return with_limits(Response(body, status, headers=headers | _later(paste)), tried.uses)


@described(get=schema.get, delete=schema.delete)
class OnePaste(NativeView):
    """A paste's public side."""

    def get(self, request: Request, pid: str) -> Response:
        """Return how far it is, and once it is ready the redacted text with its hidden places."""
        paste = shown(request, Paste, pid)
        body = _as_json(request, paste) | _redacted(paste, _unit(request))
        return Response(body, headers=_later(paste))

    def delete(self, request: Request, pid: str) -> Response:
        """Delete the paste with its keys."""
        access = removable(request, Paste, pid)
        delete(access.item, by=access.user)
        return Response(status=204)


@described(get=schema.text)
class PasteText(NativeView):
    """The redacted text."""

    def get(self, request: Request, pid: str) -> HttpResponse:
        """Return the redacted text as plain text; 409 while there is none."""
        text = _ready(shown(request, Paste, pid)).redacted_text or ""
        return HttpResponse(
            text, content_type="text/plain; charset=utf-8", headers={"X-Robots-Tag": "noindex"}
        )


@described(get=schema.spans, post=schema.correct)
class PasteSpans(NativeView):
    """The original and its spans."""

    def get(self, request: Request, pid: str) -> Response:
        """Return the original text with its spans and the revision to correct."""
        access = _access_to_read(request, pid)
        note_opening(access, via="api")
        return Response(_original(request, access), headers=_NO_STORE)

    def post(self, request: Request, pid: str) -> Response:
        """Correct: `{"revision", "all_mentions", "edits": [{"op", "start", "end", "label"}]}`.

        op is add, remove, relabel, undo or redo. Returns what `get` does.
        """
        access = correctable(_access_to_read(request, pid))
        unit = _unit(request)
        revision, edits, all_mentions = parse_edits(request._request.body)
        if unit != UNITS[0]:
            text = services.read_original(access.item, access.key).text
            edits = [_in_code_points(edit, text, unit) for edit in edits]
        services.correct(
            paste=access.item,
            key=access.key,
            revision=revision,
            edits=edits,
            all_mentions=all_mentions,
            by=access.user,
        )
        fresh = replace(access, item=shown(request, Paste, pid))
        return Response(_original(request, fresh), headers=_NO_STORE)


@described(post=schema.opening)
class PasteOpening(NativeView):
    """The only reading of a paste that burns."""

    def post(self, request: Request, pid: str) -> Response:
        """Return the original of a paste that opens once, and destroy the paste."""
        access = access_of(request, Paste, pid)
        if not access.item.burn:
            raise Problem(409, "does_not_burn", "This paste stays when it is read: see `spans`.")
        unit = _unit(request)
        original = services.burn(access.item, access.key, by=access.user)
        return Response(_original_as_json(access.item, original, unit), headers=_NO_STORE)


@described(post=schema.retry)
class PasteRetry(NativeView):
    """Another try for a scan that failed."""

    def post(self, request: Request, pid: str) -> Response:
        """Queue a failed scan again; nothing happens to one that did not fail."""
        access = access_of(request, Paste, pid)
        services.retry_scan(access.item, access.key)
        return Response(_as_json(request, shown(request, Paste, pid)), 202)


@described(post=schema.new_link, delete=schema.end_link)
class PasteLink(ItemLink):
    """The private link of a paste."""

    kind = Paste


@described(put=schema.expiry)
class PasteExpiry(ItemExpiry):
    """When a paste ends."""

    kind = Paste


def _create(caller: Caller, data: Mapping[str, Any]) -> CreatedPaste:
    """Make what a request asks for. Raises Problem."""
    errors: dict[str, list[str]] = {}
    text = read_text(data.get("text"))
    if not text.strip():
        errors["text"] = ["It is empty."]
    title = data.get("title") or ""
    if not isinstance(title, str) or len(title) > MAX_TITLE_CHARACTERS:
        errors["title"] = [f"It must be a string of up to {MAX_TITLE_CHARACTERS} characters."]
    style, styles = data.get("style") or Style.PLACEHOLDER.value, [str(s.value) for s in Style]
    if style not in styles:
        errors["style"] = [f"It must be one of {', '.join(styles)}."]
    point = data.get("operating_point") or BALANCED
    if not isinstance(point, str) or point not in NAMES:
        errors["operating_point"] = [f"It must be one of {', '.join(NAMES)}."]
    burn = data.get("burn") or False
    if not isinstance(burn, bool):
        errors["burn"] = ["It is true or false."]
    if data.get("wait") is not None and not is_wait(data["wait"]):
        errors["wait"] = ["It must be a number of seconds, 0 or more."]
    expires_at = read_expiry(data, errors)
    place = read_place(data, caller.user, errors)
    if errors:
        raise Problem(422, "invalid", errors=errors)
    return services.create_paste(
        text=text,
        title=title,
        owner=caller.user,
        place=place,
        style=Style(style),
        operating_point=point,
        expires_at=expires_at,
        burn=burn,
    )


def _wait_seconds(data: Mapping[str, Any]) -> float:
    return float(min(data.get("wait") or 0, settings.API_WAIT_SECONDS))


def _access_to_read(request: Request, pid: str) -> Access[Paste]:
    """Return access to an original that stays when it is read. Raises Http404, Problem."""
    access = access_of(request, Paste, pid)
    if access.item.burn and not access.is_member:
        detail = "This paste opens only once: POST to its `opening`, which destroys it."
        raise Problem(409, "burns", detail)
    _ready(access.item)
    return access


def _ready(paste: Paste) -> Paste:
    scan: Scan = paste.scan
    if scan.state == ScanState.FAILED:
        raise Problem(409, "scan_failed", scan.error)
    if not paste.is_public:
        raise Problem(409, "not_ready", "This paste is still being scanned.")
    return paste


def _unit(request: Request) -> str:
    unit = request.query_params.get("offset_unit", UNITS[0])
    if unit not in UNITS:
        raise Problem(422, "invalid", errors={"offset_unit": [f"One of {', '.join(UNITS)}."]})
    return unit


def _in_code_points(edit: Edit, text: str, unit: str) -> Edit:
    most = Offsets(text, unit).of(len(text))
    if not 0 <= edit.start <= edit.end <= most:
        return Edit(edit.op, 0, len(text) + 1, edit.label)  # refused as every place outside is
    start, end = (to_code_points(text, offset, unit) for offset in (edit.start, edit.end))
    return Edit(edit.op, start, end, edit.label)


def _listed(request: Request, paste: Paste) -> dict[str, Any]:
    is_linked = paste.envelope.token_wrap is not None
    return _as_json(request, paste) | {"burn": paste.burn, "private_link": is_linked}


def _as_json(request: Request, paste: Paste) -> dict[str, Any]:
    """Return what everybody may know of a paste, without its text."""
    scan: Scan = paste.scan
    state = state_of(paste)
    body: dict[str, Any] = {
        "id": paste.pid,
        "state": state,
        "style": paste.style,
        "title": paste.redacted_title or None,
        "counts": {},
        "percent": scan.progress_percent,
        "position": scan.place_in_queue() if scan.state == ScanState.PENDING else None,
        "revision": paste.revision,
        "created_at": paste.created_at.isoformat(),
        "expires_at": paste.expires_at.isoformat() if paste.expires_at else None,
        "public_url": absolute(request._request, "paste_public", paste.pid),
        "error": None,
    }
    if state == "ready":
        found = counted(bar.label for bar in paste.public_bars())
        body["counts"] = {one.label: one.count for one in found if one.count}
    elif state == "failed":
        body["error"] = {"code": "scan_failed", "detail": scan.error}
    return body


def _later(paste: Paste) -> dict[str, str]:
    """Return the header that says when to ask again, where there is something to wait for."""
    if state_of(paste) != "scanning":
        return {}
    scan: Scan = paste.scan
    pace = SCANS[Lane(scan.lane)]
    return {"Retry-After": retry_after(pace.seconds(1.0, scan.created_at))}


def _redacted(paste: Paste, unit: str) -> dict[str, Any]:
    if not paste.is_public:
        return {"redacted_text": None, "text_start": None, "spans": [], "offset_unit": unit}
    text = paste.redacted_text or ""
    start, places = Offsets(text, unit), Offsets(text, unit)
    return {
        "redacted_text": text,
        "text_start": start.of(paste.redacted_text_start),
        "spans": [
            {"start": places.of(bar.start), "end": places.of(bar.end), "label": bar.label}
            for bar in paste.public_bars()
        ],
        "offset_unit": unit,
    }


def _original(request: Request, access: Access[Paste]) -> dict[str, Any]:
    original = services.read_original(access.item, access.key)
    return _original_as_json(access.item, original, _unit(request))


def _original_as_json(paste: Paste, original: Original, unit: str) -> dict[str, Any]:
    start, places = Offsets(original.text, unit), Offsets(original.text, unit)
    return {
        "id": paste.pid,
        "revision": paste.revision,
        "text": original.text,
        "text_start": start.of(paste.text_start),
        "spans": [
            {
                "start": places.of(span.start),
                "end": places.of(span.end),
                "label": span.label,
                "subtype": span.subtype or None,
                "score": round(span.score, 4),
                "detector": span.detector,
                "reason": span.reason,
            }
            for span in original.spans
        ],
        "offset_unit": unit,
    }
