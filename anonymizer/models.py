"""Texts that somebody handed in to be redacted and will fetch later."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone

from vault.models import Envelope


def new_job_id() -> str:
    """Return an id of 132 random bits: whoever has no account shows by it that a job is theirs."""
    return secrets.token_urlsafe(17)[:22]


class RedactJobQuerySet(models.QuerySet["RedactJob"]):
    """Queries over jobs."""

    def live(self) -> RedactJobQuerySet:
        """Jobs that have not expired; every read goes through this."""
        return self.filter(expires_at__gt=timezone.now())


class RedactJob(models.Model):
    """One request whose texts are scanned while nobody waits.

    What was asked for (policy, names of texts, keys of hashes) lies sealed in an envelope of its
    own, each text in that of its scan. All of it goes when the result is taken, or expires.
    """

    id = models.CharField(primary_key=True, max_length=22, default=new_job_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="redact_jobs"
    )
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="redact_job")
    sealed_request = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    objects = RedactJobQuerySet.as_manager()

    def __str__(self) -> str:
        return f"redact job {self.id}"


class RedactPart(models.Model):
    """One text of a job: the envelope of its scan, in the order of the request."""

    job = models.ForeignKey(RedactJob, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    envelope = models.OneToOneField(Envelope, on_delete=models.CASCADE, related_name="redact_part")

    class Meta:
        """Each place of a request is taken once."""

        constraints = (
            models.UniqueConstraint(fields=["job", "position"], name="anonymizer_part_once"),
        )

    def __str__(self) -> str:
        return f"part {self.position} of redact job {self.job_id}"
