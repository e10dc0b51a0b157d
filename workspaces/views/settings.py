"""The settings of a workspace: its name, what is removed when, and its end."""

from __future__ import annotations

import itertools
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from workspaces import belongings
from workspaces.access import Seat, in_workspace
from workspaces.errors import WorkspaceError
from workspaces.forms import NameForm
from workspaces.removal import delete_workspace
from workspaces.roles import May
from workspaces.services import rename

# Until when the page counts what ends: days and what people call them.
ENDS = ((1, "Within a day"), (7, "Within 7 days"), (30, "Within 30 days"), (3660, "Later"))


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(May.MANAGE)
def settings_page(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show what can be set; on POST give the workspace another name."""
    form = NameForm(request.POST if request.method == "POST" else {"name": seat.workspace.name})
    if request.method != "POST" or not form.is_valid():
        return _page(request, seat, form, status=422 if request.method == "POST" else 200)
    try:
        rename(workspace=seat.workspace, actor=seat.user, name=form.cleaned_data["name"])
    except WorkspaceError as exc:
        messages.error(request, str(exc))
        return redirect("workspaces:workspaces")
    messages.success(request, "The name was changed.")
    return redirect("workspaces:settings", wid=seat.workspace.wid)


@require_POST
@in_workspace(May.MANAGE)
def workspace_delete(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Delete a workspace with all there is in it, once its name was typed."""
    name = seat.workspace.name
    try:
        delete_workspace(
            workspace=seat.workspace, actor=seat.user, typed_name=request.POST.get("name", "")
        )
    except WorkspaceError as exc:
        form = NameForm({"name": name})
        return _page(request, seat, form, status=422, delete_error=str(exc))
    messages.success(request, f"“{name}” was deleted, with everything in it.")
    return redirect("workspaces:workspaces")


def _page(
    request: HttpRequest, seat: Seat, form: NameForm, status: int, delete_error: str = ""
) -> HttpResponse:
    now = timezone.now()
    moments = [now + timedelta(days=days) for days, _ in ENDS]
    until = belongings.ends_by(seat.workspace.wid, moments)
    counts = [until[0], *(late - soon for soon, late in itertools.pairwise(until))]
    context = {
        "form": form,
        "delete_error": delete_error,
        "ends": [(said, count) for (_, said), count in zip(ENDS, counts, strict=True)],
        "trash_days": f"{settings.TRASH_DAYS:g}",
        "sweep_minutes": max(1, round(settings.SWEEP_SECONDS / 60)),
    }
    return render(request, "workspaces/settings.html", context, status=status)
