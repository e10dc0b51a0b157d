"""The page of documents: drop files, and find one's own again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts import proof
from accounts.models import User
from accounts.pace import count_post, too_often
from accounts.quotas import Limit, QuotaExceededError
from anonymizer.text import Style
from documents import services
from documents.formats.model import Kind
from documents.forms import UploadForm, megabytes
from documents.models import Document, State
from documents.views.rows import document_row
from inference.room import QueueFullError
from inference.status import detector_status
from sharing.access import give_cookie
from sharing.mine import own_list
from sharing.places import Offer, offer_for, remember

STATES = {
    "ready": ("Ready", Q(state=State.READY)),
    "working": ("Being read", Q(state__in=[State.RECEIVED, State.SCANNING])),
    "failed": ("Failed", Q(state=State.FAILED)),
}


@never_cache
@vary_on_headers("HX-Request", "Accept")
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def documents(request: HttpRequest) -> HttpResponse:
    """Show the place to drop files and one's own documents; on POST take one file."""
    if request.method != "POST":
        return _page(request, UploadForm(offer=_offer(request)), 200)
    if not (request.user.is_authenticated or settings.ANONYMOUS_PASTES):
        if _wants_json(request):
            return _refusal("sign_in", "On this server only people with an account can do this.")
        return _page(request, UploadForm(), 403)
    form = UploadForm(request.POST, request.FILES, offer=_offer(request))
    if not form.is_valid():
        return _refused(request, form)
    try:
        count_post(request)
        if proof.is_needed(request.user):
            proof.take(request.POST.get("proof", ""))
        return _create(request, form.cleaned_data)
    except proof.ProofError as exc:
        form.add_error(None, ValidationError(str(exc), code="proof"))
        return _refused(request, form)
    except QuotaExceededError as exc:
        return _too_often(request, form, exc.limit)
    except QueueFullError as exc:
        return _busy(request, form, str(exc))


def _create(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    upload = data["file"]
    created = services.create_document(
        content=upload.read(),
        name=upload.name or "",
        owner=request.user if isinstance(request.user, User) else None,
        place=data["place"],
        style=Style(data["style"]),
        operating_point=data["operating_point"],
        expires_at=data["expires_at"],
        password=data["password"],
        rasterise=data["rasterise"],
    )
    remember(request.session, data["place"])
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


def _offer(request: HttpRequest) -> Offer | None:
    return offer_for(request.user if isinstance(request.user, User) else None, request.session)


def _refused(request: HttpRequest, form: UploadForm) -> HttpResponse:
    if not _wants_json(request):
        return _page(request, form, 422)
    errors = [error for field in form.errors.as_data().values() for error in field]
    code = str(errors[0].code or "invalid")
    return _refusal(code, " ".join(sentence for error in errors for sentence in error.messages))


def _busy(request: HttpRequest, form: UploadForm, sentence: str) -> HttpResponse:
    """Say that nothing more is taken in just now."""
    if _wants_json(request):
        response: HttpResponse = JsonResponse({"error": sentence, "code": "busy"}, status=503)
    else:
        form.add_error(None, sentence)
        response = _page(request, form, 503)
    response["Retry-After"] = "30"
    return response


def _too_often(request: HttpRequest, form: UploadForm, limit: Limit) -> HttpResponse:
    """Say that this came too often; a page that sends many files waits and goes on."""
    if _wants_json(request):
        body = {"error": too_often(limit), "code": "too_often"}
        response: HttpResponse = JsonResponse(body, status=429)
    else:
        form.add_error(None, too_often(limit))
        response = _page(request, form, 429)
    response["Retry-After"] = str(limit.seconds_left)
    return response


def _refusal(code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": code}, status=403 if code == "sign_in" else 422)


def _wants_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _page(request: HttpRequest, form: UploadForm, status: int) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    context: dict[str, Any] = {
        "form": form,
        "can_post": user is not None or settings.ANONYMOUS_PASTES,
        "needs_proof": proof.is_needed(user),
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
    own = Document.objects.live().owned_by(user).with_scan().exclude(kind=Kind.PICTURE)
    return own_list(request, own, document_row, STATES)
