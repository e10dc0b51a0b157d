"""One paste as lists show it, and the addresses of a paste."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from inference.models import ScanState
from pastebin.models import Paste
from sharing import links
from sharing.rows import ItemRow, item_row


def paste_row(request: HttpRequest, paste: Paste) -> ItemRow:
    """Return a paste's row."""
    state = state_of(paste)
    hidden_count = len(paste.bars)
    said = {"ready": f"{hidden_count} hidden", "failed": "scan failed, not shared"}
    return item_row(
        request,
        paste,
        views="pastebin:paste_",
        title=paste.redacted_title or "Untitled",
        state=state,
        said=said.get(state, "being scanned"),
        hidden_count=hidden_count,
        more="read once" if paste.burn else "",
    )


def state_of(paste: Paste) -> str:
    """Return "ready", "scanning" or "failed"."""
    if paste.is_public:
        return "ready"
    return "failed" if paste.scan.state == ScanState.FAILED else "scanning"


def absolute(request: HttpRequest, view: str, pid: str) -> str:
    """Return the full address of one of a paste's pages."""
    return links.absolute(request, reverse(f"pastebin:{view}", args=[pid]))
