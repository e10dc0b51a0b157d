"""Pastes: what the public may see of a text, beside its sealed original."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from anonymizer.text import Bar, Style, split_at
from inference.engine.spans import Span
from sharing.models import Shared, SharedQuerySet

SCAN_CONSUMER = "paste"
# Stands between title and text in what is sealed and scanned.
TITLE_SEPARATOR = "\n\n"


class PasteQuerySet(SharedQuerySet["Paste"]):
    """Queries over pastes."""


class Paste(Shared):
    """One paste.

    The original (title, separator, text) lies sealed in its scan. `redacted_text` and `bars` are
    public and exist only once the scan is done; they begin with the redacted title and the
    separator, as the original does. All offsets count code points.
    """

    address = "/view/"

    style = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Style])
    burn = models.BooleanField(default=False)
    title_characters = models.PositiveIntegerField(default=0)
    redacted_text = models.TextField(null=True)  # noqa: DJ001 (null: not scanned yet)
    redacted_title = models.TextField(blank=True)
    bars = models.JSONField(default=list)

    objects = PasteQuerySet.as_manager()

    class Meta:
        """Lists by owner, sweeps by expiry."""

        indexes = (
            models.Index(name="pastebin_owner", fields=["owner", "-created_at"]),
            models.Index(name="pastebin_expiry", fields=["expires_at"]),
        )

    @property
    def burns(self) -> bool:
        """Say whether the private link opens the original only once."""
        return self.burn

    def public_paths(self) -> list[str]:
        """Return the paths whose answers are cached while the paste does not change."""
        page = f"{self.address}{self.pid}"
        return [page, f"{page}/raw", f"/api/paste/{self.pid}"]

    @property
    def redacted_text_start(self) -> int:
        """Offset of the text behind title and separator in the redacted text."""
        return len(self.redacted_title) + len(TITLE_SEPARATOR) if self.title_characters else 0

    @property
    def text_start(self) -> int:
        """Offset of the text behind title and separator in the sealed original."""
        return self.title_characters + len(TITLE_SEPARATOR) if self.title_characters else 0

    def cut_at_title(self, spans: Sequence[Span]) -> list[Span]:
        """Cut spans that run over the end of the title: title and text are shown apart."""
        if not self.title_characters:
            return list(spans)
        first, last = self.title_characters, self.text_start
        parts = split_at(spans, [first, last])
        return [part for part in parts if not first <= part.start < last]

    def public_bars(self) -> list[Bar]:
        """The hidden places of the redacted text, title included, in order."""
        return [Bar(*bar) for bar in self.bars]
