"""One paste as lists show it, and the addresses of a paste."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from inference.models import ScanState
from pastebin.models import Paste
from sharing import links


@dataclass(frozen=True, slots=True)
class PasteRow:
    """What a list says of a paste; nothing of its original."""

    pid: str
    title: str
    state: str
    hidden_count: int
    created_at: datetime
    expires_at: datetime | None
    burn: bool
    link_active: bool
    public_url: str
    original_url: str


def paste_row(request: HttpRequest, paste: Paste) -> PasteRow:
    """Return a paste's row."""
    return PasteRow(
        pid=paste.pid,
        title=paste.redacted_title or "Untitled",
        state=state_of(paste),
        hidden_count=len(paste.bars),
        created_at=paste.created_at,
        expires_at=paste.expires_at,
        burn=paste.burn,
        link_active=paste.envelope.token_wrap is not None,
        public_url=absolute(request, "paste_public", paste.pid),
        original_url=reverse("pastebin:paste_original", args=[paste.pid]),
    )


def state_of(paste: Paste) -> str:
    """Return "ready", "scanning" or "failed"."""
    if paste.is_public:
        return "ready"
    return "failed" if paste.scan.state == ScanState.FAILED else "scanning"


def absolute(request: HttpRequest, view: str, pid: str) -> str:
    """Return the full address of one of a paste's pages."""
    return links.absolute(request, reverse(f"pastebin:{view}", args=[pid]))
