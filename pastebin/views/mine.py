"""A person's own pastes: find, change the expiry, renew or revoke the private link."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.models import User
from inference.models import ScanState
from pastebin.models import Paste
from pastebin.views.rows import paste_row
from sharing.access import find_in_workspace
from sharing.mine import change_expiry, change_link, own_list
from workspaces.roles import May

_STATE = "envelope__scan__state"
STATES = {
    "ready": ("Ready", Q((_STATE, ScanState.DONE))),
    "scanning": ("Being scanned", Q((f"{_STATE}__in", [ScanState.PENDING, ScanState.RUNNING]))),
    "failed": ("Failed", Q((_STATE, ScanState.FAILED))),
}


@never_cache
@vary_on_headers("HX-Request")
@login_required
@require_safe
def paste_list(request: HttpRequest) -> HttpResponse:
    """List one's own pastes; the search looks into titles and redacted texts."""
    pastes = Paste.objects.live().owned_by(cast(User, request.user)).with_scan()
    context = own_list(request, pastes.defer("redacted_text"), paste_row, STATES)
    template = "_paste_table" if request.headers.get("HX-Request") else "paste_list"
    return render(request, f"pastebin/{template}.html", context)


@login_required
@require_POST
def paste_expiry(request: HttpRequest, pid: str) -> HttpResponse:
    """Change when a paste ends."""
    paste = find_in_workspace(Paste, cast(User, request.user), pid, May.EDIT)
    return change_expiry(request, paste, back="pastebin:paste_list")


@login_required
@require_POST
def paste_link(request: HttpRequest, pid: str) -> HttpResponse:
    """Renew or revoke a paste's private link."""
    paste = find_in_workspace(Paste, cast(User, request.user), pid, May.EDIT)
    return change_link(request, paste, back="pastebin:paste_list", links="pastebin:paste_links")
