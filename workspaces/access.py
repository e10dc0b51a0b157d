"""Pages of a workspace: who may see them is decided here, by role."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache

from accounts.models import User
from workspaces.models import Membership, Workspace
from workspaces.roles import ALLOWED, May, Role

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's place in a workspace, for the request at hand."""

    workspace: Workspace
    user: User
    role: Role

    def may(self, may: May) -> bool:
        """Say whether the role allows something."""
        return may in ALLOWED[self.role]

    # For templates, which cannot call with arguments.
    @property
    def may_open(self) -> bool:
        """Say whether originals may be opened."""
        return self.may(May.OPEN)

    @property
    def may_edit(self) -> bool:
        """Say whether items may be added, shared and removed."""
        return self.may(May.EDIT)

    @property
    def may_manage(self) -> bool:
        """Say whether members, policies and the record may be seen and changed."""
        return self.may(May.MANAGE)


def seat_of(user: User, wid: str, may: May) -> Seat:
    """Return a person's place in a workspace. Raises Http404 if they may not do that there."""
    held = (
        Membership.objects.select_related("workspace__envelope")
        .filter(user=user, workspace=wid)
        .first()
    )
    if held is None or may not in ALLOWED[Role(held.role)]:
        raise Http404
    return Seat(held.workspace, user, Role(held.role))


def in_workspace(
    may: May,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Seat, P], HttpResponseBase]],
    Callable[..., HttpResponseBase],
]:
    """Give a view the asker's seat in the workspace that its address names.

    Whoever is not signed in is led to sign-in; to whom it is not allowed, the workspace does not
    exist. The seat is also the request's `seat`, for templates.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Seat, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @never_cache
        @functools.wraps(view)
        def seated(
            request: HttpRequest, wid: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if not isinstance(request.user, User):
                return redirect_to_login(request.get_full_path())
            seat = seat_of(request.user, wid, may)
            request.seat = seat  # type: ignore[attr-defined]
            return view(request, seat, *args, **kwargs)

        return seated

    return decorate
