"""Reading settings from the environment, strictly: a bad value stops the start with a sentence.

A setting can lie in a file instead, see config.secret_files.
"""

from __future__ import annotations

import base64
import binascii
import os
from ipaddress import IPv4Network, IPv6Network, ip_network

import environ
from django.core.exceptions import ImproperlyConfigured

from config.secret_files import SecretFileError, with_files

env = environ.Env()
try:
    env.ENVIRON = with_files(os.environ)
except SecretFileError as exc:
    raise ImproperlyConfigured(str(exc)) from exc


def number(name: str, default: float, *, least: float, most: float) -> float:
    """Read a number between two bounds, both allowed."""
    try:
        value = env.float(name, default=default)
    except ValueError as exc:
        raise ImproperlyConfigured(f"{name} must be a number.") from exc
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} must lie between {least:g} and {most:g}.")
    return float(value)


def switch(name: str, default: bool) -> bool:
    """Read a switch: 1, true, yes, on or 0, false, no, off."""
    raw = env.str(name, default="1" if default else "0").strip().lower()
    if raw not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ImproperlyConfigured(f"{name} must be 1 or 0.")
    return raw in {"1", "true", "yes", "on"}


def choice(name: str, default: str, choices: list[str]) -> str:
    """Read one of some words."""
    value: str = env.str(name, default=default).strip().lower()
    if value not in choices:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}.")
    return value


def networks(name: str, entries: list[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Parse networks."""
    try:
        return tuple(ip_network(entry.strip()) for entry in entries)
    except ValueError as exc:
        raise ImproperlyConfigured(f"{name} must name networks such as 10.1.0.0/16.") from exc


def required(name: str, meaning: str) -> str:
    """Read a value that has no safe default."""
    value: str = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {meaning}. `./run` sets it by itself.")
    return value


def service_keys(raw: str) -> dict[str, bytes]:
    """Parse `id:base64,id:base64` into key ids and 32-byte keys; the first one is current."""
    keys: dict[str, bytes] = {}
    for entry in raw.split(","):
        key_id, _, encoded = entry.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error as exc:
            raise ImproperlyConfigured(
                "BLACKBAR_SERVICE_KEYS holds a key that is not base64."
            ) from exc
        if not key_id or len(key) != 32:
            raise ImproperlyConfigured(
                "BLACKBAR_SERVICE_KEYS must read id:key,id:key with keys of 32 bytes in base64."
            )
        if key_id in keys:
            raise ImproperlyConfigured("BLACKBAR_SERVICE_KEYS names a key id twice.")
        keys[key_id] = key
    return keys
