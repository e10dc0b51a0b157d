"""Proof of work: what a post without an account costs its sender, where the owner asks for one.

A challenge is a random word with its difficulty and its end, signed. It comes back with a number
such that SHA-256 of "challenge:number" begins with as many zero bits (as hashcash does it), and is
taken once: what was taken is remembered in Valkey until the challenge has ended. Without Valkey
nothing is taken, since every proof could be used again.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import time

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.quotas import take_once

# How a program sends its proof.
HEADER = "Proof-Of-Work"
# What is written meanwhile is not lost: a page asks for another challenge when it sends.
LIFETIME_SECONDS = 600
_PROOF = re.compile(r"((\d{1,2})\.(\d{10})\.[0-9a-f]{32})\.([0-9a-f]{32}):(\d{1,15})", re.ASCII)


class ProofError(Exception):
    """Raised when a post shows no proof that can be taken; the message is a sentence for people."""


def is_needed(user: object) -> bool:
    """Say whether a post of this person, or of nobody, has to show a proof."""
    return settings.PROOF_BITS > 0 and not isinstance(user, User)


def new_challenge() -> str:
    """Return a challenge: `bits.ends.word.signature`."""
    ends = int(time.time()) + LIFETIME_SECONDS
    said = f"{settings.PROOF_BITS}.{ends}.{secrets.token_hex(16)}"
    return f"{said}.{_signature(said)}"


def take(proof: str) -> None:
    """Take a proof, `challenge:number`, once. Raises ProofError, redis.RedisError."""
    if not proof:
        raise ProofError(
            "Without an account this server asks for a proof of work, which the page makes by"
            " itself where JavaScript is allowed. Nothing was stored."
        )
    match = _PROOF.fullmatch(proof)
    if match is None or not constant_time_compare(match[4], _signature(match[1])):
        raise ProofError("This proof of work is none of this server's. Nothing was stored.")
    seconds_left = int(match[3]) - int(time.time())
    # The owner may have asked for more meanwhile.
    if seconds_left <= 0 or int(match[2]) < settings.PROOF_BITS:
        raise ProofError("This proof of work is too old: send it again. Nothing was stored.")
    digest = hashlib.sha256(proof.encode("ascii")).digest()
    if int.from_bytes(digest, "big") >> (256 - settings.PROOF_BITS):
        raise ProofError("This proof of work is wrong. Nothing was stored.")
    if not take_once(f"proof {match[1]}", seconds_left):
        raise ProofError("This proof of work was used before: send it again. Nothing was stored.")


def _signature(said: str) -> str:
    return salted_hmac("proof of work", said, algorithm="sha256").hexdigest()[:32]
