"""The public items that a report may speak of, by the kinds of their addresses."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import reverse

from documents.formats.model import Kind as FileKind
from documents.models import Document
from pastebin.models import Paste
from sharing.access import find
from sharing.models import Shared

KINDS = ("paste", "document", "image")
_NAMES = {"paste": "text", "document": "document", "image": "picture"}
_PUBLIC = {
    "paste": "pastebin:paste_public",
    "document": "documents:document_public",
    "image": "images:image_public",
}
# Of a redacted text so much is shown beside a report.
EXCERPT_CHARACTERS = 600


def find_public(kind: str, pid: str) -> Shared | None:
    """Return an item that anybody is shown, else None."""
    try:
        item: Shared = find(Paste if kind == "paste" else Document, pid)
    except Http404:
        return None
    return item if item.is_public and _is_of(item, kind) else None


def find_kept(kind: str, pid: str) -> Shared | None:
    """Return an item that is kept, whether or not it is shown, without what is sealed."""
    model: Any = Paste if kind == "paste" else Document
    item: Shared | None = model.objects.with_scan().filter(pk=pid).first()
    return item if item is not None and _is_of(item, kind) else None


def public_path(kind: str, pid: str) -> str:
    """Return the address of a public page."""
    return reverse(_PUBLIC[kind], args=[pid])


def name_of(kind: str) -> str:
    """Return what a kind is called in a sentence."""
    return _NAMES[kind]


def excerpt_of(item: Shared) -> str:
    """Return the begin of what everybody is shown of an item: its redacted text."""
    text = getattr(item, "redacted_text", None) or "" if item.is_public else ""
    return text[:EXCERPT_CHARACTERS] + ("…" if len(text) > EXCERPT_CHARACTERS else "")


def _is_of(item: Shared, kind: str) -> bool:
    if isinstance(item, Document):
        return (item.kind == FileKind.PICTURE) == (kind == "image")
    return kind == "paste"
