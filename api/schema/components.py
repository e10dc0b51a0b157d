"""Parts of the schema that no view has by itself: problems, headers, ways to sign in."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from accounts.models import Plan, Scope
from anonymizer.categories import CATEGORIES
from anonymizer.corrections import OPS
from anonymizer.operators.policy import Naming, Numbering, Operator
from anonymizer.text import Style
from api.schema.webhooks import MESSAGE, SENT
from api.v1.problems import CODES
from api.v1.shared import EXPIRES
from documents.formats.model import Kind, Role
from documents.models import CleanState, State
from images.bars import FILLS
from inference.engine.operating_points import NAMES
from webhooks.models import TEST_EVENT, DeliveryState, Event

# What generated clients call the values of a field.
_ENUMS: dict[str, list[str]] = {
    "Operator": [str(one) for one in Operator],
    "Naming": [str(one) for one in Naming],
    "Numbering": [str(one) for one in Numbering],
    "OperatingPoint": list(NAMES),
    "OffsetUnit": ["code_point", "utf16"],
    "Label": list(CATEGORIES),
    "JobState": ["queued", "running", "done", "failed"],
    "Scope": list(Scope.values),
    "Plan": list(Plan.values),
    "Expires": list(EXPIRES),
    "Style": [str(one.value) for one in Style],
    "PasteState": ["ready", "scanning", "failed"],
    "DocumentState": list(State.values),
    "DocumentKind": [str(one) for one in Kind],
    "CleanState": list(CleanState.values),
    "BlockRole": [str(one) for one in Role],
    "EditOp": sorted(OPS),
    "Fill": list(FILLS),
    "WebhookEvent": [event.value for event in Event],
    "MessageType": [*(event.value for event in Event), TEST_EVENT],
    "DeliveryState": list(DeliveryState.values),
}
_STRING = {"type": "string"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": (
        "A problem document (RFC 9457). Rely on `code`; the sentences are for people. Nothing that"
        " was sent is repeated."
    ),
    "properties": {
        "type": {**_STRING, "description": "Always `about:blank`."},
        "title": {**_STRING, "description": "The status in words."},
        "status": {"type": "integer"},
        "code": {"$ref": "#/components/schemas/ProblemCode"},
        "detail": {**_STRING, "description": "What is wrong, for people."},
        "errors": {
            "type": "object",
            "description": "Sentences by name of the field that is wrong.",
            "additionalProperties": {"type": "array", "items": _STRING},
        },
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_HEADERS = {
    "Allow": ("Methods that this address takes.", _STRING),
    "ETag": ("Changes when what is answered does; send it back in `If-None-Match`.", _STRING),
    "Location": ("Address of what was made.", {"type": "string", "format": "uri-reference"}),
    "RateLimit": ('What is left, by limit: `"minute";r=59;t=42`.', _STRING),
    "RateLimit-Policy": ('The limits: `"minute";q=60;w=60`. Absent where there is none.', _STRING),
    "Retry-After": ("Seconds to wait before the next request.", {"type": "integer", "minimum": 1}),
    "WWW-Authenticate": ("`Bearer`.", _STRING),
    "Content-Disposition": ("The name under which to save the file.", _STRING),
}


def complete(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Add these parts to a generated schema, and close the bodies of requests."""
    components = result["components"]
    components["schemas"] = {
        name: _with_named_enums(schema) for name, schema in components["schemas"].items()
    }
    components["schemas"] |= {name: {**_STRING, "enum": values} for name, values in _ENUMS.items()}
    components["schemas"] |= {
        "Problem": PROBLEM,
        "ProblemCode": {**_STRING, "enum": list(CODES)},
        "WebhookMessage": MESSAGE,
    }
    components["headers"] = {
        name: {"description": description, "schema": schema}
        for name, (description, schema) in _HEADERS.items()
    }
    result["webhooks"] = SENT
    components["securitySchemes"] = _ways_to_sign_in()
    for methods in result["paths"].values():
        for operation in methods.values():
            _close(operation, components["schemas"])
    _ask_for_either(components["schemas"])
    components["schemas"] = dict(sorted(components["schemas"].items()))
    return result


def _with_named_enums(schema: Any) -> Any:
    """Return a schema in which lists of values that have a name are references."""
    if isinstance(schema, list):
        return [_with_named_enums(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    rest = {
        name: _with_named_enums(value)
        for name, value in schema.items()
        if name not in {"enum", "x-spec-enum-id"}
    }
    values = schema.get("enum")
    if not isinstance(values, list):
        return rest
    known = {value for value in values if value is not None}
    name = next((name for name, named in _ENUMS.items() if set(named) == known), None)
    if name is None:
        return rest | {"enum": values}
    rest.pop("type", None)
    reference = {"$ref": f"#/components/schemas/{name}"}
    if len(known) != len(values):
        return {"oneOf": [reference, {"type": "null"}], **rest}
    return {"allOf": [reference], **rest} if rest else reference


def _ways_to_sign_in() -> dict[str, Any]:
    return {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key, made under *Account, API keys*: `Bearer blackbar_...`.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": settings.SESSION_COOKIE_NAME,
            "description": "A browser that is signed in. It may do what any scope allows.",
        },
        "formToken": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": "The form token, needed with `session` wherever something is changed.",
        },
        "revealToken": {
            "type": "apiKey",
            "in": "header",
            "name": "Reveal-Token",
            "description": "The token of a private link: opens that one item to whoever has it.",
        },
    }


def _ask_for_either(schemas: dict[str, Any]) -> None:
    """Say of which fields a body has exactly one, in words that makers of clients pass over."""
    schemas["RestoreRequest"] |= {
        "if": {"required": ["map"]},
        "then": {"not": {"anyOf": [{"required": ["entities"]}, {"required": ["workspace"]}]}},
        "else": {
            "if": {"required": ["workspace"]},
            "then": {"not": {"required": ["entities"]}},
            "else": {"required": ["entities"]},
        },
    }
    schemas["ExpiryRequest"] |= {"minProperties": 1, "maxProperties": 1}


def _close(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """Say that a body has no other fields than those described."""
    content = operation.get("requestBody", {}).get("content", {})
    reference = content.get("application/json", {}).get("schema", {}).get("$ref", "")
    if reference:
        schemas[reference.rpartition("/")[2]]["additionalProperties"] = False
