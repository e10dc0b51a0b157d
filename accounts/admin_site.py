"""The admin: for staff who signed in as everybody does, with two-step verification."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.models import User
from accounts.two_step import two_step_status


class StaffSite(admin.AdminSite):
    """Django's admin without a login form of its own, and only where it is switched on."""

    site_header = "Blackbar"
    site_title = "Blackbar"
    index_title = "Accounts, limits and what there is"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Say whether somebody may come in: active staff with a second factor."""
        user = request.user
        return _is_staff(user) and isinstance(user, User) and two_step_status(user).is_on

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a view: to whoever is no staff the admin does not exist."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not settings.ADMIN:
                raise Http404
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not _is_staff(request.user):
                raise Http404
            if not self.has_permission(request):
                return render(request, "admin/two_step_needed.html", status=403)
            answer: HttpResponse = inner(request, *args, **kwargs)
            return answer

        return guarded

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Name models as their admin does, where the name cannot be made by adding an s."""
        apps: list[Any] = super().get_app_list(request, app_label)
        for model in (model for app in apps for model in app["models"]):
            model["name"] = getattr(self._registry[model["model"]], "plural", model["name"])
        return apps

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one place where people sign in."""
        if not settings.ADMIN:
            raise Http404
        return redirect_to_login(reverse("admin:index"), reverse("account_login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Sign out, and lead to the front page."""
        if request.method == "POST":
            logout(request)
        return redirect("pastebin:compose")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Lead to the account's own page."""
        return redirect("account_change_password")


def _is_staff(user: Any) -> bool:
    return bool(user.is_active and user.is_staff)


site = StaffSite(name="admin")
