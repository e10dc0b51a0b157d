"""A person's own pastes: find, change the expiry, renew or revoke the private link."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from inference.models import ScanState
from pastebin.models import Paste, PasteQuerySet
from pastebin.views.rows import paste_row
from sharing.access import find_own, give_cookie
from sharing.expiry import EXPIRY_CHOICES, expiry_time
from sharing.services import revoke_link, rotate_link, set_expiry
from vault.envelope import UnsealError

PAGE_SIZE = 50
STATES = (
    ("", "All"),
    ("ready", "Ready"),
    ("scanning", "Being scanned"),
    ("failed", "Failed"),
    ("expiring", "Ends within a day"),
)


@never_cache
@vary_on_headers("HX-Request")
@login_required
@require_safe
def paste_list(request: HttpRequest) -> HttpResponse:
    """List one's own pastes; the search looks into titles and redacted texts."""
    query = request.GET.get("q", "").strip()[:200]
    state = request.GET.get("state", "")
    pastes = _filtered(Paste.objects.live().owned_by(cast(User, request.user)), query, state)
    page = Paginator(pastes, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "pastes": [paste_row(request, paste) for paste in page],
        "page_obj": page,
        "query": query,
        "state": state,
        "states": STATES,
        "expiry_choices": [choice for choice in EXPIRY_CHOICES if choice[0] != "custom"],
    }
    partial = request.headers.get("HX-Request")
    return render(
        request, "pastebin/_paste_table.html" if partial else "pastebin/paste_list.html", context
    )


@login_required
@require_POST
def paste_expiry(request: HttpRequest, pid: str) -> HttpResponse:
    """Change when a paste ends."""
    paste = find_own(Paste, cast(User, request.user), pid)
    try:
        set_expiry(paste, expiry_time(request.POST.get("expires", "")))
        messages.success(request, "The expiry was changed.")
    except ValueError as exc:
        messages.error(request, str(exc))
    return redirect("pastebin:paste_list")


@login_required
@require_POST
def paste_link(request: HttpRequest, pid: str) -> HttpResponse:
    """Renew or revoke a paste's private link."""
    paste = find_own(Paste, cast(User, request.user), pid)
    if request.POST.get("action") == "rotate":
        try:
            token = rotate_link(paste)
        except UnsealError:
            messages.error(request, "The server could not open this paste to make a new link.")
            return redirect("pastebin:paste_list")
        response = redirect("pastebin:paste_links", pid=pid)
        give_cookie(response, paste, token, "links")
        return response
    if request.POST.get("action") == "revoke":
        revoke_link(paste)
        messages.success(request, "The private link opens nothing any more. You still can.")
    else:
        messages.error(request, "Nothing was changed: choose to renew or to revoke the link.")
    return redirect("pastebin:paste_list")


def _filtered(pastes: PasteQuerySet, query: str, state: str) -> PasteQuerySet:
    pastes = pastes.with_scan().defer("redacted_text")
    if query:
        # NUL cannot be asked for: PostgreSQL holds none.
        wanted = query.replace("\0", "")
        pastes = pastes.filter(
            Q(redacted_text__icontains=wanted) | Q(pid=wanted.rpartition("/")[2])
        )
    if state == "ready":
        return pastes.filter(envelope__scan__state=ScanState.DONE)
    if state == "scanning":
        return pastes.filter(envelope__scan__state__in=[ScanState.PENDING, ScanState.RUNNING])
    if state == "failed":
        return pastes.filter(envelope__scan__state=ScanState.FAILED)
    if state == "expiring":
        return pastes.filter(expires_at__lt=expiry_time("1d"))
    return pastes
