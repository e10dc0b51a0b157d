"""A text in the making, with its private spans."""

from __future__ import annotations

from inference.training.records import Record


class Draft:
    """Collects pieces of text; a piece may carry a label or be marked as debatable."""

    def __init__(self, language: str) -> None:
        """Begin a text in a language, which whoever writes it may change."""
        self.language = language
        self._parts: list[str] = []
        self._length = 0
        self._spans: list[tuple[int, int, str]] = []
        self._ignore: list[tuple[int, int]] = []

    def add(self, text: str, label: str = "") -> Draft:
        """Append text; with a label it becomes a private span."""
        if label and text:
            self._spans.append((self._length, self._length + len(text), label))
        self._parts.append(text)
        self._length += len(text)
        return self

    def unsure(self, text: str) -> Draft:
        """Append text about which people disagree, so that it teaches nothing."""
        self._ignore.append((self._length, self._length + len(text)))
        return self.add(text)

    def line(self, text: str = "", label: str = "") -> Draft:
        """Append text and end the line."""
        return self.add(text, label).add("\n")

    def field(self, name: str, value: str, label: str = "", mark: str = ": ") -> Draft:
        """Append a line such as "Name: value"."""
        return self.add(name + mark).line(value, label)

    def record(self, identity: str) -> Record:
        """Return the finished text as a fully annotated record, without outer blank lines."""
        text = "".join(self._parts).rstrip("\n")
        return Record(
            id=identity,
            source="generator",
            language=self.language,
            text=text,
            spans=tuple(self._spans),
            ignore=tuple(self._ignore),
        )
