"""What anybody with the public link gets: the flattened picture, nothing else."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template import loader
from django.views.decorators.http import require_safe

from anonymizer.categories import counted
from documents import services
from documents.formats.model import Kind
from documents.models import Document
from documents.views.panel import certificate_panel
from documents.views.rows import public_file_name, state_of
from sharing.access import (
    answer_for_robots,
    find,
    give_cookie,
    is_preview_robot,
    open_by_link,
)
from sharing.public_cache import PUBLIC_CACHE_CONTROL


@require_safe
def image_public(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the flattened picture. With a right token, lead to the canvas instead."""
    token = request.GET.get("token")
    if token is not None and is_preview_robot(request):
        return answer_for_robots()
    document = find_picture(pid)
    access = open_by_link(request, document, token) if token is not None else None
    if access is not None and token is not None:
        response: HttpResponse = redirect("documents:document_original", pid=pid)
        response["X-Robots-Tag"] = "noindex"
        give_cookie(response, document, token, "original")
        return response
    found = counted(bar.label for bar in document.public_bars())
    context = {
        "state": state_of(document),
        "document": document,
        "file_name": public_file_name(document, ".png"),
        "hidden": [category for category in found if category.count],
        "certificate": certificate_panel(document),
    }
    # Without the request: the page is the same for everybody, whoever is signed in.
    page = loader.render_to_string("images/image_public.html", context)
    return _public(HttpResponse(page))


@require_safe
def image_picture(request: HttpRequest, pid: str) -> HttpResponseBase:
    """Return the flattened picture; there is none before it has been verified."""
    document = find_picture(pid)
    if not document.has_clean_file:
        raise Http404
    content = b"".join(services.read_clean(document))
    return _public(HttpResponse(content, content_type="image/png"))


def find_picture(pid: str) -> Document:
    """Return a live picture for anybody. Raises Http404, for other documents too."""
    document = find(Document, pid)
    if document.kind != Kind.PICTURE:
        raise Http404
    return document


def _public(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = PUBLIC_CACHE_CONTROL
    return response
