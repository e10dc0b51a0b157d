"""People who have an account, their keys for programs, and what they used."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.models import Session
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
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
    # Sealed for the service: makes hashes and surrogates the same from request to request.
    sealed_hash_key = models.BinaryField(null=True)

    class Meta(AbstractUser.Meta):
        """Keep Django's own names; Ada and ada are one person."""

        swappable = "AUTH_USER_MODEL"
        constraints = (models.UniqueConstraint(Lower("username"), name="accounts_username_once"),)

    def end_sessions(self) -> None:
        """Make every session of this person invalid; the caller may renew its own."""
        self.session_generation = models.F("session_generation") + 1
        self.save(update_fields=["session_generation"])
        self.refresh_from_db(fields=["session_generation"])
        Session.objects.filter(device__user=self).delete()

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


class Device(models.Model):
    """A browser in which a person is signed in. It goes with its session.

    summary: what people call it, such as "Firefox on Linux"
    address: from where it was last seen
    """

    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="device")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    summary = models.CharField(max_length=60)
    address = models.GenericIPAddressField()
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device {self.pk}"


class Scope(models.TextChoices):
    """What a key may do."""

    REDACT = "redact", "hand in texts, documents and images"
    READ = "read", "read what is redacted, and how far it is"
    REVEAL = "reveal", "read originals"
    ADMIN = "admin", "manage keys and webhooks"


class Plan(models.TextChoices):
    """Which limits a key has: the server's own, or those of the privacyfilter.run dialect."""

    OWN = "own", "this server's limits"
    PACK = "pack", "a fixed number of requests"
    UNLIMITED = "unlimited", "any number of requests"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Queries over keys."""

    def active(self, now: Any = None) -> ApiKeyQuerySet:
        """Keys that are neither revoked nor expired; every use goes through this.

        now: the moment, or a blank for it
        """
        return self.filter(revoked_at=None).filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=now or timezone.now())
        )


class ApiKey(models.Model):
    """A key by which a program acts for a person. The secret is stored as a digest only."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=8)
    digest = models.BinaryField(unique=True)
    previous_digest = models.BinaryField(null=True, unique=True)
    previous_until = models.DateTimeField(null=True)
    scopes = models.JSONField(default=list)
    plan = models.CharField(max_length=9, choices=Plan, default=Plan.OWN)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        """An earlier secret has an end."""

        constraints = (
            models.CheckConstraint(
                name="accounts_previous_secret_ends",
                condition=models.Q(previous_digest__isnull=True, previous_until__isnull=True)
                | models.Q(previous_digest__isnull=False, previous_until__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"key {self.prefix}"

    @property
    def is_active(self) -> bool:
        """Say whether the key can be used now."""
        return self.revoked_at is None and (
            self.expires_at is None or self.expires_at > timezone.now()
        )

    def allows(self, scope: str) -> bool:
        """Say whether the key may do something."""
        return scope in self.scopes


class RequestLimits(models.Model):
    """How many requests the server's owner allows: to one key, one account, or a plan's keys.

    What is empty is decided by the next wider rule: key, plan, settings. 0 is no limit. An
    account's limits count its keys and sessions together, and hold beside those of each key.

    per_minute, per_day: requests; credits: requests in all, for ever
    """

    key = models.OneToOneField(
        ApiKey, null=True, blank=True, on_delete=models.CASCADE, related_name="request_limits"
    )
    owner = models.OneToOneField(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="request_limits"
    )
    plan = models.CharField(
        max_length=9, choices=Plan, null=True, blank=True, unique=True
    )  # fmt: skip
    per_minute = models.PositiveIntegerField(null=True, blank=True)
    per_day = models.PositiveIntegerField(null=True, blank=True)
    credits = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        """Each row is for one key, one account or one plan."""

        verbose_name_plural = "request limits"
        constraints = (
            models.CheckConstraint(
                name="accounts_limits_of_one",
                condition=models.Q(key__isnull=False, owner__isnull=True, plan__isnull=True)
                | models.Q(key__isnull=True, owner__isnull=False, plan__isnull=True)
                | models.Q(key__isnull=True, owner__isnull=True, plan__isnull=False),
            ),
        )

    def __str__(self) -> str:
        if self.plan is not None:
            return f"limits of the plan {self.plan}"
        return f"limits of {self.key or self.owner}"


class MadeOnce(models.Model):
    """What a request under an `Idempotency-Key` made: its repetition finds it, and makes nothing.

    Written in the transaction that makes it, so that both are there or neither is.
    request: digest of who asked, where, and under which key
    body:    keyed digest of what was sent
    made:    id of what was made
    """

    request = models.CharField(primary_key=True, max_length=64)
    body = models.CharField(max_length=64)
    made = models.CharField(max_length=64, blank=True)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"made {self.made}"


class QuotaUse(models.Model):
    """How much of a limit was used: what Valkey counts, kept for when it starts anew."""

    subject = models.CharField(primary_key=True, max_length=100)
    used = models.PositiveIntegerField()
    ends_at = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return f"use of {self.subject}"
