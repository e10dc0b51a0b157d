"""What is wrong with rules that people wrote, in sentences for them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager


class RulesError(Exception):
    """Raised when rules cannot be taken as they are written.

    errors: sentences for people by field; a part of a list is "always.2.patterns", from zero.
            None quotes a term or a pattern.
    """

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(f"{sum(map(len, errors.values()))} things are wrong with these rules.")
        self.errors = errors


class FieldError(Exception):
    """Raised when one field cannot be read; the message is the sentence."""


class Problems:
    """Gathers what is wrong, so that people learn of all of it at once."""

    def __init__(self) -> None:
        self.errors: dict[str, list[str]] = {}

    def add(self, field: str, sentence: str) -> None:
        """Note what is wrong with a field."""
        self.errors.setdefault(field, []).append(sentence)

    @contextmanager
    def of(self, field: str) -> Iterator[None]:
        """Note the FieldError that the body raises, and go on."""
        try:
            yield
        except FieldError as exc:
            self.add(field, str(exc))

    def unknown(self, data: Collection[str], known: Collection[str], prefix: str = "") -> None:
        """Note the names that nothing knows."""
        for name in data:
            if name not in known:
                self.add(f"{prefix}{str(name)[:40]}", "There is no such setting.")

    def check(self) -> None:
        """Raise RulesError if anything was noted."""
        if self.errors:
            raise RulesError(self.errors)
