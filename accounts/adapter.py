"""How allauth behaves here: mail, redirects, lockout, sealed second factors."""

from __future__ import annotations

import logging
import unicodedata
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import devices
from accounts.client_address import client_address, client_network
from accounts.lockout import forget_failures
from accounts.models import User
from vault.envelope import seal_for_service, unseal_for_service

logger = logging.getLogger("blackbar.accounts")
_WRONG = "This name and password do not belong together."
_SEAL_CONTEXT = "second factor"


class AccountError(Exception):
    """Base of what the accounts app raises."""


class MailError(AccountError):
    """Raised when a mail could not be handed over; the page says so and asks to try again."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing up, in and out."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "incorrect_password": "This is not your password.",
        "enter_current_password": "This is not your password.",
        "username_taken": "This name is taken. Choose another one.",
        "invalid_password_reset": "This link was used before, or is too old.",
        "too_many_login_attempts": "Too many tries. Wait five minutes, then try again.",
        "rate_limited": "Too many tries. Wait five minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say whether people may make accounts by themselves."""
        return bool(settings.SIGNUP_OPEN)

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Return a name in its one written form. Raises ValidationError."""
        normal = unicodedata.normalize("NFKC", username)
        return str(super().clean_username(normal, shallow=shallow))

    def is_safe_url(self, url: str) -> bool:
        """Say whether to follow a `next`: this host only, whatever other names the server has."""
        request = allauth_context.request
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={request.get_host()}, require_https=request.is_secure()
        )

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer everybody with pages: there is one way to sign in."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address by which requests are limited."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave failed passwords to axes: allauth counts by name alone, which locks others out."""

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, and forget the failed tries from here."""
        super().login(request, user)
        devices.begin(request)
        forget_failures(user, client_network(request))

    def set_password(self, user: User, password: str) -> None:
        """Set a new password: other devices are signed out, failed tries are forgotten."""
        super().set_password(user, password)
        devices.end_others(user, but=allauth_context.request.session.session_key)
        forget_failures(user)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the account page."""
        return reverse("account_settings")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link for the mail, from the configured address if there is one."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        if settings.PUBLIC_URL:
            return f"{settings.PUBLIC_URL}{path}"
        return str(allauth_context.request.build_absolute_uri(path))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a plain text mail. Raises MailError."""
        try:
            super().send_mail(template_prefix, email, context | {"site_name": settings.SITE_NAME})
        except (OSError, SMTPException) as exc:
            logger.error("A mail could not be sent: %s", type(exc).__name__)
            raise MailError("The mail could not be sent.") from exc

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person that something was changed; the change stands if no mail goes out."""
        try:
            super().send_notification_mail(
                template_prefix, user, (context or {}) | {"username": user.username}, email
            )
        except MailError:
            return


class TwoStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Two-step verification."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is wrong or has run out. Wait for the next one.",
        "cannot_generate_recovery_codes": "Turn on two-step verification first.",
    }

    def get_totp_label(self, user: User) -> str:
        """Return how the authenticator app names the account."""
        return user.username

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database."""
        return seal_for_service(text.encode(), _SEAL_CONTEXT).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret that `encrypt` sealed. Raises UnsealError."""
        return unseal_for_service(encrypted_text.encode(), _SEAL_CONTEXT).decode()
