"""The record's rows, and the head of each chain."""

from __future__ import annotations

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Action(models.TextChoices):
    """What was done. The words stand in the record for ever: none is renamed."""

    ITEM_CREATED = "item.created", "added"
    ITEM_OPENED = "item.opened", "opened the original"
    ITEM_EXPORTED = "item.exported", "exported the original"
    ITEM_CORRECTED = "item.corrected", "changed marks"
    ITEM_APPROVED = "item.approved", "approved"
    ITEM_UNAPPROVED = "item.unapproved", "took an approval back"
    ITEM_RERUN = "item.rerun", "ran again under a policy"
    ITEM_FILED = "item.filed", "put into a folder or tagged"
    ITEM_ASSIGNED = "item.assigned", "chose who reviews"
    ITEM_MOVED = "item.moved", "moved to another workspace"
    ITEM_TRASHED = "item.trashed", "put into the trash"
    ITEM_RESTORED = "item.restored", "took out of the trash"
    ITEM_DELETED = "item.deleted", "deleted for good"
    ITEM_WITHHELD = "item.withheld", "took down"
    ITEM_RELEASED = "item.released", "put back after a take-down"
    ITEM_REPORTED = "item.reported", "reported"
    EXPIRY_CHANGED = "expiry.changed", "changed the expiry"
    LINK_OPENED = "link.opened", "opened the original by the private link"
    LINK_RENEWED = "link.renewed", "made a new private link"
    LINK_REVOKED = "link.revoked", "switched the private link off"
    POLICY_CREATED = "policy.created", "made a policy"
    POLICY_CHANGED = "policy.changed", "changed a policy"
    POLICY_ARCHIVED = "policy.archived", "archived a policy"
    MAP_EXPORTED = "map.exported", "exported the map of pseudonyms"
    MAP_USED = "map.used", "restored text by the map of pseudonyms"
    WORKSPACE_CREATED = "workspace.created", "made the workspace"
    WORKSPACE_CHANGED = "workspace.changed", "changed the workspace"
    WORKSPACE_DELETED = "workspace.deleted", "deleted the workspace"
    MEMBER_INVITED = "member.invited", "made an invitation"
    INVITATION_REVOKED = "invitation.revoked", "withdrew an invitation"
    MEMBER_JOINED = "member.joined", "joined"
    MEMBER_CHANGED = "member.changed", "changed a role"
    MEMBER_LEFT = "member.left", "left"
    MEMBER_REMOVED = "member.removed", "removed a member"
    DATA_EXPORTED = "data.exported", "exported everything of their account"
    ACCOUNT_ERASED = "account.erased", "erased their account"
    RECORD_EXPORTED = "record.exported", "exported the record"


class Chain(models.Model):
    """The record of one workspace: how long it is, and what it must end with.

    workspace:  its id; no foreign key, since the record outlives it
    signature:  of length and head, by the server's key: a database alone cannot make it
    sealed_key: seals the addresses of those who have no account
    """

    workspace = models.CharField(primary_key=True, max_length=16)
    length = models.PositiveBigIntegerField(default=0)
    head = models.BinaryField()
    signature = models.CharField(max_length=100)
    sealed_key = models.BinaryField()

    def __str__(self) -> str:
        return f"record of {self.workspace}"


class Line(models.Model):
    """One line of a record. The database refuses to change or remove it.

    number:         from one, without gaps, within the workspace's record
    actor:          id of the account that did it; None for the holder of a private link
    kind, thing:    what it was done to: "paste", a pid
    detail:         further facts as short words and numbers; no content, no names
    sealed_address: where from; opens with the actor's key, which goes with the account
    digest:         SHA-256 of the line before and all of the above
    """

    workspace = models.CharField(max_length=16)
    number = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.BigIntegerField(null=True)
    action = models.CharField(max_length=24, choices=Action)
    kind = models.CharField(max_length=12, blank=True)
    thing = models.CharField(max_length=40, blank=True)
    detail = models.JSONField(default=dict)
    sealed_address = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        """Lines are found by workspace, by thing, by time."""

        constraints = (
            models.UniqueConstraint(fields=["workspace", "number"], name="audit_number_once"),
        )
        indexes = (
            models.Index(name="audit_thing", fields=["thing", "number"]),
            BrinIndex(name="audit_time", fields=["at"]),
        )

    def __str__(self) -> str:
        return f"line {self.number} of the record of {self.workspace}"
