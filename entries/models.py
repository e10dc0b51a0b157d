"""One entry for each item of a workspace: the anchor of folders, tags, search and review.

The item itself (a paste, a document, a picture) hangs on the same envelope, and says what is
shown of it. What belongs to nobody has no entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from policies.models import PolicyVersion, Pseudonym
from vault.models import Envelope
from workspaces.models import Membership, Workspace
from workspaces.roles import May, roles_that

if TYPE_CHECKING:
    from accounts.models import User


class Kind(models.TextChoices):
    """What an item is."""

    PASTE = "paste", "Text"
    DOCUMENT = "document", "Document"
    IMAGE = "image", "Image"


class Colour(models.TextChoices):
    """Colours of tags: names of the palette, not values."""

    GREY = "grey", "Grey"
    RED = "red", "Red"
    AMBER = "amber", "Amber"
    GREEN = "green", "Green"
    BLUE = "blue", "Blue"
    VIOLET = "violet", "Violet"


class Folder(models.Model):
    """A folder of a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="folders")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    name = models.CharField(max_length=80)

    class Meta:
        """Names differ within a folder."""

        constraints = (
            models.UniqueConstraint(
                fields=["workspace", "parent", "name"],
                nulls_distinct=False,
                name="entries_folder_once",
            ),
        )

    def __str__(self) -> str:
        return f"folder {self.pk}"


class Tag(models.Model):
    """A tag of a workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=40)
    colour = models.CharField(max_length=8, choices=Colour, default=Colour.GREY)

    class Meta:
        """Names differ."""

        constraints = (
            models.UniqueConstraint(fields=["workspace", "name"], name="entries_tag_once"),
        )

    def __str__(self) -> str:
        return f"tag {self.pk}"


class SavedView(models.Model):
    """Filters of the list under a name, one person's own.

    query: as it stands in the list's address
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="views")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)

    class Meta:
        """A person's views of a workspace have different names."""

        constraints = (
            models.UniqueConstraint(fields=["workspace", "user", "name"], name="entries_view_once"),
        )

    def __str__(self) -> str:
        return f"view {self.pk}"


class EntryQuerySet(models.QuerySet["Entry"]):
    """Queries over entries. Whoever lists entries for a person begins with `of`."""

    def of(self, user: User, may: May = May.SEE) -> Self:
        """Those of the workspaces in which a person may do something."""
        memberships = Membership.objects.filter(user=user, role__in=roles_that(may))
        return self.filter(workspace__in=memberships.values("workspace"))

    def present(self) -> Self:
        """Those that are not in the trash."""
        return self.filter(trashed_at=None)

    def trashed(self) -> Self:
        """Those that are in the trash."""
        return self.filter(trashed_at__isnull=False)


class Entry(models.Model):
    """An item in its workspace.

    pid:               of the item
    expires_at:        of the item, for lists; see sharing.models.Shared.end_at
    policy_version:    under which its result was made; None without a policy
    trashed_at:        when it was put into the trash; it is not shown anywhere else then
    needs_approval:    nothing of it is shared before somebody approved it
    approved_revision: of the marks that were approved; other marks need another approval
    needs_two:         who approves is not who made it, and not the only one who decided on it
    lowest_score:      of its marks that nobody has decided on; None if there are none
    undecided:         how many those are
    counts:            hidden places by label
    shows_unreviewed:  whether pages say so until somebody has reviewed it
    reviewed_at:       when a person had decided on the last of its marks; approving is another way
    """

    envelope = models.OneToOneField(
        Envelope, primary_key=True, on_delete=models.CASCADE, related_name="entry"
    )
    pid = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="entries")
    policy_version = models.ForeignKey(
        PolicyVersion, null=True, on_delete=models.PROTECT, related_name="entries"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    folder = models.ForeignKey(Folder, null=True, on_delete=models.SET_NULL, related_name="entries")
    tags = models.ManyToManyField(Tag, related_name="entries")
    counts = models.JSONField(default=dict)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="assigned"
    )
    needs_approval = models.BooleanField(default=False)
    needs_two = models.BooleanField(default=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    approved_revision = models.PositiveIntegerField(null=True)
    lowest_score = models.FloatField(null=True)
    undecided = models.PositiveIntegerField(default=0)
    shows_unreviewed = models.BooleanField(default=False)
    reviewed_at = models.DateTimeField(null=True)
    pseudonyms = models.ManyToManyField(Pseudonym, related_name="entries")

    objects = EntryQuerySet.as_manager()

    class Meta:
        """Lists by workspace, the newest first; the review by certainty."""

        indexes = (
            models.Index(
                name="entries_list",
                fields=["workspace", "-created_at", "pid"],
                condition=models.Q(trashed_at=None),
            ),
            models.Index(
                name="entries_trash",
                fields=["workspace", "-trashed_at"],
                condition=models.Q(trashed_at__isnull=False),
            ),
            models.Index(
                name="entries_review",
                fields=["workspace", "lowest_score"],
                condition=models.Q(trashed_at=None, lowest_score__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"entry {self.pid}"


class SearchPart(models.Model):
    """A stretch of an entry's redacted title and text, as PostgreSQL searches it.

    start: of the stretch in the text, in code points
    """

    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="search_parts")
    start = models.PositiveIntegerField(default=0)
    vector = SearchVectorField()

    class Meta:
        """Found by words."""

        indexes = (GinIndex(name="entries_search", fields=["vector"]),)

    def __str__(self) -> str:
        return f"search part {self.pk}"
