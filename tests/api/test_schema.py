"""The description of the native API: complete, valid, true in its examples, and served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator

import api.v1.urls
from api.schema.serve import schema
from api.v1.base import NativeView
from api.v1.problems import CODES
from api.v1.unknown import Unknown

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """The OpenAPI document."""
    return schema()


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_and_made_without_a_warning(described: dict[str, Any]) -> None:
    validate_schema(described)
    assert described["openapi"] == "3.1.0"
    assert not GENERATOR_STATS


def test_every_method_of_every_view_is_described() -> None:
    missing = [
        f"{pattern.name} {method}"
        for pattern in api.v1.urls.urlpatterns
        if issubclass(view := getattr(pattern.callback, "view_class", object), NativeView)
        and view is not Unknown
        for method in METHODS
        if hasattr(view, method) and not hasattr(getattr(view, method), "facts")
    ]
    assert not missing


def test_operations_have_names_for_functions_a_tag_and_words(described: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name[0].islower() for name in names)
    tags = {tag["name"] for tag in described["tags"]}
    for _, _, operation in operations(described):
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        assert all(answer["description"] for answer in operation["responses"].values())


def test_every_problem_names_its_codes(described: dict[str, Any]) -> None:
    named = set()
    for _, _, operation in operations(described):
        for status, response in operation["responses"].items():
            if int(status) < 400:
                continue
            (content,) = response["content"].items()
            assert content[0] == "application/problem+json"
            codes = content[1]["schema"]["properties"]["code"]["enum"]
            assert {CODES[code].status for code in codes} == {int(status)}
            named |= set(codes)
    # Every operation says 405 to other methods than its own.
    assert set(CODES) - named == {"method_not_allowed"}


def _contents(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, method, operation in operations(described):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            for content in body.get("content", {}).values():
                yield f"{method} {path}", content


def test_examples_are_what_the_schemas_say(described: dict[str, Any]) -> None:
    checked = 0
    for name, content in _contents(described):
        whole = {**content["schema"], "components": described["components"]}
        examples = [one["value"] for one in content.get("examples", {}).values()]
        examples += [content["example"]] if "example" in content else []
        for example in examples:
            errors = list(Draft202012Validator(whole).iter_errors(example))
            assert not errors, f"{name}: {errors[0].message}"
            checked += 1
    assert checked > 100


def test_it_is_served_as_json_and_yaml(client: Client, described: dict[str, Any]) -> None:
    for path in ("/api/v1/openapi.json", "/api/schema/"):
        answer = client.get(path)
        assert answer["Content-Type"] == "application/json"
        assert answer.json() == described
    written = client.get("/api/v1/openapi.yaml")
    assert yaml.safe_load(written.content) == json.loads(json.dumps(described))
    again = client.get("/api/v1/openapi.json", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_the_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert 'data-address="/api/v1/openapi.json"' in page
    assert "swagger-ui-bundle.js" in page
    assert "http" not in page.replace("https://www.w3.org", "")


def test_an_address_of_nothing_is_a_problem_too(client: Client) -> None:
    for method in METHODS:
        answer = getattr(client, method)("/api/v1/canary-7731", {"text": "Canary-7731"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
        assert "anary" not in answer.content.decode()
