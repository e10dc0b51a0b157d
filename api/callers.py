"""Who calls: the one place where a key is read, and where it is decided what a caller may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.client_address import client_network
from accounts.hash_keys import hash_key_of
from accounts.keys import find_key
from accounts.limits import limits_of_key, limits_of_network, limits_of_session
from accounts.models import ApiKey, User
from accounts.quotas import Limit


class InvalidKeyError(Exception):
    """Raised when a key is presented that is unknown, expired or revoked."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A program or person that calls.

    user:    whose key or session it is; None without one
    key:     None for a session and for nobody
    network: a digest of the address, by which requests without a key are counted
    """

    user: User | None
    key: ApiKey | None
    network: str

    @property
    def subject(self) -> str:
        """Under what its requests are counted."""
        if self.key is not None:
            return f"key {self.key.pk}"
        return f"user {self.user.pk}" if self.user is not None else f"network {self.network}"

    def allows(self, scope: str) -> bool:
        """Say whether the caller may do something; a session may all, nobody may redact."""
        if self.key is not None:
            return self.key.allows(scope)
        return self.user is not None or (scope in {"redact", "read"} and settings.API_ANONYMOUS)

    def limits(self) -> list[Limit]:
        """Return this server's own limits; none unless its settings or its owner name some."""
        if self.key is not None:
            return limits_of_key(self.key)
        if self.user is not None:
            return limits_of_session(self.user)
        return limits_of_network(self.network)

    def hash_key(self) -> bytes:
        """Return the key of a person's hashes and surrogates; empty for nobody."""
        return hash_key_of(self.user) if self.user is not None else b""


def caller_with_key(request: HttpRequest | Request, written: str | None) -> Caller:
    """Return who presents a key, or nobody if none is presented. Raises InvalidKeyError."""
    key = find_key(written) if written else None
    if written and key is None:
        raise InvalidKeyError("The key is unknown, expired or revoked.")
    return Caller(key.owner if key else None, key, _network(request))


def caller_of(request: Request) -> Caller:
    """Return who calls the native API, by key or session."""
    user = request.user if isinstance(request.user, User) else None
    key = request.auth if isinstance(request.auth, ApiKey) else None
    return Caller(user, key, _network(request))


def bearer_of(request: HttpRequest | Request) -> str | None:
    """Return what stands behind Bearer in the Authorization header; "" for another scheme."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class KeyAuthentication(BaseAuthentication):
    """Signs in by `Authorization: Bearer <key>`."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return person and key; None without a header. Raises AuthenticationFailed."""
        written = bearer_of(request)
        if written is None:
            return None
        key = find_key(written)
        if key is None:
            raise exceptions.AuthenticationFailed
        return key.owner, key

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme for a 401."""
        return "Bearer"


def _network(request: HttpRequest | Request) -> str:
    plain = request._request if isinstance(request, Request) else request
    return salted_hmac("api network", client_network(plain), algorithm="sha256").hexdigest()[:32]
