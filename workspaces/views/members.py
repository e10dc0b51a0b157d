"""The members of a workspace, their roles, and the invitations that are open."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.links import absolute, qr_code
from workspaces.access import Seat, in_workspace
from workspaces.errors import WorkspaceError
from workspaces.forms import InvitationForm, MemberForm, RoleForm
from workspaces.invitations import invite, revoke
from workspaces.members import change_role, remove_member
from workspaces.models import Membership
from workspaces.roles import ALLOWED, May, Role

_ORDER = {role: number for number, role in enumerate(Role)}


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(May.MANAGE)
@sensitive_variables()
def members(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the members and the open invitations; on POST make an invitation and show its link."""
    if request.method != "POST":
        return _page(request, seat, InvitationForm())
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _page(request, seat, form, status=422)
    try:
        made = invite(
            workspace=seat.workspace,
            actor=seat.user,
            role=Role(form.cleaned_data["role"]),
            days=int(form.cleaned_data["days"]),
        )
    except WorkspaceError as exc:
        form.add_error(None, str(exc))
        return _page(request, seat, form, status=409)
    link = absolute(request, reverse("workspaces:join", args=[made.token]))
    shown = {"made": made.invitation, "link": link, "qr": qr_code(link)}
    return _page(request, seat, InvitationForm(), shown=shown)


@require_POST
@in_workspace(May.MANAGE)
def member_role(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Change what a member is."""
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose a member and a role.")
        return _back(seat)
    role = Role(form.cleaned_data["role"])
    try:
        member = change_role(
            workspace=seat.workspace,
            actor=seat.user,
            user_id=form.cleaned_data["member"],
            role=role,
        )
    except WorkspaceError as exc:
        messages.error(request, str(exc))
        return _back(seat)
    messages.success(request, f"{member.user} is {_a(role)} now.")
    if member.user == seat.user and May.MANAGE not in ALLOWED[role]:
        return redirect("workspaces:workspaces")
    return _back(seat)


@require_POST
@in_workspace(May.MANAGE)
def member_remove(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Take a member out; what they own here passes to whoever does it."""
    form = MemberForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was changed: choose a member.")
        return _back(seat)
    try:
        handed = remove_member(
            workspace=seat.workspace, actor=seat.user, user_id=form.cleaned_data["member"]
        )
    except WorkspaceError as exc:
        messages.error(request, str(exc))
    else:
        passed = f" What they owned here ({handed}) is yours now." if handed else ""
        messages.success(request, f"They are no member any more.{passed}")
    return _back(seat)


@require_POST
@in_workspace(May.MANAGE)
def invitation_revoke(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Withdraw an invitation."""
    form = MemberForm(request.POST)
    try:
        gone = form.is_valid() and revoke(
            workspace=seat.workspace, actor=seat.user, invitation_id=form.cleaned_data["member"]
        )
    except WorkspaceError as exc:
        messages.error(request, str(exc))
        return _back(seat)
    if gone:
        messages.success(request, "The invitation was withdrawn. Its link lets nobody in.")
    else:
        messages.error(request, "This invitation was used or withdrawn already.")
    return _back(seat)


def _page(
    request: HttpRequest,
    seat: Seat,
    form: InvitationForm,
    status: int = 200,
    shown: dict[str, Any] | None = None,
) -> HttpResponse:
    held = Membership.objects.filter(workspace=seat.workspace).select_related("user")
    people = sorted(held, key=lambda one: (_ORDER[Role(one.role)], one.user.username.lower()))
    owners = sum(one.role == Role.OWNER for one in people)
    context = {
        "form": form,
        "people": people,
        "roles": Role.choices,
        "only_owner": owners == 1,
        "invitations": seat.workspace.invitations.open()
        .select_related("made_by")
        .order_by("-created_at"),
        **(shown or {}),
    }
    return render(request, "workspaces/members.html", context, status=status)


def _back(seat: Seat) -> HttpResponse:
    # After somebody demoted or removed themselves meanwhile, the page leads them on to a 404.
    return redirect("workspaces:members", wid=seat.workspace.wid)


def _a(role: Role) -> str:
    noun = role.label.lower()
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
