"""Envelopes: one data key for each object, and who can open it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import models

from vault import envelope as crypto
from vault.envelope import DataKey, ServiceWrap, UnsealError


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    """Queries over envelopes."""

    def with_outdated_service_key(self) -> EnvelopeQuerySet:
        """Envelopes whose service wrap was not made by the current service key."""
        return self.filter(service_wrap__isnull=False).exclude(
            service_key_id=crypto.current_service_key_id()
        )


class Envelope(models.Model):
    """The wraps of one data key, and nothing of what it seals.

    The token wrap opens with the reveal token, which is never stored. The service wrap opens with
    a service key; it exists while a worker has to read the object, and for as long as an account
    keeps it. An envelope without wraps can never be opened again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token_digest = models.BinaryField(null=True)
    token_wrap = models.BinaryField(null=True)
    service_wrap = models.BinaryField(null=True)
    service_key_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        """Both halves of a wrap exist, or neither."""

        constraints = (
            models.CheckConstraint(
                name="vault_token_wrap_whole",
                condition=models.Q(token_wrap__isnull=True, token_digest__isnull=True)
                | models.Q(token_wrap__isnull=False, token_digest__isnull=False),
            ),
            models.CheckConstraint(
                name="vault_service_wrap_whole",
                condition=models.Q(service_wrap__isnull=True, service_key_id="")
                | (models.Q(service_wrap__isnull=False) & ~models.Q(service_key_id="")),
            ),
        )

    def __str__(self) -> str:
        return f"envelope {self.id}"

    @classmethod
    def create(cls) -> tuple[Envelope, DataKey, str]:
        """Insert an envelope that the service and a reveal token can open.

        Returns it with its data key and the token, which is stored nowhere.
        """
        row, key, token = cls.new()
        row.save(force_insert=True)
        return row, key, token

    @classmethod
    def new(cls) -> tuple[Envelope, DataKey, str]:
        """Return such an envelope, with its data key and the token, without inserting it."""
        row, key, token = cls(), DataKey.generate(), crypto.new_token()
        row._set_service_wrap(key)
        row._set_token(key, token)
        return row, key, token

    @classmethod
    def create_for_service(cls) -> tuple[Envelope, DataKey]:
        """Insert an envelope that only the service can open; returns it with its data key."""
        row, key = cls.new_for_service()
        row.save(force_insert=True)
        return row, key

    @classmethod
    def new_for_service(cls) -> tuple[Envelope, DataKey]:
        """Return such an envelope without inserting it."""
        row, key = cls(), DataKey.generate()
        row._set_service_wrap(key)
        return row, key

    def renew_token(self, key: DataKey) -> str:
        """Wrap the key for a new reveal token, replacing any earlier one; returns the token."""
        token = crypto.new_token()
        self._set_token(key, token)
        self.save(update_fields=["token_digest", "token_wrap"])
        return token

    def forget_token(self) -> None:
        """Destroy the token wrap: the reveal link opens nothing any more."""
        self.token_digest = self.token_wrap = None
        self.save(update_fields=["token_digest", "token_wrap"])

    def keep_for_service(self, key: DataKey) -> None:
        """Wrap the key for the service with the current service key."""
        self._set_service_wrap(key)
        self.save(update_fields=["service_wrap", "service_key_id"])

    def forget_service(self) -> None:
        """Destroy the service wrap: from now on the server cannot read the object."""
        self.service_wrap, self.service_key_id = None, ""
        self.save(update_fields=["service_wrap", "service_key_id"])

    def accepts_token(self, token: str) -> bool:
        """Say in constant time whether this is the reveal token."""
        # Without a digest the comparison is made all the same, against one that no token has.
        digest = bytes(self.token_digest) if self.token_digest else bytes(32)
        return crypto.token_matches(token, digest)

    def open_with_token(self, token: str) -> DataKey:
        """Return the data key. Raises UnsealError if this is not the reveal token."""
        if self.token_wrap is None or not self.accepts_token(token):
            raise UnsealError("The token does not open this object.")
        return crypto.unwrap_with_token(bytes(self.token_wrap), token, self._context("token"))

    def open_for_service(self) -> DataKey:
        """Return the data key. Raises UnsealError when the service holds no wrap."""
        if self.service_wrap is None:
            raise UnsealError("The service no longer holds a key to this object.")
        wrap = ServiceWrap(self.service_key_id, bytes(self.service_wrap))
        return crypto.unwrap_for_service(wrap, self._context("service"))

    def seal(self, key: DataKey, value: str, name: str) -> bytes:
        """Seal a text under a name that is unique within this object."""
        # surrogatepass: nothing a caller stores may be lost, whatever a form let through.
        return self.seal_bytes(key, value.encode("utf-8", "surrogatepass"), name)

    def unseal(self, key: DataKey, sealed: bytes | memoryview, name: str) -> str:
        """Return the text sealed under this name. Raises UnsealError."""
        return self.unseal_bytes(key, sealed, name).decode("utf-8", "surrogatepass")

    def seal_bytes(self, key: DataKey, value: bytes, name: str) -> bytes:
        """Seal bytes under a name that is unique within this object."""
        return key.seal(value, self._context(name))

    def unseal_bytes(self, key: DataKey, sealed: bytes | memoryview, name: str) -> bytes:
        """Return the bytes sealed under this name. Raises UnsealError."""
        return key.unseal(bytes(sealed), self._context(name))

    def seal_json(self, key: DataKey, value: Mapping[str, Any], name: str) -> bytes:
        """Seal a JSON object under a name."""
        return self.seal(key, json.dumps(value, separators=(",", ":")), name)

    def unseal_json(self, key: DataKey, sealed: bytes | memoryview, name: str) -> dict[str, Any]:
        """Return the JSON object sealed under this name. Raises UnsealError."""
        value: dict[str, Any] = json.loads(self.unseal(key, sealed, name))
        return value

    def _set_token(self, key: DataKey, token: str) -> None:
        self.token_digest = crypto.token_digest(token)
        self.token_wrap = crypto.wrap_for_token(key, token, self._context("token"))

    def _set_service_wrap(self, key: DataKey) -> None:
        wrap = crypto.wrap_for_service(key, self._context("service"))
        self.service_wrap, self.service_key_id = wrap.sealed, wrap.key_id

    def _context(self, name: str) -> str:
        return f"envelope {self.id} {name}"


class SealedFile(models.Model):
    """A file in the sealed storage: its place and true size. Its bytes are ciphertext."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    envelope = models.ForeignKey(Envelope, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=40)
    storage_name = models.CharField(max_length=200, unique=True)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        """One file of a name in each envelope."""

        constraints = (
            models.UniqueConstraint(fields=["envelope", "name"], name="vault_file_name_once"),
        )

    def __str__(self) -> str:
        return f"sealed file {self.id}"
