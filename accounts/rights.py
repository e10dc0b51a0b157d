"""What a person may do with all of their account: see where it is open, take it along, end it."""

from __future__ import annotations

from typing import Any

from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import devices
from accounts.erasure import ErasureRefusedError, erase_account, losses_of, refusal_of
from accounts.export import begin_export
from accounts.forms import DeviceForm, PasswordForm
from accounts.views import person_of


@require_safe
@login_required
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Show where a person is signed in."""
    here = request.session.session_key
    found = person_of(request).devices.order_by("-seen_at", "pk")
    rows = [{"device": device, "is_here": device.session_id == here} for device in found]
    # This one first, whenever the others were seen.
    rows.sort(key=lambda row: not row["is_here"])
    return render(request, "accounts/sessions.html", {"rows": rows})


@require_POST
@login_required
def end_session(request: HttpRequest) -> HttpResponseBase:
    """Sign one device out."""
    form = DeviceForm(request.POST)
    if form.is_valid() and devices.end(person_of(request), form.cleaned_data["device"]):
        messages.success(request, "The device was signed out.")
    else:
        messages.error(request, "This device is not signed in any more.")
    return redirect("account_sessions")


@require_POST
@login_required
def end_other_sessions(request: HttpRequest) -> HttpResponseBase:
    """Sign the person out everywhere but here."""
    user = person_of(request)
    user.end_sessions()
    update_session_auth_hash(request, user)
    messages.success(request, "You are signed out everywhere else.")
    return redirect("account_sessions")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@rate_limit(action="reauthenticate")  # type: ignore[untyped-decorator]
def export(request: HttpRequest) -> HttpResponseBase:
    """Ask for the password, then hand out everything a person owns as one file."""
    user = person_of(request)
    form = PasswordForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "accounts/account_export.html", {"form": form})
    response = StreamingHttpResponse(begin_export(user), content_type="application/zip")
    today = timezone.now().strftime("%Y-%m-%d")
    response["Content-Disposition"] = f'attachment; filename="blackbar-{today}.zip"'
    return response


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@rate_limit(action="reauthenticate")  # type: ignore[untyped-decorator]
def delete_account(request: HttpRequest) -> HttpResponseBase:
    """Say what goes and ask for the password, then erase the account with all it keeps."""
    user = person_of(request)
    form = PasswordForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _what_goes(request, form, refusal_of(user))
    try:
        erase_account(user)
    except ErasureRefusedError as exc:
        return _what_goes(request, form, str(exc))
    logout(request)
    messages.success(request, "Your account was deleted, with everything it kept.")
    return redirect("pastebin:compose")


def _what_goes(request: HttpRequest, form: PasswordForm, refusal: str) -> HttpResponseBase:
    losses = losses_of(person_of(request))
    context: dict[str, Any] = {"form": form, "losses": losses, "refusal": refusal}
    return render(request, "accounts/account_delete.html", context)
