"""Redaction for programs: one text, many texts, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.quotas import Use
from anonymizer import redaction
from anonymizer.redaction import Result
from anonymizer.restore import Entity, Restored, from_map, restore
from api.callers import Caller, caller_of
from api.schema import redaction as schema
from api.schema.describe import described
from api.v1.answers import redacted_as_json, to_code_points
from api.v1.base import NativeView, fields_of, with_limits
from api.v1.idempotency import remember_job, remembered_job, spend_for, take_back
from api.v1.options import FIELDS, UNITS, Options, read_options, read_text
from api.v1.problems import CODES, Problem
from api.v1.under import read_workspace
from audit.models import Action
from audit.record import record
from policies.pseudonyms import pseudonym_map
from workspaces.roles import May

_MAX_ENTITIES = 100_000
_MAX_ID = 200
_ONE_SOURCE = "Send one of `entities`, `map` and `workspace`."


@described(post=schema.redact)
class Redact(NativeView):
    """One text."""

    scopes: ClassVar = {"POST": "redact"}

    def post(self, request: Request) -> Response:
        """Redact `text`; 202 with a job if it takes longer than `wait` seconds."""
        data = fields_of(request, ("text", *FIELDS))
        text = read_text(data.get("text"))
        options = read_options(data, caller_of(request))
        return _redacted(request, [text], None, options)


@described(post=schema.batch)
class Batch(NativeView):
    """Many texts, scanned at once, each redacted by itself."""

    scopes: ClassVar = {"POST": "redact"}

    def post(self, request: Request) -> Response:
        """Redact `texts`: strings, or objects with id and text; results are in their order."""
        data = fields_of(request, ("texts", *FIELDS))
        texts, ids = _read_texts(data.get("texts"))
        return _redacted(request, texts, ids, read_options(data, caller_of(request)))


@described(post=schema.restore)
class Restore(NativeView):
    """The way back."""

    scopes: ClassVar = {"POST": "redact"}

    def post(self, request: Request) -> Response:
        """Put originals back into `text`: by `entities`, a `map`, or the map of a `workspace`."""
        data = fields_of(request, ("text", "entities", "map", "workspace", "offset_unit"))
        text = read_text(data.get("text"))
        unit = data.get("offset_unit", UNITS[0])
        if not isinstance(unit, str) or unit not in UNITS:
            raise Problem(422, "invalid", errors={"offset_unit": [f"One of {', '.join(UNITS)}."]})
        caller = caller_of(request)
        if "workspace" in data:
            restored, uses = _restored_by_workspace(request, data, text)
        else:
            uses = spend_for(caller, request)
            restored = restore(text, _read_entities(data, text, unit))
        body = {
            "text": restored.text,
            "restored": restored.count,
            "missing": list(restored.missing),
        }
        return with_limits(Response(body, headers={"Cache-Control": "no-store"}), uses)


def _restored_by_workspace(
    request: Request, data: dict[str, Any], text: str
) -> tuple[Restored, list[Use]]:
    """Restore by a workspace's pseudonyms, for who may open its originals. Raises Problem."""
    caller = caller_of(request)
    if "map" in data or "entities" in data:
        raise Problem(422, "invalid", _ONE_SOURCE)
    if not caller.allows("reveal"):
        code = "scope_needed" if caller.user else "key_needed"
        raise Problem(CODES[code].status, code, "This needs a key with the scope reveal.")
    errors: dict[str, list[str]] = {}
    workspace = read_workspace(data["workspace"], caller.user, May.OPEN, errors)
    if workspace is None:
        raise Problem(422, "invalid", errors=errors)
    uses = spend_for(caller, request)
    restored = restore(text, pseudonym_map(workspace))
    record(
        Action.MAP_USED,
        workspace=workspace.wid,
        actor=caller.user,
        detail={"places": restored.count},
    )
    # That others of the workspace's placeholders are not in the text says nothing to anybody.
    return replace(restored, missing=()), uses


def results_as_json(
    results: list[Result], ids: list[Any] | None, options: Options, caller: Caller
) -> dict[str, Any]:
    """Return the answer for one text (ids is None) or for many."""
    answers = redacted_as_json(results, options, caller)
    if ids is None:
        return answers[0]
    named = [{"id": one, **answer} for one, answer in zip(ids, answers, strict=True)]
    return {"results": named, "total": len(named)}


def _redacted(
    request: Request, texts: list[str], ids: list[Any] | None, options: Options
) -> Response:
    caller = caller_of(request)
    uses = spend_for(caller, request)
    if job_id := remembered_job(caller, request):
        return _accepted(job_id, uses)
    try:
        results = redaction.redact_now(
            texts, operating_point=options.operating_point, wait_seconds=options.wait_seconds
        )
    except redaction.StillRunningError as exc:
        job = redaction.keep_as_job(
            exc.submitted,
            request={"dialect": "native", "ids": ids, "options": options.as_json()},
            owner=caller.user,
        )
        remember_job(job.id, caller, request)
        return _accepted(job.id, uses)
    except redaction.DetectionFailedError:
        take_back(uses, caller, request)
        raise
    body = results_as_json(results, ids, options, caller)
    return with_limits(Response(body, headers={"Cache-Control": "no-store"}), uses)


def _accepted(job_id: str, uses: list[Use]) -> Response:
    address = reverse("api:v1:job", args=[job_id])
    body = {"id": job_id, "state": "queued", "result": f"{address}/result"}
    return with_limits(Response(body, 202, headers={"Location": address}), uses)


def _read_texts(value: Any) -> tuple[list[str], list[Any]]:
    if not isinstance(value, list) or not value:
        raise Problem(422, "invalid", errors={"texts": ["It must be a list of texts."]})
    if len(value) > settings.API_BATCH_TEXTS:
        raise Problem(413, "too_large", f"A batch may have {settings.API_BATCH_TEXTS} texts.")
    texts, ids = [], []
    for index, entry in enumerate(value):
        named = entry if isinstance(entry, dict) else {"text": entry}
        identity = named.get("id", index)
        if not isinstance(identity, str | int) or len(str(identity)) > _MAX_ID:
            raise Problem(422, "invalid", errors={"texts": ["An id is a string or a number."]})
        texts.append(read_text(named.get("text"), "texts"))
        ids.append(identity)
    if sum(map(len, texts)) > settings.MAX_PASTE_CHARACTERS:
        raise Problem(413, "too_large")
    return texts, ids


def _read_entities(data: dict[str, Any], text: str, unit: str) -> list[Entity]:
    """Return what is to be put back. Raises Problem."""
    originals, listed = data.get("map"), data.get("entities")
    if (originals is None) == (listed is None):
        raise Problem(422, "invalid", _ONE_SOURCE)
    if isinstance(originals, dict) and len(originals) <= _MAX_ENTITIES:
        if all(name and isinstance(value, str) for name, value in originals.items()):
            return from_map(originals)
    elif isinstance(listed, list) and len(listed) <= _MAX_ENTITIES:
        entities = [_read_entity(entry, text, unit) for entry in listed]
        return [entity for entity in entities if entity is not None]
    raise Problem(422, "invalid", "`map` is an object of strings, `entities` a list of objects.")


def _read_entity(entry: Any, text: str, unit: str) -> Entity | None:
    """Return an entity; None for one whose operator cannot be undone."""
    if not isinstance(entry, dict):
        raise Problem(422, "invalid", errors={"entities": ["Each must be an object."]})
    if entry.get("operator", "replace") not in {"replace", "surrogate"}:
        return None
    replacement, original = entry.get("replacement"), entry.get("original")
    if not isinstance(replacement, str) or not replacement or not isinstance(original, str):
        raise Problem(
            422, "invalid", errors={"entities": ["Each needs `replacement` and `original`."]}
        )
    start, end = entry.get("redacted_start"), entry.get("redacted_end")
    is_placed = all(type(one) is int and 0 <= one <= 2**31 for one in (start, end))
    if not is_placed:
        return Entity(replacement, original)
    return Entity(
        replacement,
        original,
        to_code_points(text, int(start or 0), unit),
        to_code_points(text, int(end or 0), unit),
    )
