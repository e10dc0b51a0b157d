"""The canvas: the original under its bars, for its owner and the holder of the private link."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from anonymizer.categories import Category, counted
from documents.formats.model import FormatError, Kind
from documents.formats.picture.tags import masks_of
from documents.models import Document
from documents.page_pictures import page_picture
from documents.views.rows import absolute, public_file_name
from images import services
from images.bars import BarsError, colour_of
from images.state import clean_as_json, state_as_json
from sharing.access import (
    Access,
    access_to_correct,
    access_to_original,
    access_to_read,
    find_for_links,
    give_cookie,
)
from sharing.policies import own_labels
from sharing.recorded import note_opening, note_reading, receipts_of
from sharing.services import ConflictError, GoneError

LARGEST_BODY = 2_000_000


@require_safe
def to_canvas(request: HttpRequest, pid: str) -> HttpResponse:
    """Lead to the canvas: a private link's cookie only reaches addresses below the document."""
    return redirect("images:canvas", pid=pid)


@never_cache
@require_safe
def open_canvas(request: HttpRequest, pid: str) -> HttpResponse:
    """Lead the browser that sent a picture to its canvas; its private link stays to be shown."""
    document, token = find_for_links(request, Document, pid)
    if not document.is_public or document.kind != Kind.PICTURE:
        return redirect("documents:document_links", pid=pid)
    response = redirect("images:canvas", pid=pid)
    if token is not None:
        give_cookie(response, document, token, "original")
    return response


@never_cache
@require_safe
@sensitive_variables()
def canvas(request: HttpRequest, pid: str) -> HttpResponse:
    """Show the canvas; who may not open it is led to the public page."""
    try:
        access = access_to_original(request, Document, pid)
    except Http404:
        return redirect("documents:document_public", pid=pid)
    document = access.item
    if not document.is_public or document.kind != Kind.PICTURE:
        return redirect("documents:document_original", pid=pid)
    note_opening(access)
    opened = services.read_bars(document, access.key)
    labels = (bar.label for bar in opened.bars.bars)
    categories = counted(labels, own_labels(document))
    context = {
        "document": document,
        "name": opened.name,
        "width": int(opened.page.width),
        "height": int(opened.page.height),
        "file_name": public_file_name(document, ".png"),
        "public_url": absolute(request, "document_public", pid),
        "is_member": access.is_member,
        "home": access.home,
        "receipts": receipts_of(access),
        "categories": categories,
        "state": state_as_json(document, opened),
        "look": _look(categories),
    }
    return render(request, "images/canvas.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables()
def bars(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the bars; on POST keep those that are sent: `{"revision", "fill", "bars"}`."""
    if request.method != "POST":
        access = _access(request, pid)
        note_reading(access)
        opened = services.read_bars(access.item, access.key)
        return JsonResponse(state_as_json(access.item, opened))
    access = _of_picture(access_to_correct(request, Document, pid))
    try:
        value, revision = _body(request)
        services.save_bars(
            document=access.item,
            key=access.key,
            revision=revision,
            value=value,
            by=access.user,
        )
    except GoneError as exc:
        raise Http404 from exc
    except ConflictError as exc:
        return JsonResponse({"error": str(exc)}, status=409)
    except BarsError as exc:
        return JsonResponse({"error": str(exc)}, status=400)
    access = _access(request, pid)
    return JsonResponse({"revision": access.item.revision, "clean": clean_as_json(access.item)})


@never_cache
@require_safe
@sensitive_variables()
def picture(request: HttpRequest, pid: str) -> HttpResponse:
    """Return the original's pixels, righted, as a PNG of their own size."""
    access = _access(request, pid)
    note_reading(access)
    try:
        content = page_picture(access.item, access.key, 1, 1)
    except FormatError as exc:
        raise Http404 from exc
    response = HttpResponse(content, content_type="image/png")
    # Kept by nobody, not even by this browser's disk.
    response["Cache-Control"] = "no-store, private"
    return response


def _look(categories: Iterable[Category]) -> dict[str, Any]:
    """Return what a browser needs to paint bars as the server does."""
    listed = {
        category.label: {
            "name": category.name,
            "key": category.key,
            "colour": list(colour_of(category.label)),
            "masks": [asdict(mask) for mask in masks_of(category.name.upper())],
        }
        for category in categories
    }
    return {"categories": listed}


def _access(request: HttpRequest, pid: str) -> Access[Document]:
    return _of_picture(access_to_read(request, Document, pid))


def _of_picture(access: Access[Document]) -> Access[Document]:
    if not access.item.is_public or access.item.kind != Kind.PICTURE:
        raise Http404
    return access


def _body(request: HttpRequest) -> tuple[dict[str, Any], int]:
    if len(request.body) > LARGEST_BODY:
        raise BarsError("These are too many bars.")
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError) as exc:
        raise BarsError("The server did not understand these bars.") from exc
    if not isinstance(value, dict) or type(value.get("revision")) is not int:
        raise BarsError("The server did not understand these bars.")
    return value, value["revision"]
