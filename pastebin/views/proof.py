"""The challenge of a proof of work, for pages and programs that post without an account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts import proof


@require_safe
def challenge(request: HttpRequest) -> JsonResponse:
    """Return a new challenge; none where nobody has to prove anything."""
    is_asked = settings.PROOF_BITS > 0
    body = {
        "challenge": proof.new_challenge() if is_asked else None,
        "bits": settings.PROOF_BITS,
        "seconds": proof.LIFETIME_SECONDS,
    }
    return JsonResponse(body, headers={"Cache-Control": "no-store"})
