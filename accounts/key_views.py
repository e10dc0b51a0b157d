"""The page of a person's API keys. A secret is on the page that made it, and nowhere else."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import keys
from accounts.forms import KeyForm
from accounts.models import ApiKey, Scope, User


@require_http_methods(["GET", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def key_list(request: HttpRequest) -> HttpResponse:
    """List a person's keys; make a new one and show its secret, this once."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, form)
    try:
        made = keys.create_key(
            owner=_person(request),
            name=form.cleaned_data["name"],
            scopes=[Scope(scope) for scope in form.cleaned_data["scopes"]],
            expires_at=form.expires_at(),
        )
    except keys.TooManyKeysError as exc:
        form.add_error(None, str(exc))
        return _page(request, form)
    return _page(request, KeyForm(), made)


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def rotate(request: HttpRequest) -> HttpResponse:
    """Give a key a new secret and show it, this once; the old one goes on for a day."""
    return _page(request, KeyForm(), keys.rotate_key(_own_key(request)))


@require_POST
@login_required
def revoke(request: HttpRequest) -> HttpResponse:
    """Make a key stop."""
    key = _own_key(request)
    keys.revoke_key(key)
    messages.success(request, f"The key “{key.name}” was revoked. Programs that use it stop now.")
    return redirect("account_keys")


def _page(request: HttpRequest, form: KeyForm, made: keys.NewKey | None = None) -> HttpResponse:
    listed = ApiKey.objects.active().filter(owner=_person(request)).order_by("-created_at", "-pk")
    context = {"form": form, "keys": listed, "made": made}
    return render(request, "accounts/key_list.html", context)


def _own_key(request: HttpRequest) -> ApiKey:
    chosen = request.POST.get("key", "")
    rows = ApiKey.objects.active().filter(owner=_person(request))
    key = rows.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 18 else None
    if key is None:
        raise Http404
    return key


def _person(request: HttpRequest) -> User:
    # Behind login_required: says so to the type checker.
    if not isinstance(request.user, User):
        raise TypeError("This view needs somebody signed in.")
    return request.user
