"""What staff see of webhooks: that they are there and how they fare, not where they go."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin_site import site
from webhooks.models import Webhook
from webhooks.services import switch_off


@admin.register(Webhook, site=site)
class WebhookAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Webhooks by account; the whole address is its owner's."""

    list_display = ("id", "owner", "host", "created_at", "failing_since", "disabled_at")
    list_select_related = ("owner",)
    search_fields = ("id", "owner__username")
    ordering = ("-created_at",)
    fields = ("id", "owner", "host", "events", "failing_since", "disabled_at", "disabled_because")
    readonly_fields = fields
    actions = ("switch_off",)

    @admin.action(description="Switch the chosen webhooks off", permissions=["change"])
    def switch_off(self, request: HttpRequest, chosen: Any) -> None:
        """Send nothing more to them; their owners may switch them on again."""
        for webhook in chosen:
            switch_off(webhook, "The owner of this server switched it off.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Webhooks are made by their owners."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Webhooks are deleted by their owners."""
        return False
