"""Pastes: what the public may see of a text, beside its sealed original."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from anonymizer.text import Bar, Style, split_at
from inference.engine.spans import Span
from vault.models import Envelope

if TYPE_CHECKING:
    from accounts.models import User

SCAN_CONSUMER = "paste"
# Stands between title and text in what is sealed and scanned.
TITLE_SEPARATOR = "\n\n"


def new_pid() -> str:
    """Return a public id of 96 random bits: not to be guessed, short enough for a link."""
    return secrets.token_urlsafe(12)


class PasteQuerySet(models.QuerySet["Paste"]):
    """Queries over pastes."""

    def live(self) -> PasteQuerySet:
        """Pastes that have not expired. Every read goes through this: the sweeper may be late."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()))

    def expired(self) -> PasteQuerySet:
        """Pastes whose time is over."""
        return self.filter(expires_at__lte=timezone.now())

    def owned_by(self, user: User) -> PasteQuerySet:
        """A person's own pastes, newest first."""
        return self.filter(owner=user).order_by("-created_at", "pid")

    def with_scan(self) -> PasteQuerySet:
        """Load the scan and the envelope along, without the sealed originals."""
        return self.select_related("envelope__scan").defer(
            "envelope__scan__sealed_text", "envelope__scan__sealed_spans", "sealed_history"
        )


class Paste(models.Model):
    """One paste.

    The original (title, separator, text) lies sealed in its scan. `redacted_text` and `bars` are
    public and exist only once the scan is done; they begin with the redacted title and the
    separator, as the original does. All offsets count code points.
    """

    pid = models.CharField(primary_key=True, max_length=32, default=new_pid, editable=False)
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="paste")
    # PROTECT: an account is erased through accounts.erasure, which takes envelopes along.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="pastes"
    )
    style = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Style])
    burn = models.BooleanField(default=False)
    title_characters = models.PositiveIntegerField(default=0)
    redacted_text = models.TextField(null=True)  # noqa: DJ001 (null: not scanned yet)
    redacted_title = models.TextField(blank=True)
    bars = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    sealed_history = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    objects = PasteQuerySet.as_manager()

    class Meta:
        """Lists by owner, sweeps by expiry."""

        indexes = (
            models.Index(name="pastebin_owner", fields=["owner", "-created_at"]),
            models.Index(name="pastebin_expiry", fields=["expires_at"]),
        )

    def __str__(self) -> str:
        return f"paste {self.pid}"

    @property
    def scan(self) -> Any:
        """The scan of this paste's original."""
        return self.envelope.scan

    @property
    def is_public(self) -> bool:
        """Say whether there is a redacted text to show."""
        return bool(self.scan.is_done)

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
