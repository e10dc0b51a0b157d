"""Rules tried on a sample, for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from anonymizer.redaction import StillRunningError
from anonymizer.rules import Rules
from api.callers import Caller, caller_of
from api.schema import policies as schema
from api.schema.describe import described
from api.v1.answers import Offsets, as_json
from api.v1.base import NativeView, fields_of, with_limits
from api.v1.idempotency import spend_for, take_back
from api.v1.options import UNITS, is_wait, read_text
from api.v1.problems import Problem
from api.v1.rules import read_rules, refuse
from api.v1.under import Errors, Under, read_under
from policies.trial import MAX_SAMPLE_CHARACTERS, Difference, Trial, try_rules

_NO_STORE = {"Cache-Control": "no-store"}


@described(post=schema.try_rules)
class PolicyTrial(NativeView):
    """Rules tried on a sample."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"POST": "redact"}

    def post(self, request: Request) -> Response:
        """Return `text` under `policy` and under `rules`, and what is different.

        What is left out of the two stands for no policy: everything that is found is replaced.
        """
        caller = caller_of(request)
        data = fields_of(request, ("text", "policy", "rules", "offset_unit", "wait"))
        text, errors = read_text(data.get("text")), Errors()
        if len(text) > MAX_SAMPLE_CHARACTERS:
            errors["text"] = [f"A sample has at most {MAX_SAMPLE_CHARACTERS} characters."]
        under = read_under(data.get("policy"), caller, errors)
        rules = read_rules(data["rules"], errors) if data.get("rules") is not None else None
        if data.get("policy") is None and rules is None:
            errors["rules"] = ["Send `rules`, a `policy`, or both."]
        unit = _read_unit(data, errors)
        wait = _read_wait(data, errors)
        refuse(errors)
        uses = spend_for(caller, request)
        try:
            trial = _tried(caller, text, under, rules, wait)
        except Exception:
            take_back(uses, caller, request)
            raise
        body = _trial_as_json(text, trial, unit)
        return with_limits(Response(body, headers=_NO_STORE), uses)


def _tried(
    caller: Caller, text: str, under: Under | None, rules: Rules | None, wait: float
) -> Trial:
    said = under.rules if under is not None else Rules()
    before, after = (said, rules) if rules is not None else (Rules(), said)
    key = under.hash_key() if under is not None else caller.hash_key()
    try:
        return try_rules(text, before=before, after=after, key=key, wait_seconds=wait)
    except StillRunningError as exc:
        detail = "The sample was not scanned in time, and nothing of it was kept. Send it again."
        raise Problem(409, "not_ready", detail) from exc


def _read_unit(data: Mapping[str, Any], errors: Errors) -> str:
    unit = data.get("offset_unit") or UNITS[0]
    if unit not in UNITS:
        errors["offset_unit"] = [f"One of {', '.join(UNITS)}."]
    return str(unit)


def _read_wait(data: Mapping[str, Any], errors: Errors) -> float:
    wait = data.get("wait")
    if wait is None:
        return float(settings.API_WAIT_SECONDS)
    if not is_wait(wait):
        errors["wait"] = ["It must be a number of seconds, 0 or more."]
        return 0.0
    return float(min(wait, settings.API_WAIT_SECONDS))


def _trial_as_json(text: str, trial: Trial, unit: str) -> dict[str, Any]:
    return {
        "before": as_json(text, trial.old, unit),
        "after": as_json(text, trial.new, unit),
        "differences": list(_differences(text, trial.differences, unit)),
        "counts": trial.counts,
        "offset_unit": unit,
    }


def _differences(text: str, found: Iterable[Difference], unit: str) -> Iterable[dict[str, Any]]:
    offsets = Offsets(text, unit)
    for one in found:
        yield {
            "kind": one.kind,
            "start": offsets.of(one.start),
            "end": offsets.of(one.end),
            "value": one.value,
            "label": one.label,
            "reason": one.reason,
        }
