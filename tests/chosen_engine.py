"""An engine that finds what a test chose, for tests that need a certain span."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from inference.engine.engine import Detection
from inference.engine.model import Progress
from inference.engine.spans import Span


@dataclass
class ChosenEngine:
    """Finds every mention of its values.

    values:    label by value
    windows:   into how many parts a text is cut when somebody listens to progress
    on_window: called before each of them, as other work may come up then
    poison:    a text with this value in it raises, and the message quotes the text
    unseen:    how many characters of each text are left unseen
    """

    values: dict[str, str] = field(default_factory=dict)
    windows: int = 4
    on_window: Callable[[], None] = lambda: None
    poison: str | None = None
    unseen: int = 0
    batch_tokens: int = 0
    name: str = "chosen 1.0"
    revision: str = "0123456789ab"
    batches: list[int] = field(default_factory=list)

    @property
    def model(self) -> ChosenEngine:
        """The model beside the rules; here they are one."""
        return self

    def detect(
        self,
        texts: Sequence[str],
        operating_point: str = "balanced",
        on_progress: Progress | None = None,
    ) -> list[Detection]:
        """Answer as `Engine.detect` does."""
        self.batches.append(len(texts))
        for text in texts:
            if self.poison is not None and self.poison in text:
                raise RuntimeError(f"cannot read {text}")
            if on_progress is not None:
                self._scan_in_windows(text, on_progress)
        return [
            Detection(tuple(self._spans(text)), len(text) - self.unseen, len(text))
            for text in texts
        ]

    def _scan_in_windows(self, text: str, on_progress: Progress) -> None:
        for _ in range(self.windows):
            self.on_window()
            on_progress(len(text) // self.windows)

    def _spans(self, text: str) -> list[Span]:
        found = [
            Span(match.start(), match.end(), label, 0.9, "model", "It was chosen.")
            for value, label in self.values.items()
            for match in re.finditer(re.escape(value), text)
        ]
        spans: list[Span] = []
        for span in sorted(found, key=lambda span: (span.start, -span.end)):
            if not spans or not spans[-1].overlaps(span):
                spans.append(span)
        return spans
