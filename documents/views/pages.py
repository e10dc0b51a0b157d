"""Pages of a PDF for who may open the original: the picture, and the marks over it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_safe

from documents import services
from documents.formats.model import FormatError, Kind
from documents.models import Document
from documents.page_pictures import page_boxes, page_picture
from sharing.access import Access, access_to_read
from sharing.recorded import note_reading

NARROWEST_PX, WIDEST_PX, USUAL_PX = 200, 2000, 900
# How far a box reaches over the letters, in points.
_MARGIN = 1.0


@never_cache
@require_safe
@sensitive_variables()
def document_page(request: HttpRequest, pid: str, number: str) -> HttpResponse:
    """Return the marks over one page, as rectangles in points."""
    access = _access_to_page(request, pid, int(number))
    document = access.item
    original = services.read_original(document, access.key)
    width, height, boxes = page_boxes(document, access.key, int(number), original.spans)
    shown = []
    for box in boxes:
        x0, y0, x1, y1 = box.box
        shown.append(
            {
                "label": original.spans[box.span_index].label,
                "start": original.spans[box.span_index].start,
                "x": f"{x0 - _MARGIN:.1f}",
                "y": f"{y0 - _MARGIN:.1f}",
                "width": f"{x1 - x0 + 2 * _MARGIN:.1f}",
                "height": f"{y1 - y0 + 2 * _MARGIN:.1f}",
            }
        )
    context: dict[str, Any] = {
        "document": document,
        "number": int(number),
        "width": f"{width:.1f}",
        "height": f"{height:.1f}",
        "boxes": shown,
    }
    return render(request, "documents/_page.html", context)


@never_cache
@require_safe
@sensitive_variables()
def document_picture(request: HttpRequest, pid: str, number: str) -> HttpResponse:
    """Return the picture of one page; w is its width in pixels."""
    access = _access_to_page(request, pid, int(number))
    try:
        picture = page_picture(access.item, access.key, int(number), _width(request))
    except FormatError as exc:
        raise Http404 from exc
    kind = "image/png" if picture.startswith(b"\x89PNG") else "image/webp"
    response = HttpResponse(picture, content_type=kind)
    # Kept by nobody, not even by this browser's disk.
    response["Cache-Control"] = "no-store, private"
    return response


def _access_to_page(request: HttpRequest, pid: str, number: int) -> Access[Document]:
    access = access_to_read(request, Document, pid)
    document = access.item
    is_page = document.kind == Kind.PDF and number <= document.page_count
    if not (document.is_public and is_page):
        raise Http404
    note_reading(access)
    return access


def _width(request: HttpRequest) -> int:
    try:
        wished = int(request.GET.get("w", ""))
    except ValueError:
        return USUAL_PX
    return max(NARROWEST_PX, min(WIDEST_PX, wished))
