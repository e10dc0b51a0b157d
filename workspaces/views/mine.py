"""A person's workspaces: the list of them, a new one, the menu that leads to them, leaving one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from workspaces.access import Seat, in_workspace
from workspaces.errors import WorkspaceError
from workspaces.forms import NameForm
from workspaces.members import leave
from workspaces.models import Membership, Workspace, member_counts
from workspaces.roles import ALLOWED, May, Role
from workspaces.services import create_workspace, personal_of


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def workspaces(request: HttpRequest) -> HttpResponse:
    """Show the workspaces a person is in; on POST make one."""
    user = _person(request)
    form = NameForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = create_workspace(name=form.cleaned_data["name"], owner=user)
        messages.success(request, "The workspace was made. Invite those who work in it with you.")
        return redirect("workspaces:members", wid=made.wid)
    personal_of(user)
    context = {"form": form, "memberships": _memberships(user)}
    status = 422 if form.errors else 200
    return render(request, "workspaces/workspaces.html", context, status=status)


@never_cache
@login_required
@require_safe
def menu(request: HttpRequest) -> HttpResponse:
    """Return the menu of a person's workspaces, the present one marked."""
    user = _person(request)
    personal_of(user)
    context: dict[str, Any] = {
        "places": Workspace.objects.of(user),
        "present": request.GET.get("at", ""),
    }
    return render(request, "workspaces/_menu.html", context)


@require_POST
@in_workspace(May.SEE)
def leave_workspace(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Leave a workspace; what one owns there passes on."""
    try:
        handed = leave(workspace=seat.workspace, user=seat.user)
    except WorkspaceError as exc:
        messages.error(request, str(exc))
    else:
        passed = f" What you owned there ({handed}) belongs to an owner of it now."
        said = f"You left “{seat.workspace.name}”."
        messages.success(request, said + (passed if handed else ""))
    return redirect("workspaces:workspaces")


def _memberships(user: User) -> list[dict[str, Any]]:
    """Return a person's places, the personal one first, as the list shows them."""
    held = dict(Membership.objects.filter(user=user).values_list("workspace", "role"))
    people = member_counts(held.keys())
    return [
        {
            "workspace": workspace,
            "role": Role(held[workspace.pk]),
            "people": people[workspace.pk],
            "may_manage": May.MANAGE in ALLOWED[Role(held[workspace.pk])],
        }
        for workspace in Workspace.objects.of(user)
        if workspace.pk in people and workspace.pk in held
    ]


def _person(request: HttpRequest) -> User:
    # Behind login_required: says so to the type checker.
    if not isinstance(request.user, User):
        raise TypeError("This view needs somebody signed in.")
    return request.user
