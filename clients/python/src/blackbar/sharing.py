"""What the owner of a document or a paste decides: its private link, and when it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from blackbar.answers import Fields
from blackbar.steps import Request, Steps, address, encoded

Expiry = Literal["10m", "1h", "1d", "7d", "30d", "never"]


@dataclass(frozen=True, slots=True, repr=False)
class Link:
    """A private link and the token in it, which the server never shows again."""

    reveal_token: str
    private_url: str

    def __repr__(self) -> str:
        return "<Link>"


def new_link(collection: str, item: str) -> Steps[Link]:
    """Make another private link; the one before stops."""
    answer = yield Request("POST", address(collection, item, "link"), body=b"{}")
    told = Fields(answer.json())
    return Link(told.text("reveal_token"), told.text("private_url"))


def revoke_link(collection: str, item: str) -> Steps[None]:
    """Make the private link stop."""
    yield Request("DELETE", address(collection, item, "link"), is_repeatable=True)


def set_expiry(collection: str, item: str, end: Expiry | datetime) -> Steps[datetime | None]:
    """Set when something ends, and return it."""
    body: dict[str, Any] = (
        {"expires_at": end.isoformat()} if isinstance(end, datetime) else {"expires": end}
    )
    where = address(collection, item, "expiry")
    answer = yield Request("PUT", where, body=encoded(body), is_repeatable=True)
    return Fields(answer.json()).time_or_none("expires_at")
