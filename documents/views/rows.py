"""One document as lists and headings show it, and the addresses of a document."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.urls import reverse

from anonymizer.categories import category_of
from documents.forms import megabytes
from documents.models import Document, State
from sharing import links
from sharing.rows import ItemRow, item_row

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


def document_row(request: HttpRequest, document: Document) -> ItemRow:
    """Return a document's row."""
    state, facts = state_of(document), facts_of(document)
    hidden_count = document.hidden_count
    unnamed = {"failed": "A document that could not be read"}
    said = {"ready": f"{facts} · {hidden_count} hidden", "failed": "not read, not shared"}
    return item_row(
        request,
        document,
        views="documents:document_",
        title=document.redacted_name or unnamed.get(state, "A document that is not read yet"),
        state=state,
        said=said.get(state, "being read"),
        hidden_count=hidden_count,
        facts=facts,
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
