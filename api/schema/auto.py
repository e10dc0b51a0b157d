"""The schema of a method: what its description says, and what follows from its view.

Scopes, keys, form tokens and bodies are alike for every view, so are the problems that they lead
to. They are derived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema

from api.schema.describe import Facts
from api.v1.problems import CODES, RETRY_SECONDS

_NOTHING = Facts()
_WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Headers of problems that always come with their status.
_PROBLEM_HEADERS = {401: ("WWW-Authenticate",), 405: ("Allow",)}


class NativeSchema(AutoSchema):
    """Describes methods of the native API."""

    def is_excluded(self) -> bool:
        """Leave out what no program is told of: what has no description."""
        return self._facts() is None

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        """Return a method's operation, with its problems, headers and who may call."""
        operation = super().get_operation(*args, **kwargs)
        facts = self._facts()
        if operation is None or facts is None:
            return None
        if "requestBody" in operation:
            operation["requestBody"]["required"] = not self._may_be_empty(operation)
        operation["responses"] |= self._problems(facts)
        for status, names in facts.headers.items():
            headers = operation["responses"][str(status)].setdefault("headers", {})
            headers |= {name: {"$ref": f"#/components/headers/{name}"} for name in names}
        if (scope := self._scope()) is not None:
            operation["description"] += f"\n\nScope of the key: `{scope}`."
        return operation

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return who may call: by reveal token, key or session; {} stands for anybody."""
        facts, scope = self._facts() or _NOTHING, self._scope()
        scopes = [scope] if scope else (["reveal"] if facts.is_opened else [])
        session: dict[str, list[str]] = {"session": []}
        if self.method in _WRITING:
            session["formToken"] = []
        ways: list[dict[str, list[str]]] = [{"key": scopes}, session]
        if facts.is_opened:
            return [{"revealToken": []}, *ways]
        return [*ways, {}] if self._is_for_anybody() and not facts.is_owned else ways

    def map_parsers(self) -> list[Any]:
        """Return the media types of bodies."""
        return [parser.media_type for parser in self.view.get_parsers()]

    def _facts(self) -> Facts | None:
        method = getattr(self.view, self.method.lower(), None)
        found: Facts | None = getattr(method, "facts", None)
        return found

    def _scope(self) -> str | None:
        scopes: dict[str, str] = getattr(self.view, "scopes", {})
        return scopes.get(self.method)

    def _is_for_anybody(self) -> bool:
        needs_account = getattr(self.view, "needs_account", False)
        return not needs_account and self._scope() in {None, "redact", "read"}

    def _may_be_empty(self, operation: dict[str, Any]) -> bool:
        content = operation["requestBody"]["content"].get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        found = (one for one in self.registry._components.values() if one.name == name)
        return any(not component.schema.get("required") for component in found)

    def _problems(self, facts: Facts) -> dict[str, Any]:
        codes = {*facts.problems, "invalid_key", "server_error", "unavailable"}
        if facts.is_owned or getattr(self.view, "needs_account", False):
            codes.add("key_needed")
        if self._scope() is not None:
            # Without a key too: an owner may have closed the server to callers without one.
            codes |= {"key_needed", "scope_needed"}
        if self._scope() == "redact" and self.method == "POST":
            codes.add("busy")
        if self.method in _WRITING:
            codes.add("forbidden")
        if self.method in {"POST", "PUT", "PATCH"} and self.get_request_serializer() is not None:
            codes |= {"malformed", "too_large", "unsupported_media_type", "invalid"}
        if "rate_limited" in codes:
            codes.add("credits_used")
        if facts.is_opened:
            codes.add("rate_limited")  # wrong tokens are counted; of those nothing is used up
        if "{" in self.path:
            codes.add("not_found")
        by_status: dict[int, list[str]] = {}
        for code in CODES:
            if code in codes:
                by_status.setdefault(CODES[code].status, []).append(code)
        return {str(status): _problem(status, found) for status, found in by_status.items()}


def _problem(status: int, codes: Sequence[str]) -> dict[str, Any]:
    names = {
        429: ("Retry-After",),
        503: ("Retry-After",),
    }.get(status, _PROBLEM_HEADERS.get(status, ()))
    if set(codes) & set(RETRY_SECONDS):
        names = ("Retry-After",)
    sentences = "\n".join(f"- `{code}`: {CODES[code].sentence}" for code in codes)
    response: dict[str, Any] = {
        "description": f"{HTTPStatus(status).phrase}.\n\n{sentences}",
        "content": {
            "application/problem+json": {
                "schema": {
                    # JSON Schema 2020-12 reads what stands beside $ref; others see the component.
                    "$ref": "#/components/schemas/Problem",
                    "properties": {
                        "status": {"const": status},
                        "code": {"enum": list(codes)},
                    },
                },
                "example": {
                    "type": "about:blank",
                    "title": HTTPStatus(status).phrase,
                    "status": status,
                    "code": codes[0],
                    "detail": CODES[codes[0]].sentence,
                },
            }
        },
    }
    if names:
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return response
