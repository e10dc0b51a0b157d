"""What an owner does with a policy besides editing its rules."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from policies import services
from policies.forms import NameForm
from policies.models import Policy
from policies.views.pages import detail_page, find_policy
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@require_POST
@in_workspace(May.MANAGE)
def policy_name(request: HttpRequest, seat: Seat, policy_id: int) -> HttpResponse:
    """Give a policy another name."""
    policy = find_policy(seat, policy_id)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            services.rename_policy(policy=policy, name=form.cleaned_data["name"], actor=seat.user)
        except services.NameTakenError as exc:
            form.add_error("name", str(exc))
        else:
            messages.success(request, "The policy has its new name.")
            return _to(policy)
    return detail_page(request, seat, policy, form, 422)


@require_POST
@in_workspace(May.MANAGE)
def policy_default(request: HttpRequest, seat: Seat, policy_id: int) -> HttpResponse:
    """Make a policy the one that new items get, or no longer (`on` is "0")."""
    policy = find_policy(seat, policy_id)
    try:
        services.set_default(
            policy=policy, actor=seat.user, is_default=request.POST.get("on") != "0"
        )
    except services.NoSuchPolicyError as exc:
        messages.error(request, str(exc))
    return _to(policy)


@require_POST
@in_workspace(May.MANAGE)
def policy_archive(request: HttpRequest, seat: Seat, policy_id: int) -> HttpResponse:
    """Put a policy away, or take it back into use (`on` is "0")."""
    policy = find_policy(seat, policy_id)
    if request.POST.get("on") == "0":
        services.unarchive_policy(policy=policy, actor=seat.user)
    else:
        services.archive_policy(policy=policy, actor=seat.user)
    return _to(policy)


@require_POST
@in_workspace(May.MANAGE)
def policy_return(request: HttpRequest, seat: Seat, policy_id: int, number: int) -> HttpResponse:
    """Make a new version that says what an earlier one said; `if_version` is the last one seen."""
    policy = find_policy(seat, policy_id)
    earlier = policy.versions.filter(number=number).first()
    if earlier is None:
        raise Http404
    earlier.policy = policy
    written = request.POST.get("if_version", "")
    seen = int(written) if written.isascii() and written.isdecimal() else 0
    try:
        made = services.change_policy(
            policy=policy,
            rules=services.rules_of(earlier),
            actor=seat.user,
            if_version=seen,
            note=f"Back to version {number}",
        )
    except services.PolicyError as exc:
        messages.error(request, f"{exc} Nothing was changed.")
    else:
        messages.success(request, f"Version {made.number} says what version {number} said.")
    return _to(policy)


def _to(policy: Policy) -> HttpResponse:
    return redirect("policies:policy_detail", policy.workspace_id, policy.pk)
