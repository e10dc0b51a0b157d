"""What readers report of public pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from vault.models import Envelope


class Reason(models.TextChoices):
    """Why somebody reports a page. The words stand in the form."""

    PRIVATE = "private", "It shows private details of somebody"
    HARM = "harm", "It threatens, stalks or insults somebody"
    FRAUD = "fraud", "It is used to deceive: phishing, malware, spam"
    UNLAWFUL = "unlawful", "It is against the law in another way"
    OTHER = "other", "Something else"


class State(models.TextChoices):
    """What became of a report."""

    OPEN = "open", "open"
    DOWN = "down", "taken down"
    DISMISSED = "dismissed", "left as it is"


class Report(models.Model):
    """One report on one public page.

    kind, pid: of the item; no foreign key, since the report outlives it
    envelope:  of the key that seals the message; the service keeps it
    network:   digest of where it came from: one network reports a page once
    """

    kind = models.CharField(max_length=8)
    pid = models.CharField(max_length=32)
    reason = models.CharField(max_length=8, choices=Reason)
    envelope = models.OneToOneField(Envelope, on_delete=models.PROTECT, related_name="report")
    sealed_message = models.BinaryField()
    network = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    handled_at = models.DateTimeField(null=True)

    class Meta:
        """The open ones first; one of each network for a page."""

        constraints = (
            models.UniqueConstraint(
                fields=["pid", "network"],
                condition=models.Q(state="open"),
                name="moderation_report_once",
            ),
        )
        indexes = (models.Index(name="moderation_state", fields=["state", "-created_at"]),)

    def __str__(self) -> str:
        return f"report {self.pk} on {self.kind} {self.pid}"
