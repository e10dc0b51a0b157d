"""The administrator's overview of the server."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from inference.status import detector_status
from moderation.items import KINDS
from moderation.overview import overview
from moderation.services import ModerationError, retry_item
from moderation.views.reports import staff_only
from sharing.services import GoneError


@staff_only("moderation.view_report")
@never_cache
@require_safe
def overview_page(request: HttpRequest) -> HttpResponse:
    """Show queues, workers, storage, accounts and failures."""
    context = overview() | {"detector": detector_status()}
    return render(request, "moderation/overview.html", context)


@staff_only("moderation.change_report")
@require_POST
def retry(request: HttpRequest) -> HttpResponse:
    """Try an item again whose scan or reading failed."""
    kind, pid = request.POST.get("kind", ""), request.POST.get("pid", "")
    if kind not in KINDS:
        messages.error(request, "Nothing was changed: choose an item.")
        return redirect("moderation:overview")
    try:
        retry_item(kind, pid[:32].replace("\0", ""))
        messages.success(request, "It is tried again.")
    except (ModerationError, GoneError) as exc:
        messages.error(request, str(exc))
    return redirect("moderation:overview")
