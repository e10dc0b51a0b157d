"""Webhooks of accounts, and what was or is to be sent to them."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.utils import timezone

MAX_URL = 500


class Event(models.TextChoices):
    """What has happened. The word before the dot is the kind of thing."""

    JOB_DONE = "job.done", "a job has its result"
    JOB_FAILED = "job.failed", "a job could not be done"
    PASTE_READY = "paste.ready", "a paste is redacted"
    PASTE_FAILED = "paste.failed", "a paste could not be scanned"
    DOCUMENT_READY = "document.ready", "a document or picture is redacted"
    DOCUMENT_FAILED = "document.failed", "a document or picture could not be read"
    CLEAN_READY = "document.clean_ready", "the clean file of a document is there"
    CLEAN_FAILED = "document.clean_failed", "no clean file could be made or let out"


# Sent on request only, to see that a receiver works.
TEST_EVENT = "webhook.test"


class DeliveryState(models.TextChoices):
    """How a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


def new_webhook_id() -> str:
    """Return a public id of a webhook."""
    return "wh_" + secrets.token_hex(10)


def new_delivery_id() -> str:
    """Return an id that stays the same however often a delivery is tried."""
    return "msg_" + secrets.token_hex(12)


class Webhook(models.Model):
    """An address that an account wants to be told at.

    sealed_secret:  signs what is sent; sealed for the service
    failing_since:  when the present run of failed tries began
    disabled_at:    since when nothing is sent; disabled_because says why, in a sentence
    """

    id = models.CharField(primary_key=True, max_length=24, default=new_webhook_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks"
    )
    url = models.CharField(max_length=MAX_URL)
    events = models.JSONField(default=list)
    sealed_secret = models.BinaryField()
    sealed_previous = models.BinaryField(null=True)
    previous_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """An earlier secret has an end; what is switched off says why."""

        indexes = (models.Index(name="webhooks_owner", fields=["owner", "created_at"]),)
        constraints = (
            models.CheckConstraint(
                name="webhooks_previous_secret_ends",
                condition=models.Q(sealed_previous__isnull=True, previous_until__isnull=True)
                | models.Q(sealed_previous__isnull=False, previous_until__isnull=False),
            ),
            models.CheckConstraint(
                name="webhooks_disabled_says_why",
                condition=models.Q(disabled_at__isnull=True) | ~models.Q(disabled_because=""),
            ),
        )

    def __str__(self) -> str:
        return f"webhook {self.pk}"

    @property
    def host(self) -> str:
        """Where it goes, without path and query: those may be secrets of the receiver."""
        return urlsplit(self.url).netloc

    @property
    def is_active(self) -> bool:
        """Say whether anything is sent."""
        return self.disabled_at is None


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Queries over deliveries."""

    def due(self) -> DeliveryQuerySet:
        """Deliveries that may be tried now and nobody is trying, the most overdue first."""
        now = timezone.now()
        free = models.Q(lease_expires_at=None) | models.Q(lease_expires_at__lt=now)
        waiting = self.filter(state=DeliveryState.PENDING, webhook__disabled_at=None)
        return waiting.filter(free, next_try_at__lte=now).order_by("next_try_at", "pk")

    def under_way(self) -> DeliveryQuerySet:
        """Deliveries that a sender is trying at this moment."""
        return self.filter(state=DeliveryState.PENDING, lease_expires_at__gte=timezone.now())


class Delivery(models.Model):
    """One message to one webhook. It names things by id; nothing of their content is in it.

    thing_id, occurred_at: what ended and when; with the event they make a message unique
    status:                what the receiver answered last, 0 before the first answer
    error:                 why there was no answer, or what was wrong with it, in a sentence
    """

    id = models.CharField(primary_key=True, max_length=32, default=new_delivery_id, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=32)
    thing_id = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    next_try_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    lease_id = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        """What is due is found at once; nothing is announced twice."""

        indexes = (
            models.Index(
                name="webhooks_due",
                fields=["next_try_at"],
                condition=models.Q(state="pending"),
            ),
            models.Index(name="webhooks_log", fields=["webhook", "-created_at"]),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["webhook", "event", "thing_id", "occurred_at"],
                name="webhooks_announced_once",
            ),
        )

    def __str__(self) -> str:
        return f"delivery {self.pk} {self.state}"

    @property
    def is_sent_again(self) -> bool:
        """Say whether another try is to come by itself."""
        return self.state == DeliveryState.PENDING and self.attempts > 0
