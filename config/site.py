"""What every template may say of this server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from inference.status import checkpoint_in_use


@dataclass(frozen=True, slots=True)
class Site:
    """This server, as pages name it."""

    name: str
    checkpoint: str | None
    anonymous_pastes: bool
    signup_open: bool


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site`."""
    return {
        "site": Site(
            settings.SITE_NAME,
            checkpoint_in_use(),
            settings.ANONYMOUS_PASTES,
            settings.SIGNUP_OPEN,
        )
    }
