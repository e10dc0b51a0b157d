"""One document as lists and headings show it, and the addresses of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse

from anonymizer.categories import category_of
from documents.forms import megabytes
from documents.models import Document, State
from sharing import links

_PLACEHOLDER = re.compile(r"<([A-Z][A-Z_]*?)(_\d+)?>")
_NOT_IN_NAMES = re.compile(r"[^\w .,()'+-]+")
LONGEST_FILE_NAME = 120
_KIND_NAMES = {
    "pdf": "PDF",
    "docx": "Word",
    "pptx": "PowerPoint",
    "xlsx": "Excel",
    "odt": "OpenDocument",
    "eml": "E-mail",
    "html": "HTML",
    "md": "Markdown",
    "csv": "CSV",
    "json": "JSON",
    "txt": "Text",
    "png": "Picture",
}


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """What a list says of a document; nothing of its original."""

    pid: str
    title: str
    state: str
    facts: str
    hidden_count: int
    created_at: datetime
    expires_at: datetime | None
    link_active: bool
    public_url: str
    original_url: str


def document_row(request: HttpRequest, document: Document) -> DocumentRow:
    """Return a document's row."""
    return DocumentRow(
        pid=document.pid,
        title=document.redacted_name or "A document that is not read yet",
        state=state_of(document),
        facts=facts_of(document),
        hidden_count=document.hidden_count,
        created_at=document.created_at,
        expires_at=document.expires_at,
        link_active=document.envelope.token_wrap is not None,
        public_url=absolute(request, "document_public", document.pid),
        original_url=reverse("documents:document_original", args=[document.pid]),
    )


def state_of(document: Document) -> str:
    """Return "ready", "working" or "failed"."""
    if document.is_public:
        return "ready"
    return "failed" if document.state == State.FAILED else "working"


def kind_name(document: Document) -> str:
    """Return what people call this kind of file; "file" while it is not known."""
    return _KIND_NAMES.get(document.kind, "file")


def page_noun(document: Document) -> str:
    """Return what a page of this kind of file is called."""
    return {"pptx": "slide", "xlsx": "sheet"}.get(document.kind, "page")


def facts_of(document: Document, *, with_kind: bool = True) -> str:
    """Return pages, kind and size in words: "24 pages · PDF · 1.2 MB"."""
    facts = []
    if document.page_count > 1:
        facts.append(f"{document.page_count:,} {page_noun(document)}s")
    if document.kind and with_kind:
        facts.append(kind_name(document))
    facts.append(megabytes(document.size_bytes))
    return " · ".join(facts)


def public_file_name(document: Document, ending: str) -> str:
    """Return a file name made of the redacted name, such as "contract Person 1 redacted.pdf"."""
    shown = _PLACEHOLDER.sub(
        lambda match: (
            category_of(match[1].lower()).name.lower() + (match[2] or "").replace("_", " ")
        ),
        document.redacted_name,
    )
    stem = " ".join(_NOT_IN_NAMES.sub(" ", shown).split()).strip(". ")[:LONGEST_FILE_NAME]
    return f"{stem or 'document'} redacted{ending}"


def absolute(request: HttpRequest, view: str, pid: str) -> str:
    """Return the full address of one of a document's pages."""
    return links.absolute(request, reverse(f"documents:{view}", args=[pid]))
