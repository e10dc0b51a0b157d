"""The form by which anybody reports a public page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.client_address import client_network
from accounts.pace import REPORT, count, too_often
from accounts.quotas import QuotaExceededError
from moderation.forms import ReportForm
from moderation.items import name_of, public_path
from moderation.models import Reason
from moderation.services import report


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
    try:
        count(request, REPORT)
    except QuotaExceededError as exc:
        form.add_error(None, too_often(exc.limit))
        page = render(request, "moderation/report.html", context | {"form": form}, status=429)
        page["Retry-After"] = str(exc.limit.seconds_left)
        return page
    report(
        kind=kind,
        pid=pid,
        reason=Reason(form.cleaned_data["reason"]),
        message=form.cleaned_data["message"],
        network=_network(request),
    )
    return render(request, "moderation/report_thanks.html", context)


def _network(request: HttpRequest) -> str:
    digest = salted_hmac("moderation network", client_network(request), algorithm="sha256")
    return digest.hexdigest()[:32]
