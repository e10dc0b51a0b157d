"""The pages of a person's webhooks. A secret is on the page that made it, and nowhere else."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from webhooks import services
from webhooks.forms import WebhookForm
from webhooks.models import Webhook
from webhooks.services import DisabledError, NewSecret

LOGGED = 50


@require_http_methods(["GET", "POST"])
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def webhook_list(request: HttpRequest) -> HttpResponse:
    """List a person's webhooks; make a new one and show its secret, this once."""
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _list_page(request, form)
    try:
        made = services.create_webhook(
            owner=_person(request), url=form.cleaned_data["url"], events=form.chosen()
        )
    except services.TooManyWebhooksError as exc:
        form.add_error(None, str(exc))
        return _list_page(request, form)
    return _list_page(request, WebhookForm(), made)


@require_safe
@login_required
def webhook_log(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Show what was and what is to be sent to a webhook."""
    return _log_page(request, _own(request, webhook_id))


@require_POST
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def renew(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Give a webhook another secret and show it, this once; for a day both sign."""
    made = services.renew_secret(_own(request, webhook_id))
    return _log_page(request, made.webhook, made)


@require_POST
@login_required
def change(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """Send a test, send one message again, switch on or off, or delete."""
    webhook = _own(request, webhook_id)
    action, chosen = request.POST.get("action"), request.POST.get("redeliver")
    try:
        if chosen is not None:
            _send_again(webhook, chosen)
            messages.success(request, "The message is sent again.")
        elif action == "test":
            services.send_test(webhook)
            messages.success(request, "A test is on its way. Reload in a moment to see it arrive.")
        elif action == "on":
            services.switch_on(webhook)
            messages.success(request, "The webhook is on. What waited is sent now.")
        elif action == "off":
            services.switch_off(webhook, "You switched it off.")
            messages.success(request, "The webhook is off.")
        elif action == "delete":
            webhook.delete()
            messages.success(request, "The webhook was deleted, with its log.")
            return redirect("account_webhooks")
    except DisabledError as exc:
        messages.error(request, str(exc))
    return redirect("account_webhook", webhook_id=webhook_id)


def _send_again(webhook: Webhook, delivery_id: str) -> None:
    """Send one message again. Raises Http404, DisabledError."""
    rows = webhook.deliveries.select_related("webhook")
    delivery = rows.filter(pk=delivery_id.replace("\0", "")).first()
    if delivery is None:
        raise Http404
    services.redeliver(delivery)


def _list_page(
    request: HttpRequest, form: WebhookForm, made: NewSecret | None = None
) -> HttpResponse:
    rows = Webhook.objects.filter(owner=_person(request)).order_by("-created_at", "pk")
    context: dict[str, Any] = {"form": form, "webhooks": rows, "made": made}
    return render(request, "accounts/webhook_list.html", context)


def _log_page(
    request: HttpRequest, webhook: Webhook, made: NewSecret | None = None
) -> HttpResponse:
    rows = webhook.deliveries.order_by("-created_at", "pk")[:LOGGED]
    context: dict[str, Any] = {
        "webhook": webhook,
        "deliveries": rows,
        "made": made,
        "logged": LOGGED,
        "kept_days": services.KEPT.days,
    }
    return render(request, "accounts/webhook_log.html", context)


def _own(request: HttpRequest, webhook_id: str) -> Webhook:
    webhook = Webhook.objects.filter(owner=_person(request), pk=webhook_id).first()
    if webhook is None:
        raise Http404
    return webhook


def _person(request: HttpRequest) -> User:
    # Behind login_required: says so to the type checker.
    if not isinstance(request.user, User):
        raise TypeError("This view needs somebody signed in.")
    return request.user
