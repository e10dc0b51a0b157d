"""The description of the API as programs fetch it, and the page that shows it to people."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import condition, require_safe

from api.schema import dialects

_CACHE_CONTROL = "public, no-cache"


@cache
def schema() -> dict[str, Any]:
    """Return the OpenAPI document of the native API; made once, since it follows from the code."""
    # Here, not above: a server that nobody asks for its schema loads none of it.
    from drf_spectacular.generators import SchemaGenerator

    generator: Any = SchemaGenerator
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


@cache
def _as_json() -> bytes:
    return json.dumps(schema(), ensure_ascii=False, separators=(",", ":")).encode()


@cache
def _as_yaml() -> bytes:
    from drf_spectacular.renderers import OpenApiYamlRenderer

    renderer: Any = OpenApiYamlRenderer()
    written: bytes = renderer.render(schema())
    return written


def _etag(request: HttpRequest, *args: Any) -> str:
    return f'"{hashlib.sha256(_as_json()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=_etag)
def openapi_json(request: HttpRequest) -> HttpResponse:
    """Return the description as JSON."""
    return _described(_as_json(), "application/json")


@require_safe
@condition(etag_func=_etag)
def openapi_yaml(request: HttpRequest) -> HttpResponse:
    """Return the description as YAML."""
    return _described(_as_yaml(), "application/yaml")


@require_safe
def dialects_json(request: HttpRequest) -> HttpResponse:
    """Return the description of the interfaces of other programs as JSON."""
    written = json.dumps(dialects.schema(), ensure_ascii=False, separators=(",", ":"))
    return _described(written.encode(), "application/json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """Show the description to people, who may try each call as themselves."""
    return render(request, "api/docs.html")


def _described(content: bytes, content_type: str) -> HttpResponse:
    headers = {"Cache-Control": _CACHE_CONTROL}
    return HttpResponse(content, content_type=content_type, headers=headers)
