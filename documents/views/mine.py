"""What an owner or the holder of the private link does to a document as a whole."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from accounts.models import User
from documents.models import Document
from sharing.access import PURPOSES, access_to_remove, find_in_workspace, take_cookie_back
from sharing.mine import change_expiry, change_link
from sharing.services import delete
from workspaces.roles import May


@require_POST
def document_delete(request: HttpRequest, pid: str) -> HttpResponse:
    """Delete a document, or cancel its reading, which is the same."""
    access = access_to_remove(request, Document, pid)
    delete(access.item, by=access.user)
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
    elif access.is_member:
        messages.success(request, "The document is deleted, with its key and both links.")
        response = redirect("documents:documents")
    else:
        response = render(request, "documents/document_deleted.html")
    for purpose in PURPOSES:
        take_cookie_back(response, access.item, purpose)
    return response


@login_required
@require_POST
def document_expiry(request: HttpRequest, pid: str) -> HttpResponse:
    """Change when a document ends."""
    document = find_in_workspace(Document, cast(User, request.user), pid, May.EDIT)
    return change_expiry(request, document, back="documents:documents")


@login_required
@require_POST
def document_link(request: HttpRequest, pid: str) -> HttpResponse:
    """Renew or revoke a document's private link."""
    document = find_in_workspace(Document, cast(User, request.user), pid, May.EDIT)
    return change_link(
        request, document, back="documents:documents", links="documents:document_links"
    )
