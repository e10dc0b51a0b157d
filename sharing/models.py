"""What pastes and documents have in common."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.utils import timezone

from vault.models import Envelope

if TYPE_CHECKING:
    from accounts.models import User

    # Only for the type checker: at run time Django makes the managers of each model.
    ItemManager = models.Manager[Any]

Item = TypeVar("Item", bound="Shared")


def new_pid() -> str:
    """Return a public id of 96 random bits: not to be guessed, short enough for a link."""
    return secrets.token_urlsafe(12)


class SharedQuerySet(models.QuerySet[Item]):
    """Queries over the shared items of one kind."""

    def live(self) -> Self:
        """Items that have not expired. Every read goes through this: the sweeper may be late."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()))

    def expired(self) -> Self:
        """Items whose time is over."""
        return self.filter(expires_at__lte=timezone.now())

    def owned_by(self, user: User) -> Self:
        """A person's own items, newest first."""
        return self.filter(owner=user).order_by("-created_at", "pid")

    def with_scan(self) -> Self:
        """Load the scan and the envelope along, without the sealed originals."""
        return self.select_related("envelope__scan").defer(
            "envelope__scan__sealed_text", "envelope__scan__sealed_spans", "sealed_history"
        )


class Shared(models.Model):
    """An item with a public address, a private link, perhaps an owner, and an end.

    address: begin of the paths of all its pages; the public one is address + pid
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
    def is_public(self) -> bool:
        """Say whether there is a redacted text to show."""
        return self.scan is not None and bool(self.scan.is_done)

    @property
    def burns(self) -> bool:
        """Say whether the private link opens the original only once."""
        return False

    def public_paths(self) -> list[str]:
        """Return the paths whose answers are cached while the item does not change."""
        return []
