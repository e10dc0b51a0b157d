"""Scans: the rows that are the queue, and the workers that report on themselves."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from vault.models import Envelope

MAX_ATTEMPTS = 3
WORKER_SILENT_AFTER = timedelta(seconds=15)
# Hosts may have been given leases of different lengths for a while.
LEASES_DIFFER = timedelta(minutes=2)


class ScanState(models.TextChoices):
    """Where a scan stands."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Lane(models.TextChoices):
    """Short texts go before long ones, and in between their windows."""

    SHORT = "short"
    LONG = "long"


class ScanQuerySet(models.QuerySet["Scan"]):
    """Queries over scans."""

    def claimable(self) -> ScanQuerySet:
        """Pending scans, oldest first."""
        return self.filter(state=ScanState.PENDING).order_by("created_at", "pk")

    def abandoned(self) -> ScanQuerySet:
        """Scans whose worker fell silent, by the database's clock.

        A lease that ends later than any given now is from before that clock was set back.
        """
        longest = timedelta(seconds=settings.SCAN_LEASE_SECONDS) + LEASES_DIFFER
        gone = models.Q(lease_expires_at__lt=Now()) | models.Q(lease_expires_at__gt=Now() + longest)
        return self.filter(gone, state=ScanState.RUNNING)

    def unfinished(self) -> ScanQuerySet:
        """Scans that still have to be done."""
        return self.filter(state__in=[ScanState.PENDING, ScanState.RUNNING])


class Scan(models.Model):
    """One run of detection over the sealed text of one object.

    The text and the spans lie here only sealed with the object's data key. `coverage` is the share
    of characters that the detector saw: a scan that is DONE has seen all of them.
    `sealed_found` keeps what the detector said, where a policy made other spans of it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="scan")
    consumer = models.CharField(max_length=20)
    operating_point = models.CharField(max_length=20)
    lane = models.CharField(max_length=5, choices=Lane)
    state = models.CharField(max_length=7, choices=ScanState, default=ScanState.PENDING)
    sealed_text = models.BinaryField()
    sealed_spans = models.BinaryField(null=True)
    sealed_found = models.BinaryField(null=True)
    characters = models.PositiveIntegerField()
    scanned_characters = models.PositiveIntegerField(default=0)
    checkpoint = models.CharField(max_length=120, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_id = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = ScanQuerySet.as_manager()

    class Meta:
        """The queue's own index, and what a finished scan must have."""

        indexes = (
            models.Index(
                name="inference_queue",
                fields=["lane", "created_at"],
                condition=models.Q(state="pending"),
            ),
            models.Index(
                name="inference_leases",
                fields=["lease_expires_at"],
                condition=models.Q(state="running"),
            ),
        )
        constraints = (
            models.CheckConstraint(
                name="inference_done_is_whole",
                condition=~models.Q(state="done")
                | models.Q(sealed_spans__isnull=False, scanned_characters=models.F("characters")),
            ),
            models.CheckConstraint(
                name="inference_running_has_lease",
                condition=~models.Q(state="running")
                | models.Q(lease_id__isnull=False, lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="inference_failed_says_why",
                condition=~models.Q(state="failed") | ~models.Q(error=""),
            ),
        )

    def __str__(self) -> str:
        return f"scan {self.id} {self.state}"

    @property
    def is_done(self) -> bool:
        """Say whether the result may be shown."""
        return self.state == ScanState.DONE

    @property
    def progress_percent(self) -> int:
        """Share of the text that was scanned, rounded down."""
        return 100 * self.scanned_characters // max(self.characters, 1)

    def place_in_queue(self) -> int:
        """Return how many pending scans of the lane stand before this one, plus one."""
        ahead = Scan.objects.filter(
            state=ScanState.PENDING, lane=self.lane, created_at__lt=self.created_at
        )
        return ahead.count() + 1


class EngineWorker(models.Model):
    """What a running engine worker says of itself, for pages, health checks and metrics."""

    name = models.CharField(max_length=120, primary_key=True)
    checkpoint = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()
    # What it did since it started.
    texts = models.PositiveBigIntegerField(default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    batches = models.PositiveBigIntegerField(default=0)
    largest_batch = models.PositiveIntegerField(default=0)
    busy_seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"engine worker {self.name}"

    @property
    def is_alive(self) -> bool:
        """Say whether the worker was heard of lately."""
        return self.seen_at > timezone.now() - WORKER_SILENT_AFTER
