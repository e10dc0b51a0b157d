"""A person's webhooks in the export of everything they own, without their secrets."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.export import Exported, as_json
from accounts.models import User


def export_webhooks(user: User) -> Iterator[Exported]:
    """Yield where a person's server is told, and of what."""
    yield as_json(
        "webhooks.json",
        [
            {
                "id": webhook.pk,
                "url": webhook.url,
                "events": webhook.events,
                "created_at": webhook.created_at,
                "disabled_at": webhook.disabled_at,
            }
            for webhook in user.webhooks.order_by("created_at")
        ],
    )
