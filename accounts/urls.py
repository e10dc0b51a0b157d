"""The addresses of accounts, each one listed; the names are those that allauth looks for."""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as two_step
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.conf import settings
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts import key_views, rights, views


class _OurPage:
    """A page of allauth's, with what our templates say of the server."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        # Allauth's `site` hides the one that every page has.
        context.pop("site", None)
        context["sends_mail"] = bool(settings.EMAIL_URL)
        return context


def _page(view: type) -> Any:
    return type(view.__name__, (_OurPage, view), {}).as_view()  # type: ignore[attr-defined]


urlpatterns = [
    path("", views.account_settings, name="account_settings"),
    path("email/", views.account_email, name="account_email"),
    path("sessions/end/", rights.end_other_sessions, name="account_end_sessions"),
    path("sessions/", rights.sessions, name="account_sessions"),
    path("sessions/end-one/", rights.end_session, name="account_end_session"),
    path("export/", rights.export, name="account_export"),
    path("delete/", rights.delete_account, name="account_delete"),
    path("keys/", key_views.key_list, name="account_keys"),
    path("keys/rotate/", key_views.rotate, name="account_key_rotate"),
    path("keys/revoke/", key_views.revoke, name="account_key_revoke"),
    path("signup/", _page(views.SignupView), name="account_signup"),
    path("login/", _page(views.LoginView), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", _page(account.AccountInactiveView), name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    # Where an account without a password is led that wants to change it.
    path(
        "password/first/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("password/reset/", _page(views.PasswordResetView), name="account_reset_password"),
    path(
        "password/reset/done/",
        _page(account.PasswordResetDoneView),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        _page(account.PasswordResetFromKeyView),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        _page(account.PasswordResetFromKeyDoneView),
        name="account_reset_password_from_key_done",
    ),
    path("two-step/", RedirectView.as_view(pattern_name="account_settings"), name="mfa_index"),
    path("two-step/code/", _page(two_step.AuthenticateView), name="mfa_authenticate"),
    path("two-step/confirm/", two_step.reauthenticate, name="mfa_reauthenticate"),
    path("two-step/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("two-step/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("two-step/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "two-step/codes/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
]
