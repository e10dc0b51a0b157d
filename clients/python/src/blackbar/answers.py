"""Reading answers: fields by name and type. What is not known is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from blackbar.errors import UnexpectedAnswerError


class Fields:
    """An object of an answer. Every method raises UnexpectedAnswerError, which names the field."""

    __slots__ = ("_values",)

    def __init__(self, value: Any) -> None:
        if not isinstance(value, dict):
            raise UnexpectedAnswerError("The answer is not what this API documents.")
        self._values: dict[str, Any] = value

    def text(self, name: str) -> str:
        """Return a string."""
        value = self._values.get(name)
        if isinstance(value, str):
            return value
        raise _wrong(name)

    def text_or_none(self, name: str) -> str | None:
        """Return a string, or None for null and for a field that is not there."""
        return None if self._values.get(name) is None else self.text(name)

    def whole(self, name: str) -> int:
        """Return a whole number."""
        value = self._values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise _wrong(name)

    def whole_or_none(self, name: str) -> int | None:
        """Return a whole number or None."""
        return None if self._values.get(name) is None else self.whole(name)

    def number(self, name: str) -> float:
        """Return a number."""
        value = self._values.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        raise _wrong(name)

    def flag(self, name: str) -> bool:
        """Return true or false; false for a field that is not there."""
        return self._values.get(name) is True

    def time(self, name: str) -> datetime:
        """Return a point in time, with its zone."""
        try:
            return datetime.fromisoformat(self.text(name))
        except ValueError:
            pass
        raise _wrong(name)

    def time_or_none(self, name: str) -> datetime | None:
        """Return a point in time or None."""
        return None if self._values.get(name) is None else self.time(name)

    def listed(self, name: str) -> list[Any]:
        """Return a list; an empty one for a field that is not there."""
        value = self._values.get(name, [])
        if isinstance(value, list):
            return value
        raise _wrong(name)

    def objects(self, name: str) -> list[Fields]:
        """Return a list of objects."""
        return [Fields(value) for value in self.listed(name)]

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        values = self.listed(name)
        if all(isinstance(value, str) for value in values):
            return tuple(values)
        raise _wrong(name)

    def counts(self, name: str) -> dict[str, int]:
        """Return an object of whole numbers; an empty one for a field that is not there."""
        value = self._values.get(name, {})
        if isinstance(value, dict) and all(type(count) is int for count in value.values()):
            return dict(value)
        raise _wrong(name)

    def inner(self, name: str) -> Fields | None:
        """Return an object or None."""
        value = self._values.get(name)
        return None if value is None else Fields(value)

    def plain(self, name: str) -> Mapping[str, Any] | None:
        """Return an object as it is, or None."""
        value = self._values.get(name)
        return value if isinstance(value, dict) else None

    def identity(self, name: str) -> str | int | None:
        """Return an id: a string, a number, or None."""
        value = self._values.get(name)
        return value if isinstance(value, str | int) else None


def _wrong(name: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(f"The answer's field {name} is not what this API documents.")
