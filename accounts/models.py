"""People who have an account."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac


class User(AbstractUser):
    """A person who signs in."""

    # No @: a name never looks like somebody's e-mail address.
    username = models.CharField(
        max_length=40,
        unique=True,
        validators=(
            RegexValidator(r"\A[\w.-]+\Z", "Use letters, digits, dots, hyphens and underscores."),
        ),
        error_messages={"unique": "This name is taken. Choose another one."},
    )
    session_generation = models.PositiveIntegerField(default=0)

    class Meta(AbstractUser.Meta):
        """Keep Django's own names; Ada and ada are one person."""

        swappable = "AUTH_USER_MODEL"
        constraints = (models.UniqueConstraint(Lower("username"), name="accounts_username_once"),)

    def end_sessions(self) -> None:
        """Make every session of this person invalid; the caller may renew its own."""
        self.session_generation = models.F("session_generation") + 1
        self.save(update_fields=["session_generation"])
        self.refresh_from_db(fields=["session_generation"])

    def get_session_auth_hash(self) -> str:
        """Return what a session must hold to be valid: it changes with the password too."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Yield the hashes of sessions that an earlier secret key signed."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes) -> str:
        return salted_hmac(
            "accounts session",
            f"{self.session_generation} {self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
