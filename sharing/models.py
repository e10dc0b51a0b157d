"""What pastes and documents have in common."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from vault.models import Envelope

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from uuid import UUID

    from accounts.models import User
    from entries.models import Entry

    # Only for the type checker: at run time Django makes the managers of each model.
    ItemManager = models.Manager[Any]

Item = TypeVar("Item", bound="Shared")


def new_pid() -> str:
    """Return a public id of 96 random bits: not to be guessed, short enough for a link."""
    return secrets.token_urlsafe(12)


class Withheld(models.TextChoices):
    """Why an item is kept and not shown."""

    TRASHED = "trashed"
    TAKEN_DOWN = "down"


class SharedQuerySet(models.QuerySet[Item]):
    """Queries over the shared items of one kind."""

    def live(self, now: Any = None) -> Self:
        """Items that have not expired and are not withheld.

        Every read goes through this: the sweeper may be late. now: the moment, or a blank for it
        """
        return self.lasting(now).filter(withheld="")

    def lasting(self, now: Any = None) -> Self:
        """Items that have not expired, withheld or not: for the work on them, which shows nothing.

        What lies in the trash may come back, and is finished then.
        """
        now = now or timezone.now()
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=now))

    def expired(self) -> Self:
        """Items whose time is over."""
        return self.filter(expires_at__lte=timezone.now())

    def owned_by(self, user: User) -> Self:
        """A person's own items, newest first."""
        return self.filter(owner=user).order_by("-created_at", "pid")

    def with_entry(self) -> Self:
        """Load the entry along, for whoever publishes."""
        return self.select_related("envelope__entry")

    def with_scan(self) -> Self:
        """Load the scan, the envelope and the entry along, without the sealed originals."""
        return self.select_related("envelope__scan", "envelope__entry__workspace").defer(
            "envelope__scan__sealed_text",
            "envelope__scan__sealed_spans",
            "envelope__scan__sealed_found",
            "sealed_history",
        )


class Shared(models.Model):
    """An item with a public address, a private link, perhaps an owner, and an end.

    address:  begin of the paths of all its pages; the public one is address + pid
    withheld: why nobody is shown it at the moment, though it is kept; "" if everybody is who may
    """

    address: ClassVar[str]

    pid = models.CharField(primary_key=True, max_length=32, default=new_pid, editable=False)
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="%(class)s")
    # PROTECT: an account is erased through accounts.erasure, which takes envelopes along.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    revision = models.PositiveIntegerField(default=0)
    sealed_history = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    withheld = models.CharField(max_length=8, blank=True, choices=Withheld)

    class Meta:
        """Only what stands in it is shared: each kind has a table of its own."""

        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.pid}"

    @property
    def scan(self) -> Any:
        """The scan of this item's original; None while there is none yet."""
        return getattr(self.envelope, "scan", None)

    @property
    def entry(self) -> Entry | None:
        """What its workspace knows of it; None for what belongs to nobody."""
        return getattr(self.envelope, "entry", None)

    def end_at(self, expires_at: datetime | None) -> None:
        """Note when the item ends, None for never; in a transaction, with its row locked."""
        self.expires_at = expires_at
        self.save(update_fields=["expires_at"])
        if self.entry is not None:
            self.entry.expires_at = expires_at
            self.entry.save(update_fields=["expires_at"])

    @property
    def awaits_approval(self) -> bool:
        """Say whether nobody outside its workspace may be shown it before it is approved."""
        entry = self.entry
        return (
            entry is not None and entry.needs_approval and entry.approved_revision != self.revision
        )

    @property
    def is_unreviewed(self) -> bool:
        """Say whether its pages tell that nobody has reviewed it."""
        entry = self.entry
        return (
            entry is not None
            and entry.shows_unreviewed
            and entry.reviewed_at is None
            and entry.approved_revision != self.revision
        )

    @property
    def is_public(self) -> bool:
        """Say whether there is a redacted text to show."""
        return self.scan is not None and bool(self.scan.is_done)

    @property
    def burns(self) -> bool:
        """Say whether the private link opens the original only once."""
        return False

    @classmethod
    def derived_envelopes(cls, envelopes: Collection[UUID]) -> list[UUID]:
        """Return the envelopes of what was made of the items of these envelopes."""
        return []

    def public_paths(self) -> list[str]:
        """Return the paths whose answers are cached while the item does not change."""
        return []
