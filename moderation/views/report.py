"""The form by which anybody reports a public page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.client_address import client_network
from accounts.quotas import Limit, QuotaExceededError, spend
from moderation.forms import ReportForm
from moderation.items import name_of, public_path
from moderation.models import Reason
from moderation.services import report

# So many reports an hour from one network.
MOST_AN_HOUR = 10
_HOUR = 3600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("message")
def report_page(request: HttpRequest, kind: str, pid: str) -> HttpResponse:
    """Show the form; on POST keep the report.

    All is answered alike whether or not there is such a page.
    """
    context = {"noun": name_of(kind), "public_url": public_path(kind, pid)}
    if request.method != "POST":
        return render(request, "moderation/report.html", context | {"form": ReportForm()})
    form = ReportForm(request.POST)
    if not form.is_valid():
        return render(request, "moderation/report.html", context | {"form": form}, status=422)
    network = _network(request)
    try:
        spend([Limit("reports", f"reporter {network}", MOST_AN_HOUR, _HOUR)])
    except QuotaExceededError as exc:
        return _too_many(request, exc.limit)
    report(
        kind=kind,
        pid=pid,
        reason=Reason(form.cleaned_data["reason"]),
        message=form.cleaned_data["message"],
        network=network,
    )
    return render(request, "moderation/report_thanks.html", context)


def _too_many(request: HttpRequest, limit: Limit) -> HttpResponse:
    seconds = limit.seconds_left or _HOUR
    page = render(
        request, "moderation/report_many.html", {"minutes": -(-seconds // 60)}, status=429
    )
    page["Retry-After"] = str(seconds)
    return page


def _network(request: HttpRequest) -> str:
    digest = salted_hmac("moderation network", client_network(request), algorithm="sha256")
    return digest.hexdigest()[:32]
