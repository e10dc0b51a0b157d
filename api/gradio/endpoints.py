"""What may be called, as the three published apps name it, and how clients are told of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

API_PREFIX = "/gradio_api"
# The version whose wire form this is: clients choose by it.
VERSION = "6.31.0"
REQUIRED = object()
_NULLABLE_TEXT = {"oneOf": [{"type": "null"}, {"type": "string"}]}
_FILE_FIELDS = {
    "path": {"type": "string"},
    "url": _NULLABLE_TEXT,
    "size": {"oneOf": [{"type": "null"}, {"type": "integer"}]},
    "orig_name": _NULLABLE_TEXT,
    "mime_type": _NULLABLE_TEXT,
    "is_stream": {"type": "boolean"},
    "meta": {
        "type": "object",
        "properties": {"_type": {"const": "gradio.FileData"}},
        "required": ["_type"],
    },
}
_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "file": {"type": "object", "properties": _FILE_FIELDS, "required": [*_FILE_FIELDS]},
    "object": {"type": "object", "additionalProperties": {}},
}
_PYTHON = {"text": "str", "file": "filepath", "object": "dict(str, Any)"}


class ArgumentsError(Exception):
    """Raised when a call's arguments are not those of its endpoint; the message names which."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """An argument. kind: "text" or "file"."""

    name: str
    kind: str
    default: object = REQUIRED


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that may be called. returns: "object" or "file"."""

    name: str
    parameters: tuple[Parameter, ...]
    returns: str
    description: str

    def arguments(self, given: object) -> dict[str, Any]:
        """Return arguments by name from a list or an object. Raises ArgumentsError."""
        names = [parameter.name for parameter in self.parameters]
        if isinstance(given, list):
            if len(given) > len(names):
                raise ArgumentsError(f"/{self.name} takes {len(names)} arguments.")
            given = dict(zip(names, given, strict=False))
        if not isinstance(given, dict) or not set(given) <= set(names):
            raise ArgumentsError(f"/{self.name} takes these arguments: {', '.join(names)}.")
        return {one.name: self._value(one, given) for one in self.parameters}

    def _value(self, parameter: Parameter, given: Mapping[str, Any]) -> Any:
        value = given.get(parameter.name)
        if value is None:
            value = parameter.default
        if value is REQUIRED:
            raise ArgumentsError(f"/{self.name} needs the argument {parameter.name}.")
        if parameter.kind == "text" and not isinstance(value, str):
            raise ArgumentsError(f"The argument {parameter.name} must be a text.")
        if parameter.kind == "file" and not (
            isinstance(value, dict) and isinstance(value.get("path"), str)
        ):
            raise ArgumentsError(
                f"The argument {parameter.name} must be a file: use handle_file, or upload it and"
                " send its path."
            )
        return value


ENDPOINTS = (
    Endpoint(
        "create_paste",
        (Parameter("text", "text"), Parameter("ttl", "text", "never")),
        "object",
        "Redacts a text and keeps it. ttl: never, or a time such as 10m, 1h, 7d. Returns the paths"
        " of the redacted page (view_path) and of the original (reveal_path).",
    ),
    Endpoint(
        "analyze_document",
        (Parameter("file", "file"),),
        "object",
        "Finds private details in a file. Returns text, spans (start, end, label) and stats;"
        " nothing is kept.",
    ),
    Endpoint(
        "anonymize_screenshot",
        (Parameter("image", "file"),),
        "object",
        "Finds private details in a picture. Returns image_data_url, width, height and boxes (x, y,"
        " w, h, label, text); nothing is kept.",
    ),
    Endpoint(
        "redact_document",
        (Parameter("file", "file"),),
        "file",
        "Returns the file without its private details, verified; it waits ten minutes to be"
        " fetched.",
    ),
)
BY_NAME = {endpoint.name: endpoint for endpoint in ENDPOINTS}


def config() -> dict[str, Any]:
    """Return what a client asks for first.

    Without `root`: clients then stay at the address by which they came.
    """
    components: list[dict[str, Any]] = []
    dependencies = []
    for index, endpoint in enumerate(ENDPOINTS):
        inputs = [_component(components, one.kind, n) for n, one in enumerate(endpoint.parameters)]
        outputs = [_component(components, endpoint.returns, 0)]
        dependencies.append(_dependency(index, endpoint, inputs, outputs))
    ids = [component["id"] for component in components]
    layout = {"id": 0, "children": [{"id": one} for one in ids]}
    page = {"layout": layout, "components": ids, "dependencies": [*range(len(ENDPOINTS))]}
    return {
        "version": VERSION,
        "api_prefix": API_PREFIX,
        "mode": "server",
        "app_id": app_id(),
        "dev_mode": False,
        "analytics_enabled": False,
        "components": components,
        "connect_heartbeat": False,
        "title": settings.SITE_NAME,
        "space_id": None,
        "enable_queue": True,
        "show_error": True,
        "run_history": False,
        "is_colab": False,
        "max_file_size": settings.MAX_FILE_BYTES,
        "protocol": "sse_v3",
        "pages": [["", "Home", True]],
        "page": {"": page},
        "layout": layout,
        "dependencies": dependencies,
        "username": None,
    }


def info() -> dict[str, Any]:
    """Return the endpoints as `view_api` shows them."""
    return {
        "named_endpoints": {f"/{one.name}": _description(one) for one in ENDPOINTS},
        "unnamed_endpoints": {},
    }


def app_id() -> int:
    """Return by what a client sees that it talks to another app than before: it never does."""
    return 1


def _component(components: list[dict[str, Any]], kind: str, index: int) -> int:
    schema = _SCHEMAS[kind]
    components.append(
        {
            "id": len(components) + 1,
            "type": "api",
            "props": {"label": _label(index), "name": "api"},
            "skip_api": False,
            "key": None,
            "api_info": schema,
            "api_info_as_input": schema,
            "api_info_as_output": schema,
        }
    )
    return len(components)


def _dependency(
    index: int, endpoint: Endpoint, inputs: list[int], outputs: list[int]
) -> dict[str, Any]:
    return {
        "id": index,
        "targets": [],
        "inputs": inputs,
        "outputs": outputs,
        "backend_fn": True,
        "js": None,
        "queue": True,
        "api_name": endpoint.name,
        "api_description": endpoint.description,
        "api_visibility": "public",
        "batch": False,
        "max_batch_size": 1,
        "cancels": [],
        "types": {"generator": False, "cancel": False},
        "connection": "sse",
        "rendered_in": None,
        "time_limit": None,
    }


def _description(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "parameters": [_parameter(one, n) for n, one in enumerate(endpoint.parameters)],
        "returns": [
            {
                "label": _label(0),
                "type": _SCHEMAS[endpoint.returns],
                "python_type": {"type": _PYTHON[endpoint.returns], "description": ""},
                "component": "Api",
            }
        ],
        "api_visibility": "public",
        "description": endpoint.description,
    }


def _parameter(parameter: Parameter, index: int) -> dict[str, Any]:
    has_default = parameter.default is not REQUIRED
    default = parameter.default if has_default else None
    return {
        "label": _label(index),
        "parameter_name": parameter.name,
        "parameter_has_default": has_default,
        "parameter_default": default,
        "type": _SCHEMAS[parameter.kind],
        "python_type": {"type": _PYTHON[parameter.kind], "description": ""},
        "component": "Api",
        "example_input": default if has_default else "...",
    }


def _label(index: int) -> str:
    return ("1st", "2nd", "3rd")[index]
