"""The page of documents: drop files, and find one's own again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from anonymizer.text import Style
from documents import services
from documents.formats.model import Kind
from documents.forms import UploadForm, megabytes
from documents.models import Document, DocumentQuerySet, State
from documents.views.rows import document_row
from inference.status import detector_status
from sharing.access import give_cookie
from sharing.expiry import EXPIRY_CHOICES, expiry_time

PAGE_SIZE = 50
STATES = (
    ("", "All"),
    ("ready", "Ready"),
    ("working", "Being read"),
    ("failed", "Failed"),
    ("expiring", "Ends within a day"),
)


@never_cache
@vary_on_headers("HX-Request", "Accept")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def documents(request: HttpRequest) -> HttpResponse:
    """Show the place to drop files and one's own documents; on POST take one file."""
    if request.method != "POST":
        return _page(request, UploadForm(), 200)
    if not (request.user.is_authenticated or settings.ANONYMOUS_PASTES):
        if _wants_json(request):
            return _refusal("sign_in", "On this server only people with an account can do this.")
        return _page(request, UploadForm(), 403)
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, form)
    return _create(request, form.cleaned_data)


def _create(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    upload = data["file"]
    created = services.create_document(
        content=upload.read(),
        name=upload.name or "",
        owner=request.user if isinstance(request.user, User) else None,
        style=Style(data["style"]),
        operating_point=data["operating_point"],
        expires_at=data["expires_at"],
        password=data["password"],
        rasterise=data["rasterise"],
    )
    pid = created.document.pid
    links_url = reverse("documents:document_links", args=[pid])
    if _wants_json(request):
        progress_url = reverse("documents:document_progress", args=[pid])
        delete_url = reverse("documents:document_delete", args=[pid])
        response: HttpResponse = JsonResponse(
            {"links_url": links_url, "progress_url": progress_url, "delete_url": delete_url},
            status=201,
        )
    else:
        response = redirect(links_url)
    give_cookie(response, created.document, created.token, "links")
    return response


def _refused(request: HttpRequest, form: UploadForm) -> HttpResponse:
    if not _wants_json(request):
        return _page(request, form, 422)
    errors = [error for field in form.errors.as_data().values() for error in field]
    code = str(errors[0].code or "invalid")
    return _refusal(code, " ".join(sentence for error in errors for sentence in error.messages))


def _refusal(code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": code}, status=403 if code == "sign_in" else 422)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _page(request: HttpRequest, form: UploadForm, status: int) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    context: dict[str, Any] = {
        "form": form,
        "can_post": user is not None or settings.ANONYMOUS_PASTES,
        "detector": detector_status(),
        "most_bytes": settings.MAX_FILE_BYTES,
        "most_text": megabytes(settings.MAX_FILE_BYTES),
        "most_pages": settings.MAX_PAGES,
    }
    if user is not None:
        context |= _own(request, user)
    if request.headers.get("HX-Request") and user is not None:
        return render(request, "documents/_document_table.html", context, status=status)
    return render(request, "documents/documents.html", context, status=status)


def _own(request: HttpRequest, user: User) -> dict[str, Any]:
    query = request.GET.get("q", "").strip()[:200]
    state = request.GET.get("state", "")
    own = Document.objects.live().owned_by(user).with_scan().exclude(kind=Kind.PICTURE)
    own = _filtered(own, query, state)
    page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "rows": [document_row(request, document) for document in page],
        "page_obj": page,
        "query": query,
        "state": state,
        "states": STATES,
        "expiry_choices": [choice for choice in EXPIRY_CHOICES if choice[0] != "custom"],
    }


def _filtered(documents: DocumentQuerySet, query: str, state: str) -> DocumentQuerySet:
    if query:
        # NUL cannot be asked for: PostgreSQL holds none.
        wanted = query.replace("\0", "")
        documents = documents.filter(
            Q(redacted_name__icontains=wanted)
            | Q(redacted_text__icontains=wanted)
            | Q(pid=wanted.rpartition("/")[2])
        )
    if state == "ready":
        return documents.filter(state=State.READY)
    if state == "working":
        return documents.filter(state__in=[State.RECEIVED, State.SCANNING])
    if state == "failed":
        return documents.filter(state=State.FAILED)
    if state == "expiring":
        return documents.filter(expires_at__lt=expiry_time("1d"))
    return documents
