"""What a person does in these tests: sign in, and read codes off an authenticator app."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct

from django.test import Client
from django.urls import reverse

PASSWORD = "paper ink and seven bars"
# The clock of the app and of the server: standing still, no code runs out while a test is slow.
NOW_SECONDS = 1_800_000_015


def sign_in(
    client: Client, name: str, password: str = PASSWORD, *, confirm: bool = False
) -> Client:
    """Sign in, and, to `confirm`, show the password once more."""
    client.post(reverse("account_login"), {"login": name, "password": password})
    if confirm:
        client.post(reverse("account_reauthenticate"), {"password": password})
    return client


def is_signed_in(client: Client) -> bool:
    """Say whether the account page opens."""
    return bool(client.get(reverse("account_settings")).status_code == 200)


def code_of(secret: str, *, steps: int = 0) -> str:
    """Return the six digits of RFC 6238 for now, or some steps of 30 seconds away."""
    counter = NOW_SECONDS // 30 + steps
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    offset = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def turn_on_two_step(client: Client) -> tuple[str, list[str]]:
    """Turn on two-step verification; returns the app's secret and the recovery codes."""
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'id="key">([A-Z2-7]+)<', page)[1]  # type: ignore[index]
    done = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)}, follow=True)
    return secret, re.findall(r"<li>(\d{8})</li>", done.content.decode())
