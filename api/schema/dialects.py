"""The description of the interfaces of other programs that this server speaks too.

Their own documents rule; this says how they are spoken here, so that answers are held against it.
They have no sessions and no form tokens, and errors of their own: an OpenAPI document apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings

from api.schema import events

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
_EVENTS = "text/event-stream"
_NAMES = ("create_paste", "analyze_document", "anonymize_screenshot", "redact_document")
_FIELDS_OF_CONFIG = ("version", "api_prefix", "dependencies", "components")
_TAGS = {
    "privacyfilter.run": "The interface of privacyfilter.run. Its `license_key` is a key.",
    "casola": "The interface of casola: spans of one text or of many, and jobs.",
    "gradio": "What `gradio_client` and `@gradio/client` ask of an app, and curl with them.",
}
_GRADIO = "/gradio_api"
_SESSION_IN_PATH: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,200}$"}
# Some answers of these say after how many seconds it is worth asking again.
_ENDS_BY_ITSELF = (429, 503)


@cache
def schema() -> Schema:
    """Return the OpenAPI document of the dialects."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{settings.SITE_NAME}: interfaces of other programs",
            "version": "1",
            "description": "Programs written for these services work here unchanged but for the "
            "host. For new ones there is the native API.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "security": [{"key": []}, {}],
        "paths": _privacyfilter_run() | _casola() | _gradio(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _privacyfilter_run() -> Schema:
    options = {
        "mode": {"enum": ["replace", "mask", "tag", None]},
        "license_key": {"type": ["string", "null"]},
    }
    refused = {
        400: "PrivacyfilterError", 401: "PrivacyfilterError", 402: "PrivacyfilterError",
        429: "PrivacyfilterError", 500: "PrivacyfilterError",
    }  # fmt: skip
    document = _object({"id": TEXT, "text": TEXT}, is_open=True)
    return {
        "/api/redact": {
            "post": _operation(
                "privacyfilterRedact",
                "Redact a text",
                "privacyfilter.run",
                body=_object({"text": TEXT, **options}, ("text",), is_open=True),
                answers={200: "PrivacyfilterRedacted", **refused},
            )
        },
        "/api/redact/batch": {
            "post": _operation(
                "privacyfilterBatch",
                "Redact several texts; needs a key of a plan that may",
                "privacyfilter.run",
                body=_object(
                    {"documents": {"type": "array", "items": document, "minItems": 1}, **options},
                    ("documents",),
                    is_open=True,
                ),
                answers={200: "PrivacyfilterBatch", **refused},
            )
        },
    }


def _casola() -> Schema:
    texts = {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}
    model = {"type": "string", "minLength": 1, "maxLength": 200}
    refused = dict.fromkeys((400, 401, 403, 404, 409, 413, 429, 500, 503, 504), "CasolaError")
    body = {"model": model, "input": texts, "async": {"type": "boolean"}}
    return {
        "/openai/v1/pii": {
            "post": _operation(
                "casolaPii",
                "Return the spans of one text or of many, or a job",
                "casola",
                body=_object(body, ("model", "input"), is_open=True),
                answers={200: "CasolaDetection", 202: "CasolaJob", **refused},
            )
        },
        "/api/jobs/{job_id}": {
            "get": _operation(
                "casolaJob",
                "Return how far a job is, and its result",
                "casola",
                parameters=[_named("job_id", {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"})],
                answers={200: "CasolaJob", **refused},
            )
        },
    }


def _gradio() -> Schema:
    return _gradio_app() | _gradio_calls() | _gradio_sessions()


def _gradio_app() -> Schema:
    config = _object({one: {} for one in _FIELDS_OF_CONFIG}, is_open=True)
    return {
        "/config": {"get": _gradio_get("Config", "Return what there is to call", config)},
        f"{_GRADIO}/info": {
            "get": _gradio_get(
                "Info", "Return how it is called", _object({"named_endpoints": {}}, is_open=True)
            )
        },
        f"{_GRADIO}/app_id": {
            "get": _gradio_get("AppId", "Return the app's id", _object({"app_id": {}}))
        },
        f"{_GRADIO}/file={{path}}": {
            "get": _operation(
                "gradioFile",
                "Fetch a file that a call returned",
                "gradio",
                parameters=[_named("path", {"type": "string", "pattern": "^results/"})],
                answers={200: {"application/octet-stream": {}}, **_refused_by_gradio()},
            )
        },
    }


def _gradio_calls() -> Schema:
    name = _named("name", {"enum": list(_NAMES)})
    event = _named("event_id", {"type": "string", "pattern": "^[0-9a-f]{32}$"})
    data = _object({"data": {"type": "array"}}, ("data",), is_open=True)
    begun = {200: "GradioEvent", **_refused_by_gradio(400, 413)}
    waited = {200: "GradioResult", 500: "GradioError", **_refused_by_gradio(400, 413)}
    wait = "Make a call and wait for its result"
    return {
        f"{_GRADIO}/call/{{name}}": {
            "post": _gradio_post("Call", "Begin a call", data, begun, [name])
        },
        f"{_GRADIO}/call/v2/{{name}}": {
            "post": _gradio_post(
                "CallV2", "Begin a call by names", {"type": "object"}, begun, [name]
            )
        },
        f"{_GRADIO}/call/{{name}}/{{event_id}}": {
            "get": _operation(
                "gradioCallEvents",
                "Hear what becomes of a call",
                "gradio",
                parameters=[name, event],
                answers={200: {_EVENTS: events.event_of_call()}, **_refused_by_gradio()},
            )
        },
        f"{_GRADIO}/run/{{name}}": {"post": _gradio_post("Run", wait, data, waited, [name])},
        f"{_GRADIO}/api/{{name}}": {"post": _gradio_post("Api", wait, data, waited, [name])},
    }


def _gradio_sessions() -> Schema:
    join = {"session_hash": {"type": "string", "minLength": 1, "maxLength": 200}}
    join |= {"fn_index": {"type": "integer", "minimum": 0, "maximum": len(_NAMES) - 1}}
    begun = {200: "GradioEvent", **_refused_by_gradio(400, 413)}
    named = _object({"event_id": TEXT}, is_open=True)
    file = {"type": "string", "format": "binary", "minLength": 1}
    stopped = {200: "GradioSuccess", **_refused_by_gradio(400, 413)}
    return {
        f"{_GRADIO}/queue/join": {
            "post": _gradio_post(
                "Join",
                "Begin a call of a session",
                _object({"data": {"type": "array"}, **join}, is_open=True),
                begun,
            )
        },
        f"{_GRADIO}/queue/data": {
            "get": _operation(
                "gradioData",
                "Hear what becomes of a session's calls",
                "gradio",
                parameters=[{"name": "session_hash", "in": "query", "schema": TEXT}],
                answers={200: {_EVENTS: events.event_of_session()}, **_refused_by_gradio(400)},
            )
        },
        f"{_GRADIO}/heartbeat/{{session_hash}}": {
            "get": _operation(
                "gradioHeartbeat",
                "Say that a client lives; the answer breaks off",
                "gradio",
                parameters=[_named("session_hash", _SESSION_IN_PATH)],
                answers={200: {_EVENTS: events.event_of_heartbeat()}, 404: "GradioRefusal"},
            )
        },
        f"{_GRADIO}/cancel": {"post": _gradio_post("Cancel", "Stop a call", named, stopped)},
        f"{_GRADIO}/reset": {"post": _gradio_post("Reset", "Stop a call", named, stopped)},
        f"{_GRADIO}/upload": {
            "post": _operation(
                "gradioUpload",
                "Hand files in for calls",
                "gradio",
                form={"files": {"type": "array", "items": file, "minItems": 1, "maxItems": 10}},
                answers={
                    200: {"application/json": {"type": "array", "items": TEXT}},
                    **_refused_by_gradio(400, 413, 429),
                },
            )
        },
    }


def _gradio_get(name: str, summary: str, found: Schema) -> Schema:
    answers = {200: {"application/json": found}, **_refused_by_gradio()}
    return _operation(f"gradio{name}", summary, "gradio", answers=answers)


def _gradio_post(
    name: str, summary: str, body: Schema, answers: Mapping[int, Any], parameters: Any = ()
) -> Schema:
    return _operation(
        f"gradio{name}", summary, "gradio", body=body, answers=answers, parameters=parameters
    )


def _refused_by_gradio(*more: int) -> dict[int, str]:
    return dict.fromkeys((401, 403, 404, *more, 503), "GradioRefusal")


def _schemas() -> Schema:
    """Return the schemas that several answers share, by name."""
    entity = _object(
        {
            "index": COUNT, "type": TEXT, "original": TEXT, "replacement": TEXT, "start": COUNT,
            "end": COUNT,
        }
    )  # fmt: skip
    redacted: Schema = {
        "redacted_text": TEXT,
        "entity_count": COUNT,
        "entities": {"type": "array", "items": entity},
    }
    span = _object(
        {"label": TEXT, "start": COUNT, "end": COUNT, "score": {"type": "number"}, "text": TEXT}
    )
    detected = _object({"spans": {"type": "array", "items": span}, "redacted_text": TEXT})
    detection = _object(
        {
            "object": {"const": "pii.detection"},
            "model": TEXT,
            "results": {"type": "array", "items": detected},
        }
    )
    said = {"message": TEXT, "code": TEXT}
    job: Schema = {
        "id": TEXT,
        "object": {"const": "job"},
        "status": {"enum": ["queued", "running", "completed", "failed"]},
    }
    later = {"result": detection, "error": _object(said)}
    batch = {
        "results": {"type": "array", "items": _object({"id": TEXT, **redacted})},
        "total_processed": COUNT,
        "total_entities": COUNT,
    }
    return {
        "PrivacyfilterRedacted": _object({**redacted, "char_count": COUNT, "processing_ms": COUNT}),
        "PrivacyfilterBatch": _object(batch),
        "PrivacyfilterError": _object({"error": TEXT, "code": TEXT}),
        "CasolaDetection": detection,
        "CasolaJob": _object({**job, **later}, tuple(job)),
        "CasolaError": _object({"error": _object({**said, "type": TEXT})}),
        "GradioEvent": _object({"event_id": TEXT}),
        "GradioResult": _object({"data": {"type": "array"}, "is_generating": {"const": False}}),
        "GradioSuccess": _object({"success": {"const": True}}),
        "GradioError": _object({"error": TEXT}),
        "GradioRefusal": _object({"detail": {"type": ["string", "object"]}}),
    }


def _object(
    properties: Schema, required: Sequence[str] | None = None, *, is_open: bool = False
) -> Schema:
    """Return the schema of an object; with every property, and no other, unless told otherwise."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*(properties if required is None else required)],
        "additionalProperties": is_open,
    }


def _named(name: str, of: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": of}


def _operation(
    operation_id: str,
    summary: str,
    tag: str,
    *,
    answers: Mapping[int, Any],
    body: Schema | None = None,
    form: Schema | None = None,
    parameters: Sequence[Schema] = (),
) -> Schema:
    """Return an operation.

    answers: by status the name of a component, or schemas by media type
    """
    operation: Schema = {
        "operationId": operation_id,
        "summary": summary,
        "tags": [tag],
        "parameters": list(parameters),
        "responses": {str(status): _answer(status, one) for status, one in answers.items()},
    }
    if form is not None:
        content = {"multipart/form-data": {"schema": _object(form)}}
        operation["requestBody"] = {"required": True, "content": content}
    elif body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    return operation


def _answer(status: int, found: Any) -> Schema:
    if isinstance(found, str):
        found = {"application/json": {"$ref": f"#/components/schemas/{found}"}}
    content = {media: {"schema": one} for media, one in found.items()}
    described: Schema = {"description": HTTPStatus(status).phrase, "content": content}
    if status in _ENDS_BY_ITSELF:
        described["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return described
