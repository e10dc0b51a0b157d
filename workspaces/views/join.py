"""The page that an invitation leads to. Without the right token it tells of no workspace."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.models import User
from workspaces import invitations
from workspaces.errors import AlreadyMemberError, InvitationEndedError
from workspaces.roles import Role

# What each role lets one do, for whoever is asked to join.
MEANS = {
    Role.OWNER: "You manage its members, policies and record, and may do everything in it.",
    Role.EDITOR: "You add, share and remove what is in it, and see the originals.",
    Role.REVIEWER: "You see the originals, correct what is hidden, and approve.",
    Role.VIEWER: "You see the redacted versions and the clean files, no originals.",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show what an invitation is to, and on POST join. Whoever is not signed in comes back here."""
    user = request.user if isinstance(request.user, User) else None
    if user is not None and (held := invitations.membership_by(token, user)):
        context = {"workspace": held.workspace, "role": Role(held.role)}
        return render(request, "workspaces/join_member.html", context)
    try:
        invitation = invitations.find(token)
        if request.method == "POST":
            return _join(request, token, user)
    except AlreadyMemberError:
        return redirect("workspaces:join", token=token)
    except InvitationEndedError as exc:
        return render(request, "workspaces/join_ended.html", {"sentence": str(exc)}, status=404)
    role = Role(invitation.role)
    context = {
        "workspace": invitation.workspace,
        "role": role,
        "means": MEANS[role],
        "until": invitation.expires_at,
        "back": request.get_full_path(),
    }
    return render(request, "workspaces/join.html", context)


def _join(request: HttpRequest, token: str, user: User | None) -> HttpResponse:
    if user is None:
        return redirect_to_login(request.get_full_path())
    member = invitations.accept(token=token, user=user)
    messages.success(request, f"You are in “{member.workspace.name}” now.")
    return redirect("library:items", wid=member.workspace_id)
