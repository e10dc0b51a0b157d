"""The description of the dialects: valid, served, and of addresses that are there."""

from __future__ import annotations

import copy

from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from api.gradio import urls
from api.schema.dialects import schema


def test_it_is_valid_and_served(client: Client) -> None:
    validate_schema(copy.deepcopy(schema()))
    answer = client.get("/api/schema/dialects/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == schema()


def test_operations_have_names_and_tags() -> None:
    operations = [one for path in schema()["paths"].values() for one in path.values()]
    names = {operation["operationId"] for operation in operations}
    assert len(names) == len(operations)
    tags = {tag["name"] for tag in schema()["tags"]}
    assert {tag for operation in operations for tag in operation["tags"]} == tags


def test_addresses_are_there_with_and_without_a_slash_and_none_of_gradio_s_is_left_out() -> None:
    filled = {"job_id": "a" * 22, "name": "create_paste", "event_id": "a" * 32}
    filled |= {"session_hash": "s1", "path": "results/a/b/redacted.txt"}
    found = set()
    for path in schema()["paths"]:
        for end in ("", "/"):
            match = get_resolver().resolve(path.format(**filled) + end)
            assert match.func.__module__.startswith("api."), path
            found.add(match.url_name)
    assert found > {pattern.name for pattern in urls.urlpatterns} - {"elsewhere"}
