"""What the streams of Gradio's dialect hold: one event each, as a schema of its fields.

OpenAPI 3.1 has no word for the events of a stream; readers of it take the schema of a
`text/event-stream` for that of one event.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
_NULL: Schema = {"type": "null"}
_NUMBER: Schema = {"type": "number", "minimum": 0}
# What a reader calls an event that has no name.
_UNNAMED: Schema = {"event": {"const": "message"}}
_COUNT: Schema = {"type": "integer", "minimum": 0}


def event_of_session() -> Schema:
    """Return the schema of an event of `/queue/data`: JSON that says by `msg` what it is."""
    return _fields({"data": _json({"oneOf": _messages()})}, _UNNAMED)


def event_of_call() -> Schema:
    """Return the schema of an event of `/call/<name>/<event id>`, which has a name."""
    failed: Schema = {"oneOf": [_failure(), TEXT]}
    named: dict[str, Schema] = {"complete": {"type": "array"}, "error": failed, "heartbeat": _NULL}
    return {
        "oneOf": [
            _fields({"event": {"const": name}, "data": _json(data)}) for name, data in named.items()
        ]
    }


def event_of_heartbeat() -> Schema:
    """Return the schema of the one event of `/heartbeat/<session hash>`."""
    return _fields({"data": {"const": "ALIVE"}}, _UNNAMED)


def _messages() -> list[Schema]:
    unit = {"index": _NULL, "length": _NULL, "unit": _NULL, "desc": TEXT}
    unit |= {"progress": {"anyOf": [_NUMBER, _NULL]}}
    output = {"oneOf": [_success(), _failure()]}
    always = {"output": output, "success": {"type": "boolean"}}
    number = {"anyOf": [_NUMBER, _NULL]}
    figures = {"used_cache": _NULL, "cache_duration": number, "avg_time": number}
    return [
        _message("estimation", TEXT, {"rank": _COUNT, "queue_size": _COUNT, "rank_eta": _NULL}),
        _message("process_starts", TEXT, {"eta": _NULL}),
        _message("progress", TEXT, {"progress_data": {"type": "array", "items": _fields(unit)}}),
        # A call that was refused for want of room has no figures.
        _message(
            "process_completed", TEXT, always, {"title": {"type": ["string", "null"]}, **figures}
        ),
        _message("heartbeat", _NULL),
        _message("close_stream", _NULL),
        _message(
            "unexpected_error",
            _NULL,
            {
                "message": TEXT,
                "session_not_found": {"type": "boolean"},
                "success": {"const": False},
            },
        ),
    ]


def _success() -> Schema:
    return _fields(
        {
            "data": {"type": "array", "minItems": 1, "maxItems": 1},
            "is_generating": {"const": False},
            "duration": _NUMBER,
            "average_duration": _NUMBER,
            "render_config": _NULL,
            "changed_state_ids": {"type": "array", "maxItems": 0},
            "used_cache": _NULL,
        }
    )


def _failure() -> Schema:
    return _fields({"error": TEXT, "title": TEXT, "visible": {"const": True}, "duration": _NUMBER})


def _message(
    name: str, event_id: Schema, always: Schema | None = None, sometimes: Schema | None = None
) -> Schema:
    required = {"msg": {"const": name}, "event_id": event_id, **(always or {})}
    return _fields(required, sometimes)


def _json(content: Schema) -> Schema:
    """Return the schema of a text that holds JSON."""
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": content}


def _fields(required: Schema, sometimes: Schema | None = None) -> Schema:
    """Return the schema of an object with these fields and no other."""
    return {
        "type": "object",
        "properties": required | (sometimes or {}),
        "required": [*required],
        "additionalProperties": False,
    }
