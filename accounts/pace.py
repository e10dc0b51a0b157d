"""How often somebody may sign in, post or report: by network, or by account.

Counted where requests of programs are (accounts.quotas): in Valkey, all of a deed's limits or none.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

import redis
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.client_address import client_network
from accounts.models import User
from accounts.quotas import DAY, MINUTE, Limit, spend

logger = logging.getLogger("blackbar.web")
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Pace:
    """What is limited.

    setting: name of the setting that says how often; 0 there is no limit
    """

    name: str
    setting: str
    window_seconds: int

    def limits_for(self, subject: str) -> list[Limit]:
        """Return the limit of one subject, or none."""
        most = int(getattr(settings, self.setting))
        return [Limit(self.name, subject, most, self.window_seconds)] if most else []


SIGN_IN = Pace("sign-ins", "SIGN_INS_PER_MINUTE", MINUTE)
SIGN_UP = Pace("sign-ups", "SIGN_UPS_PER_HOUR", HOUR)
PASSWORD_MAIL = Pace("password-mails", "PASSWORD_MAILS_PER_HOUR", HOUR)
REPORT = Pace("reports", "REPORTS_PER_HOUR", HOUR)
WRONG_LINK = Pace("wrong-links", "WRONG_LINKS_PER_MINUTE", MINUTE)
POST = (Pace("posts", "POSTS_PER_MINUTE", MINUTE), Pace("posts-day", "POSTS_PER_DAY", DAY))
ACCOUNT_POST = (
    Pace("posts", "ACCOUNT_POSTS_PER_MINUTE", MINUTE),
    Pace("posts-day", "ACCOUNT_POSTS_PER_DAY", DAY),
)


def count(request: HttpRequest, pace: Pace) -> None:
    """Count what a network does. Raises QuotaExceededError, redis.RedisError."""
    spend(pace.limits_for(_network(request)))


def count_wrong_link(request: HttpRequest) -> None:
    """Count a private link that opened nothing. Raises QuotaExceededError.

    Without Valkey it is not counted: no number of guesses finds 192 bits.
    """
    _count_if_possible(WRONG_LINK.limits_for(_network(request)))


def count_post(request: HttpRequest) -> None:
    """Count a paste or document that a page sends. Raises QuotaExceededError.

    Without Valkey it is not counted: a paste is stored all the same, and how many may wait is
    limited by the queue itself.
    """
    user = request.user
    if isinstance(user, User):
        subject, paces = f"user {user.pk}", ACCOUNT_POST
    else:
        subject, paces = _network(request), POST
    _count_if_possible([limit for pace in paces for limit in pace.limits_for(subject)])


def wait_in_words(limit: Limit) -> str:
    """Return how long a limit lasts: "40 seconds", "12 minutes"."""
    seconds = limit.seconds_left or MINUTE
    if seconds <= MINUTE:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    if seconds <= 2 * HOUR:
        return f"{-(-seconds // MINUTE)} minutes"
    return f"{-(-seconds // HOUR)} hours"


def too_often(limit: Limit) -> str:
    """Return the sentence for whoever did something too often."""
    where = "With your account" if limit.subject.startswith("user ") else "From your network"
    return (
        f"{where} this came more often than this server allows. Nothing was done with this one: "
        f"send it again in {wait_in_words(limit)}."
    )


def _count_if_possible(limits: list[Limit]) -> None:
    try:
        spend(limits)
    except redis.RedisError as exc:
        logger.warning("not counted (%s)", type(exc).__name__)


def _network(request: HttpRequest) -> str:
    digest = salted_hmac("visitor network", client_network(request), algorithm="sha256")
    return f"visitor {digest.hexdigest()[:32]}"
