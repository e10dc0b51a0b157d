"""The page that says whether a file is the clean one of which a certificate speaks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from documents import certificates
from documents.forms import VerifyForm, megabytes


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Show the form; on POST compare a file with its certificate. Nothing of either is kept."""
    context: dict[str, Any] = {"most_text": megabytes(settings.MAX_FILE_BYTES)}
    if request.method != "POST":
        return render(request, "documents/verify.html", context | {"form": VerifyForm()})
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "documents/verify.html", context | {"form": form}, status=422)
    fields = form.cleaned_data["certificate"]
    verdict = certificates.check(form.cleaned_data["file"].read(), fields)
    context |= {"form": VerifyForm(), "verdict": verdict, "fields": fields}
    return render(request, "documents/verify.html", context)
