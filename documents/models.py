"""Documents: a sealed file, what the public may see of it, and the work still to be done on it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from anonymizer.text import Bar, Style
from documents.formats.model import Kind
from inference.models import LEASES_DIFFER
from sharing.models import Shared, SharedQuerySet
from vault.models import Envelope

SCAN_CONSUMER = "document"
# Stands between the file's name and its text in what is sealed and scanned.
NAME_SEPARATOR = "\n\n"
MAX_ATTEMPTS = 3
# A thread renews it twice a second, but may be held up by whatever holds up the whole process.
LEASE = timedelta(seconds=3 * settings.SCAN_LEASE_SECONDS)


class State(models.TextChoices):
    """How far a document is. Only a READY one has a public reading."""

    RECEIVED = "received"
    SCANNING = "scanning"
    READY = "ready"
    FAILED = "failed"


class CleanState(models.TextChoices):
    """How far the clean file is. Only a READY one of the present revision is handed out."""

    NONE = "none"
    MAKING = "making"
    READY = "ready"
    BLOCKED = "blocked"
    FAILED = "failed"


class DocumentQuerySet(SharedQuerySet["Document"]):
    """Queries over documents."""

    def with_scan(self) -> DocumentQuerySet:
        """Load the scan and the envelopes along, without what is sealed or long."""
        return (
            super()
            .with_scan()
            .select_related("clean_envelope")
            .defer("sealed_layout", "redacted_text", "redacted_blocks", "bars")
        )


class Document(Shared):
    """One document.

    The original bytes and the file's name lie in sealed files; the text (name, separator, text of
    the file) lies sealed in the scan, and where it stands in the file in `sealed_layout` and in
    the pages. `redacted_text`, `redacted_blocks` and `bars` are public and exist once the scan is
    done; they begin with the redacted name and the separator. All offsets count code points.

    redacted_blocks: documents.formats.wire.blocks_as_json of the redacted text
    clean_revision:  the revision of which the clean file was made
    error_code, error: why reading failed, a code and a sentence for people
    """

    address = "/documents/"

    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in Kind])
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    style = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Style])
    operating_point = models.CharField(max_length=32)
    rasterise = models.BooleanField(default=False)
    size_bytes = models.BigIntegerField()
    page_count = models.PositiveIntegerField(default=0)
    name_characters = models.PositiveIntegerField(default=0)
    sealed_name = models.BinaryField()
    sealed_password = models.BinaryField(null=True)
    sealed_layout = models.BinaryField(null=True)
    redacted_name = models.TextField(blank=True)
    redacted_text = models.TextField(null=True)  # noqa: DJ001 (null: not scanned yet)
    redacted_blocks = models.JSONField(default=list)
    bars = models.JSONField(default=list)
    hidden_count = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=300, blank=True)
    clean_state = models.CharField(max_length=8, choices=CleanState, default=CleanState.NONE)
    clean_revision = models.PositiveIntegerField(null=True)
    clean_envelope = models.OneToOneField(
        Envelope, null=True, on_delete=models.SET_NULL, related_name="clean_document"
    )
    clean_error = models.CharField(max_length=300, blank=True)
    clean_places = models.JSONField(default=list)
    certificate = models.JSONField(null=True)
    read_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        """Lists by owner, sweeps by expiry; what is handed out exists."""

        indexes = (
            models.Index(name="documents_owner", fields=["owner", "-created_at"]),
            models.Index(name="documents_expiry", fields=["expires_at"]),
        )
        constraints = (
            models.CheckConstraint(
                name="documents_ready_is_redacted",
                condition=~models.Q(state="ready") | models.Q(redacted_text__isnull=False),
            ),
            models.CheckConstraint(
                name="documents_clean_is_certified",
                condition=~models.Q(clean_state="ready")
                | models.Q(
                    clean_revision__isnull=False,
                    clean_envelope__isnull=False,
                    certificate__isnull=False,
                ),
            ),
        )

    @property
    def is_public(self) -> bool:
        """Say whether there is a redacted reading to show."""
        return self.state == State.READY

    @property
    def has_clean_file(self) -> bool:
        """Say whether the clean file may be handed out: verified, and of these very spans."""
        return self.clean_state == CleanState.READY and self.clean_revision == self.revision

    @property
    def text_start(self) -> int:
        """Offset of the file's text behind its name in the sealed text."""
        return self.name_characters + len(NAME_SEPARATOR)

    @property
    def redacted_text_start(self) -> int:
        """Offset of the file's text behind its name in the redacted text."""
        return len(self.redacted_name) + len(NAME_SEPARATOR)

    @classmethod
    def derived_envelopes(cls, envelopes: Collection[UUID]) -> list[UUID]:
        """Return the envelopes of the clean files of documents."""
        made = cls.objects.filter(envelope__in=envelopes, clean_envelope__isnull=False)
        return [pk for pk in made.values_list("clean_envelope", flat=True) if pk is not None]

    def forget_service_key(self) -> None:
        """Destroy the service's key to an anonymous document's original."""
        if self.owner_id is None:
            self.envelope.forget_service()

    def public_paths(self) -> list[str]:
        """Return the paths whose answers are cached while the document does not change."""
        page = f"{self.address}{self.pid}"
        return [page, f"{page}/raw"]

    def public_bars(self) -> list[Bar]:
        """The hidden places of the redacted text, name included, in order."""
        return [Bar(*bar) for bar in self.bars]


class DocumentPage(models.Model):
    """Where the words of one page stand: sealed JSON (documents.formats.wire.page_as_json)."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    sealed_words = models.BinaryField()

    class Meta:
        """One row for each page."""

        constraints = (
            models.UniqueConstraint(fields=["document", "number"], name="documents_page_once"),
        )

    def __str__(self) -> str:
        return f"page {self.number} of {self.document_id}"


class Task(models.TextChoices):
    """What is to be done with a document's file."""

    READ = "read"
    CLEAN = "clean"


class FileJobQuerySet(models.QuerySet["FileJob"]):
    """Queries over the work that waits."""

    def claimable(self) -> FileJobQuerySet:
        """Jobs that nobody works on by the database's clock, the oldest first.

        A lease that ends later than any given now is from before that clock was set back.
        """
        longest = LEASE + LEASES_DIFFER
        free = (
            models.Q(lease_expires_at=None)
            | models.Q(lease_expires_at__lt=Now())
            | models.Q(lease_expires_at__gt=Now() + longest)
        )
        return self.filter(free).order_by("created_at", "id")


class FileJob(models.Model):
    """Work on a file that waits or is being done; the row goes when it ends.

    revision: of the document when a clean file was last asked for
    stage, done, total: what people see of its progress
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="jobs")
    task = models.CharField(max_length=5, choices=Task)
    size_bytes = models.BigIntegerField()
    stage = models.CharField(max_length=16, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_id = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = FileJobQuerySet.as_manager()

    class Meta:
        """One job of a task for each document."""

        constraints = (
            models.UniqueConstraint(fields=["document", "task"], name="documents_job_once"),
        )
        indexes = (models.Index(name="documents_queue", fields=["created_at"]),)

    def __str__(self) -> str:
        return f"job {self.id} {self.task}"

    @property
    def is_running(self) -> bool:
        """Say whether a worker has it."""
        return self.lease_expires_at is not None and self.lease_expires_at > timezone.now()

    def place_in_queue(self) -> int:
        """Return how many waiting jobs stand before this one, plus one."""
        ahead: Any = FileJob.objects.claimable().filter(created_at__lt=self.created_at)
        return int(ahead.count()) + 1
