"""The page of pictures: drop one, paste one, try an example; and find one's own again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import proof
from accounts.models import User
from documents.formats.model import Kind
from documents.forms import UploadForm, megabytes
from documents.models import Document
from documents.views.rows import document_row
from inference.status import detector_status
from sharing.expiry import EXPIRY_CHOICES
from sharing.places import offer_for

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Example:
    """A picture to try. file: below static/, drawn by benchmarks.ocr_set; name: when it is sent."""

    file: str
    name: str
    title: str


EXAMPLES = (
    Example("examples/chat.webp", "Chat.webp", "A chat"),
    Example("examples/receipt.webp", "Receipt.webp", "A receipt"),
    Example("examples/dashboard.webp", "Dashboard.webp", "A dashboard"),
)


@never_cache
@require_safe
def images(request: HttpRequest) -> HttpResponse:
    """Show the place to drop pictures and one's own pictures. Documents take what is sent."""
    user = request.user if isinstance(request.user, User) else None
    context: dict[str, Any] = {
        "form": UploadForm(offer=offer_for(user, request.session)),
        "can_post": user is not None or settings.ANONYMOUS_PASTES,
        "needs_proof": proof.is_needed(user),
        "detector": detector_status(),
        "most_bytes": settings.MAX_FILE_BYTES,
        "most_text": megabytes(settings.MAX_FILE_BYTES),
        "most_megapixels": settings.MAX_PICTURE_PIXELS // 1_000_000,
        "examples": EXAMPLES,
    }
    if user is not None:
        own = Document.objects.live().owned_by(user).with_scan().filter(kind=Kind.PICTURE)
        page = Paginator(own, PAGE_SIZE).get_page(request.GET.get("page"))
        context |= {
            "rows": [document_row(request, document) for document in page],
            "page_obj": page,
            "expiry_choices": [choice for choice in EXPIRY_CHOICES if choice[0] != "custom"],
        }
    return render(request, "images/images.html", context)
