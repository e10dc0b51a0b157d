"""The description of the API as tests hold answers against it."""

from __future__ import annotations

from typing import Any


def tightened(value: Any) -> Any:
    """Return a schema that takes no field that it does not name."""
    if isinstance(value, list):
        return [tightened(one) for one in value]
    if not isinstance(value, dict):
        return value
    tight = {name: tightened(one) for name, one in value.items()}
    if tight.get("type") == "object" and isinstance(tight.get("properties"), dict):
        tight.setdefault("additionalProperties", False)
    return tight
