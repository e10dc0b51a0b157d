"""What staff see of accounts: limits, and what they are for. No texts, secrets or addresses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest

from accounts import keys, quotas
from accounts.admin_site import site
from accounts.limits import forget_plans
from accounts.models import ApiKey, QuotaUse, RequestLimits, User
from accounts.two_step import two_step_status

_EMPTY = "Empty: as the plan or the settings say. 0: no limit."


class _LimitsForm(forms.ModelForm):  # type: ignore[type-arg]
    """Says what an empty field means."""

    class Meta:
        model = RequestLimits
        fields = ("plan", "per_minute", "per_day", "credits")
        labels = {  # noqa: RUF012 (Django reads a plain dict)
            "per_minute": "Requests a minute",
            "per_day": "Requests a day",
            "credits": "Requests in all",
        }
        help_texts = {"per_minute": _EMPTY, "per_day": _EMPTY, "credits": _EMPTY}  # noqa: RUF012


class _LimitsInline(admin.TabularInline):  # type: ignore[type-arg]
    """The limits of the account or key at hand."""

    model = RequestLimits
    form = _LimitsForm
    fields = ("per_minute", "per_day", "credits")
    verbose_name_plural = "Limits"
    max_num = 1


@admin.register(User, site=site)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Accounts: switch off, make staff, limit. Made by signing up, deleted by their owners."""

    list_display = ("username", "is_active", "is_staff", "key_count", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username",)
    ordering = ("username",)
    fields = ("username", "has_email", "has_two_step", "date_joined", "is_active")
    inlines = (_LimitsInline,)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Leave what staff may do to superusers."""
        staff = ("is_staff", "is_superuser", "user_permissions")
        return self.fields + (staff if _is_super(request) else ())

    filter_horizontal = ("user_permissions",)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Let nobody but superusers switch off those who are staff."""
        shown = ("username", "has_email", "has_two_step", "date_joined")
        is_protected = obj is not None and obj.is_staff and not _is_super(request)
        return (*shown, "is_active") if is_protected else shown

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Count active keys along."""
        active = Count("api_keys", filter=Q(api_keys__revoked_at=None))
        rows: QuerySet[User] = super().get_queryset(request).annotate(active_keys=active)
        return rows

    @admin.display(description="Keys", ordering="active_keys")
    def key_count(self, user: User) -> int:
        """Return how many keys are not revoked."""
        return int(getattr(user, "active_keys", 0))

    @admin.display(description="Has an e-mail address", boolean=True)
    def has_email(self, user: User) -> bool:
        """Say whether there is an address, and not which."""
        return bool(user.email)

    @admin.display(description="Two-step verification", boolean=True)
    def has_two_step(self, user: User) -> bool:
        """Say whether signing in takes a second step."""
        return two_step_status(user).is_on

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Accounts are made by signing up."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Accounts are deleted with all they keep, on their own page."""
        return False


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Keys: their plan and limits, and revoking them. Digests are not shown."""

    list_display = ("prefix", "owner", "plan", "created_at", "used_at", "expires_at", "is_usable")
    list_filter = ("plan",)
    list_select_related = ("owner",)
    search_fields = ("prefix", "owner__username")
    ordering = ("-created_at",)
    fields = ("prefix", "owner", "scopes", "plan", "created_at", "used_at", "expires_at")
    readonly_fields = ("prefix", "owner", "scopes", "created_at", "used_at", "expires_at")
    inlines = (_LimitsInline,)
    actions = ("revoke",)

    @admin.display(description="Active", boolean=True)
    def is_usable(self, key: ApiKey) -> bool:
        """Say whether the key can be used now."""
        return key.is_active

    @admin.action(description="Revoke the chosen keys", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[ApiKey]) -> None:
        """Make keys stop at once."""
        for key in chosen:
            keys.revoke_key(key)
        messages.success(request, "The keys were revoked. Programs that use them stop now.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Keys are made by their owners, who alone see the secret."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        """Keys are revoked; what was used under them stays countable."""
        return False


@admin.register(RequestLimits, site=site)
class RequestLimitsAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All rules in one list; here those of plans are made, the others with their key or account."""

    form = _LimitsForm
    list_display = ("__str__", "per_minute", "per_day", "credits")
    list_select_related = ("key", "owner")
    search_fields = ("key__prefix", "owner__username")

    def get_readonly_fields(
        self, request: HttpRequest, obj: RequestLimits | None = None
    ) -> tuple[str, ...]:
        """Keep a rule with what it is for."""
        return ("plan",) if obj is not None else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Ask for the plan of a new rule: without one it would be for nobody."""
        form = super().get_form(request, obj, change, **kwargs)
        if "plan" in form.base_fields:
            form.base_fields["plan"].required = True
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and let this process know at once."""
        super().save_model(request, obj, form, change)
        forget_plans()


@admin.register(QuotaUse, site=site)
class QuotaUseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was used of the limits of a day and of all. Deleting lets a count begin anew."""

    list_display = ("subject", "used", "ends_at")
    search_fields = ("subject",)
    ordering = ("subject",)
    readonly_fields = ("subject", "used", "ends_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Counts are made by requests."""
        return False

    def delete_model(self, request: HttpRequest, obj: QuotaUse) -> None:
        """Forget a count where it is counted, too."""
        quotas.forget(obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[QuotaUse]) -> None:
        """Forget the chosen counts where they are counted, too."""
        for row in list(queryset.values_list("pk", flat=True)):
            quotas.forget(row)


def _is_super(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))
