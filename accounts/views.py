"""The account's own pages; signing in and the second step are allauth's."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import views as allauth_views
from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.adapter import MailError
from accounts.forms import EmailForm
from accounts.models import User
from accounts.pace import PASSWORD_MAIL, SIGN_IN, SIGN_UP, Pace, count, too_often
from accounts.quotas import QuotaExceededError
from accounts.services import change_email
from accounts.two_step import two_step_status


@require_GET
@login_required
def account_settings(request: HttpRequest) -> HttpResponse:
    """Show everything a person can change about the account."""
    context = {"two_step": two_step_status(person_of(request))}
    return render(request, "accounts/account_settings.html", context)


@require_http_methods(["GET", "POST"])
@login_required
@rate_limit(action="manage_email")  # type: ignore[untyped-decorator]
@reauthentication_required  # type: ignore[untyped-decorator]
def account_email(request: HttpRequest) -> HttpResponse:
    """Set or remove the e-mail address, and tell the earlier one."""
    user = person_of(request)
    form = EmailForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        form.initial["email"] = user.email
        return render(request, "accounts/account_email.html", {"form": form})
    earlier, email = user.email, form.cleaned_data["email"]
    if email != earlier:
        change_email(user=user, email=email)
        if earlier:
            get_adapter().send_notification_mail("account/email/email_changed", user, email=earlier)
        messages.success(
            request, "Your address was changed." if email else "Your address was removed."
        )
    return redirect("account_settings")


class Paced:
    """A page whose form may be sent so often from one network; what was typed stays in it.

    Passwords are typed anew: no page of ours ever holds one.
    """

    pace: ClassVar[Pace]
    kept: ClassVar[tuple[str, ...]]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the form, or say when it may be sent again. Raises redis.RedisError."""
        page: Any = self
        try:
            count(request, self.pace)
        except QuotaExceededError as exc:
            typed = {name: request.POST.get(name, "") for name in self.kept}
            # Unbound: checking it would try the password.
            form = page.get_form_class()(initial=typed)
            context = page.get_context_data(form=form, too_often=too_often(exc.limit))
            response: HttpResponse = page.render_to_response(context, status=429)
            response["Retry-After"] = str(exc.limit.seconds_left)
            return response
        answer: HttpResponse = super().post(request, *args, **kwargs)  # type: ignore[misc]
        return answer


class LoginView(Paced, allauth_views.LoginView):  # type: ignore[misc]
    """Sign in."""

    pace, kept = SIGN_IN, ("login", "remember")


class SignupView(Paced, allauth_views.SignupView):  # type: ignore[misc]
    """Make an account."""

    pace, kept = SIGN_UP, ("username", "email")


class PasswordResetView(Paced, allauth_views.PasswordResetView):  # type: ignore[misc]
    """Ask for a link by mail."""

    pace, kept = PASSWORD_MAIL, ("email",)

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the mail, or say that none could be sent: to everybody alike."""
        try:
            response: HttpResponse = super().form_valid(form)
        except MailError:
            form.add_error(None, "The mail could not be sent. Try again in a few minutes.")
            response = self.render_to_response(self.get_context_data(form=form), status=503)
        return response


def person_of(request: HttpRequest) -> User:
    """Return who is signed in, behind login_required: says so to the type checker."""
    if not isinstance(request.user, User):
        raise TypeError("This view needs somebody signed in.")
    return request.user
