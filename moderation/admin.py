"""What staff see of workspaces, items, records and reports: ids, names, figures; no texts.

Nothing is changed here: items and workspaces are their members' business, records nobody's.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_site import site
from audit.models import Line
from entries.models import Entry
from moderation.models import Report
from policies.models import Policy, PolicyVersion
from workspaces.models import Membership, Workspace


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at. What is shown is named: a column that is added later is not."""

    show_full_result_count = False
    actions = None

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show of a row what the list shows."""
        return self.list_display

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Let nothing be typed."""
        return self.list_display

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows are made elsewhere."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are changed elsewhere."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows are deleted elsewhere."""
        return False


@admin.register(Workspace, site=site)
class WorkspaceAdmin(ReadOnlyAdmin):
    """Workspaces; the personal ones have a person."""

    list_display = ("wid", "name", "person", "created_at")
    list_filter = (("person", admin.EmptyFieldListFilter),)
    list_select_related = ("person",)
    search_fields = ("wid", "name", "person__username")
    ordering = ("-created_at",)


@admin.register(Membership, site=site)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is what where."""

    list_display = ("__str__", "workspace", "user", "role", "created_at")
    list_filter = ("role",)
    list_select_related = ("workspace", "user")
    search_fields = ("workspace__wid", "workspace__name", "user__username")
    ordering = ("-created_at",)


@admin.register(Policy, site=site)
class PolicyAdmin(ReadOnlyAdmin):
    """Policies by name; what they say is sealed with the workspace's key."""

    plural = "Policies"
    list_display = ("__str__", "workspace", "name", "is_default", "created_at", "archived_at")
    list_select_related = ("workspace",)
    search_fields = ("workspace__wid", "name")
    ordering = ("-created_at",)


@admin.register(PolicyVersion, site=site)
class PolicyVersionAdmin(ReadOnlyAdmin):
    """Versions of policies: that there are, not what they say."""

    list_display = (
        "__str__", "policy", "number", "needs_approval", "needs_two", "retention_days",
        "created_at",
    )  # fmt: skip
    list_select_related = ("policy",)
    ordering = ("-created_at",)


@admin.register(Entry, site=site)
class EntryAdmin(ReadOnlyAdmin):
    """Items of workspaces, by id: neither their titles nor their texts."""

    plural = "Items of workspaces"
    list_display = (
        "pid", "kind", "workspace", "policy_version", "created_at", "ready_at", "trashed_at",
        "needs_approval", "undecided",
    )  # fmt: skip
    list_filter = ("kind", "needs_approval")
    list_select_related = ("workspace", "policy_version")
    search_fields = ("=pid", "=workspace__wid")
    ordering = ("-created_at",)


@admin.register(Line, site=site)
class LineAdmin(ReadOnlyAdmin):
    """Records. The addresses that people came from stay sealed."""

    plural = "Lines of records"
    list_display = ("workspace", "number", "at", "actor", "action", "kind", "thing", "detail")
    list_filter = ("action",)
    search_fields = ("=workspace", "=thing")
    ordering = ("-pk",)


@admin.register(Report, site=site)
class ReportAdmin(ReadOnlyAdmin):
    """Reports, without their messages; they are handled on their own pages."""

    list_display = ("__str__", "reason", "state", "created_at", "handled_by", "handled_at")
    list_filter = ("state", "reason")
    list_select_related = ("handled_by",)
    search_fields = ("=pid",)
    ordering = ("-created_at",)
