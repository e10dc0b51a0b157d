"""What people type to sign in and to change their account."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.utils import decrypt, encrypt
from django import forms
from django.utils import timezone

from accounts.models import Scope, User


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc]
    """A name or an e-mail address, and a password."""

    def clean_login(self) -> str:
        """Return the name in the form in which names are stored."""
        return unicodedata.normalize("NFKC", self.cleaned_data["login"].strip())

    def user_credentials(self) -> dict[str, str]:
        """Return what to sign in with.

        The backend tries the name as an address by itself. Naming it as both makes it check the
        password of a known address twice: a delay that tells which addresses are known.
        """
        data = self.cleaned_data
        return {"username": data["login"], "password": data.get("password", "")}


class ActivateTOTPForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app; its secret waits sealed in the session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        waiting = session.get(SECRET_SESSION_KEY)
        super().__init__(*args, **kwargs)
        if self.is_bound and waiting:
            self.secret = decrypt(waiting)
        else:
            session[SECRET_SESSION_KEY] = encrypt(self.secret)


class EmailForm(forms.Form):
    """The address that a person can be reached under, or none."""

    email = forms.EmailField(required=False, max_length=254)

    def clean_email(self) -> str:
        """Return the address as it is stored and looked up."""
        return str(self.cleaned_data["email"]).lower()


class KeyForm(forms.Form):
    """A new API key: what it is for, what it may do, how long it lasts."""

    EXPIRIES: ClassVar = {"30": "30 days", "90": "90 days", "365": "a year", "": "until revoked"}

    name = forms.CharField(max_length=60)
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        initial=[Scope.REDACT.value, Scope.READ.value],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.ChoiceField(
        choices=list(EXPIRIES.items()),
        required=False,
        initial="365",
        widget=forms.Select(attrs={"class": "select"}),
    )

    def expires_at(self) -> datetime | None:
        """Return when the key ends."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=int(days)) if days else None


class DeviceForm(forms.Form):
    """A device that is to be signed out."""

    device = forms.IntegerField(min_value=1, max_value=2**62)


class PasswordForm(forms.Form):
    """The password, typed once more before all of an account is handed out or deleted."""

    password = forms.CharField(strip=False, widget=forms.PasswordInput)

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        self._user = user

    def clean_password(self) -> str:
        """Check the password; failures count like those of signing in."""
        password = str(self.cleaned_data["password"])
        adapter = get_adapter()
        if not adapter.reauthenticate(self._user, password):
            raise adapter.validation_error("incorrect_password")
        return password
