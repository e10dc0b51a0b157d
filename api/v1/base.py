"""What views of the native API share: who may call, limits and their headers, bodies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.quotas import Use
from api.callers import KeyAuthentication, caller_of
from api.rendering import ExactJSONRenderer
from api.v1.problems import Problem


class JSONWhateverIsAccepted(DefaultContentNegotiation):
    """Answers are JSON, or the file itself: what `Accept` says decides nothing."""

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        """Return the first renderer and its type."""
        first = next(iter(renderers))
        return first, first.media_type


class NativeView(APIView):
    """A view for programs and for pages; `scopes` says by method what a caller must be allowed."""

    authentication_classes = (KeyAuthentication, SessionAuthentication)
    parser_classes: Sequence[type[BaseParser]] = (JSONParser,)
    renderer_classes = (ExactJSONRenderer,)
    content_negotiation_class = JSONWhateverIsAccepted
    scopes: ClassVar[Mapping[str, str]] = {}
    needs_account: ClassVar[bool] = False

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and check what the caller may do."""
        super().initial(request, *args, **kwargs)
        caller = caller_of(request)
        if self.needs_account and caller.user is None:
            raise Problem(401, "key_needed", "Send a key as Authorization: Bearer <key>.")
        scope = self.scopes.get(request.method or "")
        if scope is not None and not caller.allows(scope):
            raise Problem(
                403 if caller.user else 401,
                "scope_needed" if caller.user else "key_needed",
                f"This needs a key with the scope {scope}.",
            )


def fields_of(request: Request, known: Sequence[str]) -> dict[str, Any]:
    """Return the body's fields. Raises Problem for what is no object or has unknown fields."""
    data = request.data
    if not isinstance(data, dict):
        raise Problem(422, "invalid", "The body must be a JSON object.")
    if not set(data) <= set(known):
        # Names of fields may be text that slipped in; they are not repeated.
        raise Problem(422, "invalid", f"Known fields are {', '.join(sorted(known))}.")
    return dict(data)


def with_limits(response: Response, uses: Sequence[Use]) -> Response:
    """Say in the headers what the limits are and what is left (draft-ietf-httpapi-ratelimit)."""
    if uses:
        policies, states = [], []
        for use in uses:
            limit, window = use.limit, use.limit.window_seconds
            policies.append(
                f'"{limit.name}";q={limit.requests}' + (f";w={window}" if window else "")
            )
            left = limit.seconds_left
            states.append(f'"{limit.name}";r={use.left}' + (f";t={left}" if left else ""))
        response["RateLimit-Policy"] = ", ".join(policies)
        response["RateLimit"] = ", ".join(states)
    return response
