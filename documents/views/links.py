"""Progress of a new document, then its two links."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from anonymizer.categories import counted
from documents import services
from documents.forms import PasswordForm
from documents.models import Document
from documents.progress import pause_of, progress_of
from documents.views.rows import absolute, document_row, facts_of, kind_name
from inference.status import detector_status
from sharing.access import access_of_creator, find_for_links, give_cookie, take_cookie_back
from sharing.links import qr_code
from sharing.places import home_of

POLL_SECONDS = 0.5


@never_cache
@vary_on_headers("HX-Request")
@require_safe
def document_links(request: HttpRequest, pid: str) -> HttpResponse:
    """Show how far the reading is; once it has ended, the links. The private one is shown once."""
    document, token = find_for_links(request, Document, pid)
    context = progress_context(document)
    if context["is_over"]:
        context |= _links(request, document, token)
    template = "_links" if request.headers.get("HX-Request") else "document_links"
    response = render(request, f"documents/{template}.html", context)
    if document.is_public and request.method == "GET":
        take_cookie_back(response, document, "links")
    elif token is not None:
        # However long it takes: the link is not lost while its page is open.
        give_cookie(response, document, token, "links")
    return response


@never_cache
@require_safe
def document_progress(request: HttpRequest, pid: str) -> HttpResponse:
    """Return one line of the list of uploads: how far it is, and where it leads then."""
    document, token = find_for_links(request, Document, pid)
    context = progress_context(document) | {"row": document_row(request, document)}
    response = render(request, "documents/_upload.html", context)
    if context["is_over"]:
        # The list of one's own on the same page is fetched anew.
        response["HX-Trigger"] = "own-changed"
    if token is not None:
        give_cookie(response, document, token, "links")
    return response


@require_POST
@sensitive_post_parameters("password")
def document_retry(request: HttpRequest, pid: str) -> HttpResponse:
    """Read a failed document again, perhaps with a password."""
    access = access_of_creator(request, Document, pid)
    password = ""
    if access.item.error_code == "password":
        form = PasswordForm(request.POST)
        if not form.is_valid():
            context = progress_context(access.item) | _links(request, access.item, None)
            context |= {"password_error": form.errors["password"][0]}
            return render(request, "documents/document_links.html", context, status=422)
        password = form.cleaned_data["password"]
    services.retry(access.item, access.key, password=password)
    return redirect("documents:document_links", pid=pid)


def progress_context(document: Document) -> dict[str, Any]:
    """What pages say of a document's reading."""
    progress = progress_of(document)
    return {
        "document": document,
        "progress": progress,
        "stage": progress.stage,
        "is_over": progress.stage in {"ready", "failed"},
        "failure": document.error,
        "error_code": document.error_code,
        "facts": facts_of(document),
        "kind_name": kind_name(document),
        "notes": document.notes,
        "detector": detector_status(),
        "poll_ms": 1000 * pause_of(document, POLL_SECONDS),
    }


def _links(request: HttpRequest, document: Document, token: str | None) -> dict[str, Any]:
    public_url = absolute(request, "document_public", document.pid)
    private_url = f"{public_url}?token={token}" if token else None
    bars = document.public_bars() if document.is_public else []
    categories = [category for category in counted(bar.label for bar in bars) if category.count]
    user = request.user if isinstance(request.user, User) else None
    return {
        "home": home_of(document, user),
        "public_url": public_url,
        "private_url": private_url,
        "public_qr": qr_code(public_url),
        "private_qr": qr_code(private_url) if private_url else None,
        "hidden_count": document.hidden_count,
        "category_count": len(categories),
    }
