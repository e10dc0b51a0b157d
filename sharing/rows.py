"""One item as its owner's lists show it; nothing of its original."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from sharing import links
from sharing.models import Shared


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What a list says of an item, and where its owner's changes go.

    said: how it stands, in words; is_failed: whether that is bad news
    more: further words about it
    """

    pid: str
    title: str
    state: str
    said: str
    facts: str
    hidden_count: int
    more: str
    created_at: datetime
    expires_at: datetime | None
    link_active: bool
    public_url: str
    original_url: str
    expiry_url: str
    link_url: str
    delete_url: str

    @property
    def is_failed(self) -> bool:
        """Say whether nothing of it can be shared."""
        return self.state == "failed"


def item_row(
    request: HttpRequest,
    item: Shared,
    *,
    views: str,
    title: str,
    state: str,
    said: str,
    hidden_count: int,
    facts: str = "",
    more: str = "",
) -> ItemRow:
    """Return an item's row. views: begin of the names of its addresses, as "pastebin:paste_"."""

    def path(name: str) -> str:
        return reverse(views + name, args=[item.pid])

    return ItemRow(
        pid=item.pid,
        title=title,
        state=state,
        said=said,
        facts=facts,
        hidden_count=hidden_count,
        more=more,
        created_at=item.created_at,
        expires_at=item.expires_at,
        link_active=item.envelope.token_wrap is not None,
        public_url=links.absolute(request, path("public")),
        original_url=path("original"),
        expiry_url=path("expiry"),
        link_url=path("link"),
        delete_url=path("delete"),
    )
