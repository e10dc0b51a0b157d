"""What a webhook's receiver does: check that a message comes from the server, and read it.

Messages are signed as the Standard Webhooks specification 1.0 has it (symmetric, v1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from blackbar.answers import Fields
from blackbar.errors import BlackbarError, ConfigurationError, UnexpectedAnswerError

TOLERANCE_SECONDS = 300.0
_PREFIX = "whsec_"


class SignatureError(BlackbarError):
    """Raised for a message that the server did not sign, or not lately: answer 400, do nothing."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is genuine. The same one may come twice: remember the ids of a day.

    type:  of the event: "paste.ready", "job.done", "webhook.test"
    kind:  of the thing: "paste", "job", "document", "test"
    thing: its id; None of a test
    state: what became of it: "ready", "done", "failed", "clean_ready"; None of a test
    at:    when it ended
    """

    id: str
    type: str
    kind: str
    thing: str | None
    state: str | None
    at: datetime


def verify_delivery(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance_seconds: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Delivery:
    """Return a message of the server, once its signature and its age are checked.

    secret:            of the webhook, "whsec_..."
    headers:           of the request, whatever the case of their names
    body:              as it came, before any JSON is read
    tolerance_seconds: by which the clocks may differ, and the message be late
    now:               Unix time; the present one if not given
    Raises SignatureError, ConfigurationError for a secret that is none.
    """
    key = _key(secret)
    given = {name.lower(): value for name, value in headers.items()}
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    message, stamp, signatures = (given.get(name, "") for name in names)
    if not (message and stamp and signatures):
        raise SignatureError("The message is not signed.")
    signed = f"{message}.{stamp}.".encode("utf-8", "replace") + body
    digest = hmac.digest(key, signed, hashlib.sha256)
    expected = b"v1," + base64.b64encode(digest)
    # During a change of secrets there are two, separated by a space. All of them are compared.
    matches = [
        hmac.compare_digest(expected, one.encode("utf-8", "replace"))
        for one in signatures.split(" ")
    ]
    if not any(matches):
        raise SignatureError("The signature is of another secret or another message.")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 13):
        raise SignatureError("The time of the message is none.")
    if abs((time.time() if now is None else now) - int(stamp)) > tolerance_seconds:
        raise SignatureError("The message is too old, or the clocks differ.")
    return _read(message, body)


def _read(message: str, body: bytes) -> Delivery:
    try:
        told = Fields(json.loads(body))
        data = told.inner("data") or Fields({})
        return Delivery(
            id=message,
            type=told.text("type"),
            kind=data.text("kind"),
            thing=data.text_or_none("id"),
            state=data.text_or_none("state"),
            at=told.time("timestamp"),
        )
    except (ValueError, RecursionError, UnexpectedAnswerError):
        pass
    # Without what it was made of: that may quote the body.
    raise SignatureError("The message is signed, and not one that this package knows.")


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not secret.startswith(_PREFIX) or not key:
        raise ConfigurationError("This is no webhook secret: it begins with whsec_.")
    return key
