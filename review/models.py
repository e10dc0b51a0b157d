"""Decisions on marks, and comments. One model for texts, documents and pictures alike."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from entries.models import Entry


class Verdict(models.TextChoices):
    """What a person decided about a place. The words are those of a sentence: "Rita rejected"."""

    ACCEPT = "accept", "accepted"
    REJECT = "reject", "rejected"
    ADD = "add", "added"
    RECATEGORISE = "recategorise", "recategorised"


class DecisionQuerySet(models.QuerySet["Decision"]):
    """Queries over decisions."""

    def standing(self) -> DecisionQuerySet:
        """Those that nobody has taken back, the latest last."""
        return self.filter(undone_at=None).order_by("pk")


class Decision(models.Model):
    """What somebody decided about one place of an item.

    kind:          accept (it stays hidden), reject (it is shown), add, recategorise
    label, former: the category after it and before it; "" where there is none
    reviewer:      None for the holder of a private link, and once the account is erased
    revision:      of the item's marks once it was made
    batch:         the same for all that were made at once
    place:         keyed digest of where it is: recognises the place, tells nothing of it
    sealed:        with the item's key: review.sealed.Said, which is where, why, and how to undo it
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=12, choices=Verdict)
    label = models.CharField(max_length=80, blank=True)
    former = models.CharField(max_length=80, blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    at = models.DateTimeField(auto_now_add=True)
    revision = models.PositiveIntegerField()
    batch = models.UUIDField(default=uuid.uuid4)
    place = models.BinaryField()
    sealed = models.BinaryField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        """Found by item in order, and by time for what happened in a week."""

        indexes = (
            models.Index(name="review_decisions", fields=["entry", "id"]),
            models.Index(name="review_decided_at", fields=["at"]),
        )

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Comment(models.Model):
    """What somebody says about a place of an item, or about all of it.

    sealed: with the item's key: review.sealed.Remark, which is where, and the text
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="comments")
    sealed = models.BinaryField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments"
    )
    at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        """Found by item, in order."""

        indexes = (models.Index(name="review_comments", fields=["entry", "id"]),)

    def __str__(self) -> str:
        return f"comment {self.pk}"
