"""Policies and their versions, and the pseudonyms that a workspace has given."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from workspaces.models import Workspace


class PolicyQuerySet(models.QuerySet["Policy"]):
    """Queries over policies."""

    def in_use(self) -> PolicyQuerySet:
        """Those that can be chosen, by name."""
        return self.filter(archived_at=None).order_by(Lower("name"))


class Policy(models.Model):
    """A named set of rules of a workspace; what it says stands in its versions.

    is_default: whether new items get it unless somebody chooses another
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="policies")
    name = models.CharField(max_length=60)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        """Names differ, and at most one is the default."""

        constraints = (
            models.UniqueConstraint("workspace", Lower("name"), name="policies_name_once"),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=models.Q(is_default=True),
                name="policies_default_once",
            ),
        )

    def __str__(self) -> str:
        return f"policy {self.pk}"


class PolicyVersionQuerySet(models.QuerySet["PolicyVersion"]):
    """Queries over versions."""

    def last_of_each(self) -> PolicyVersionQuerySet:
        """The last version of each policy, with it and whoever made it."""
        return (
            self.select_related("policy", "made_by")
            .order_by("policy_id", "-number")
            .distinct("policy_id")
        )

    def newest_first(self) -> PolicyVersionQuerySet:
        """All, with whoever made them and how many items were made under each."""
        present = models.Q(entries__trashed_at=None)
        counted = self.annotate(items=models.Count("entries", filter=present))
        return counted.select_related("made_by").order_by("-number")


class PolicyVersion(models.Model):
    """What a policy said from one moment on; never changed.

    sealed_rules: anonymizer.rules as JSON, sealed with the workspace's key: its lists name people
    needs_approval, needs_two, retention_days: of the rules, in the open for whoever has no key
    """

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sealed_rules = models.BinaryField()
    needs_approval = models.BooleanField(default=False)
    needs_two = models.BooleanField(default=False)
    retention_days = models.PositiveIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        """Versions count from one."""

        constraints = (
            models.UniqueConstraint(fields=["policy", "number"], name="policies_version_once"),
        )

    def __str__(self) -> str:
        return f"version {self.number} of policy {self.policy_id}"


class PseudonymCount(models.Model):
    """The highest number that a workspace has given for a type: none is ever given twice."""

    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, related_name="pseudonym_counts"
    )
    type = models.CharField(max_length=60)
    last = models.PositiveIntegerField()

    class Meta:
        """One row for each type."""

        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "type"], name="policies_pseudonym_count_once"
            ),
        )

    def __str__(self) -> str:
        return f"pseudonyms of {self.workspace_id}: {self.type} to {self.last}"


class Pseudonym(models.Model):
    """A value that has the same number wherever it stands in a workspace.

    digest:       keyed, of the folded value: recognises it, tells nothing of it
    sealed_value: sealed with the workspace's key
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="pseudonyms")
    type = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    digest = models.BinaryField()
    sealed_value = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """A value has one number, a number one value."""

        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "type", "digest"], name="policies_pseudonym_value_once"
            ),
            models.UniqueConstraint(
                fields=["workspace", "type", "number"], name="policies_pseudonym_number_once"
            ),
        )

    def __str__(self) -> str:
        return f"pseudonym {self.pk}"
