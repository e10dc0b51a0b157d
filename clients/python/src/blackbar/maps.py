"""What a command keeps to restore a text later: a file that only its owner may read."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from blackbar.answers import Fields
from blackbar.errors import ConfigurationError, UnexpectedAnswerError
from blackbar.files import PRIVATE, written
from blackbar.steps import encoded
from blackbar.texts import Redacted, entities_from

_NO_MAP = "This file is no map: it holds no JSON object with entities, or of strings."


def save_map(path: Path, redacted: Redacted) -> None:
    """Write what was hidden, with mode 0600. Raises OSError."""
    entities = [asdict(entity) for entity in redacted.entities]
    with written(path, PRIVATE) as out:
        out.write(encoded({"offset_unit": redacted.offset_unit, "entities": entities}) + b"\n")


def load_map(path: Path) -> Redacted | dict[str, str]:
    """Read what `save_map` wrote, an answer of the API, or an object of strings.

    Raises ConfigurationError if it is neither, OSError.
    """
    content = path.read_bytes()
    told: Any = None
    with contextlib.suppress(ValueError):
        told = json.loads(content)
    found = _read(told)
    if found is None:
        raise ConfigurationError(_NO_MAP)
    return found


def _read(told: Any) -> Redacted | dict[str, str] | None:
    if not isinstance(told, dict):
        return None
    if "entities" in told:
        try:
            entities = entities_from(Fields(told))
        except UnexpectedAnswerError:
            return None
        return Redacted("", entities, {}, 0, str(told.get("offset_unit", "code_point")))
    if all(isinstance(value, str) for value in told.values()):
        return dict(told)
    return None
