"""What is done to the items that were chosen in a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from library import moving, services
from library.filters import Filters
from library.services import MOST_AT_ONCE, LibraryError
from policies.models import Policy
from policies.services import PolicyError, latest_version
from sharing.expiry import expiry_time
from sharing.public_cache import CacheUnreachableError
from sharing.services import SharingError
from vault.envelope import UnsealError
from workspaces.access import Seat, in_workspace
from workspaces.models import Workspace
from workspaces.roles import May

Act = Callable[[Seat, list[str], Mapping[str, str]], str]


@in_workspace(May.EDIT)
@require_POST
def bulk(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Do something to the chosen items, and lead back to the list as it was."""
    asked = Filters.read(QueryDict(request.POST.get("back", "")).dict())
    path = reverse("library:items", args=[seat.workspace.wid])
    return _act(request, seat, ACTS, f"{path}?{asked.query}" if asked.query else path)


@in_workspace(May.EDIT)
@require_POST
def trash_bulk(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Restore the chosen items, or delete them for good."""
    return _act(request, seat, TRASH_ACTS, reverse("library:trash", args=[seat.workspace.wid]))


@in_workspace(May.EDIT)
@require_POST
def empty(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Delete what is in the trash for good."""
    gone, left = services.empty_trash(user=seat.user, workspace=seat.workspace)
    if left:
        messages.success(
            request,
            f"{_items(gone)} deleted for good; {MOST_AT_ONCE} go at once, {left} are left. "
            "Empty it again to go on.",
        )
    else:
        messages.success(request, f"The trash is empty: {_items(gone)} deleted for good.")
    return redirect("library:trash", wid=seat.workspace.wid)


def _act(request: HttpRequest, seat: Seat, acts: Mapping[str, Act], back: str) -> HttpResponse:
    act = acts.get(request.POST.get("action", ""), _nothing)
    pids = request.POST.getlist("pid")[: MOST_AT_ONCE * 2]
    try:
        messages.success(request, act(seat, pids, request.POST.dict()))
    except (LibraryError, SharingError, PolicyError, ValueError) as exc:
        messages.error(request, str(exc))
    except UnsealError:
        messages.error(request, "The server could not open one of them. Nothing was changed.")
    except CacheUnreachableError:
        messages.error(request, "The shared pages could not be changed. Nothing was changed.")
    return redirect(back)


def _nothing(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    raise LibraryError("Choose what to do with them.")


def _file(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    chosen = given.get("to_folder", "")
    folder = None if chosen == "none" else _one(seat.workspace.folders, chosen, "folder")
    count = services.put_into_folder(**_who(seat), pids=pids, folder=folder)
    where = f"put into {folder.name}" if folder else "taken out of their folder"
    return f"{_items(count)} {where}."


def _tag(seat: Seat, pids: list[str], given: Mapping[str, str], *, is_on: bool = True) -> str:
    tag = _one(seat.workspace.tags, given.get("give_tag", ""), "tag")
    count = services.tag_items(**_who(seat), pids=pids, tag=tag, is_on=is_on)
    return f"{_items(count)} tagged {tag.name}." if is_on else f"{tag.name} taken off."


def _untag(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    return _tag(seat, pids, given, is_on=False)


def _expiry(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    ends = expiry_time(given.get("expires", ""))
    count = services.set_expiries(**_who(seat), pids=pids, expires_at=ends)
    return f"The expiry of {_items(count)} was changed."


def _assign(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    chosen = given.get("assignee", "")
    people = User.objects.filter(memberships__workspace=seat.workspace)
    person = None if chosen == "none" else _one(people, chosen, "member")
    count = services.assign_items(**_who(seat), pids=pids, assignee=person)
    return f"{_items(count)} assigned to {person.username if person else 'nobody'}."


def _trash(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    count = services.trash_items(**_who(seat), pids=pids)
    return f"{_items(count)} put into the trash. Their links are off until you restore them."


def _move(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    mine = Workspace.objects.of(seat.user, May.EDIT).exclude(pk=seat.workspace.pk)
    target = _one(mine, given.get("to_workspace", ""), "workspace")
    count = moving.move_items(**_who(seat), pids=pids, target=target)
    return f"{_items(count)} moved to {target.name}."


def _rerun(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    policies = Policy.objects.filter(workspace=seat.workspace).in_use()
    policy = _one(policies, given.get("under_policy", ""), "policy")
    version = latest_version(policy)
    count = moving.rerun_items(**_who(seat), pids=pids, version=version)
    return f"{_items(count)} done again under {policy.name}, version {version.number}."


def _restore(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    count = services.restore_items(**_who(seat), pids=pids)
    return f"{_items(count)} restored. Their links work again."


def _delete(seat: Seat, pids: list[str], given: Mapping[str, str]) -> str:
    count = services.delete_items(**_who(seat), pids=pids)
    return f"{_items(count)} deleted for good."


ACTS: dict[str, Act] = {
    "file": _file,
    "tag": _tag,
    "untag": _untag,
    "expiry": _expiry,
    "assign": _assign,
    "trash": _trash,
    "move": _move,
    "rerun": _rerun,
}
TRASH_ACTS: dict[str, Act] = {"restore": _restore, "delete": _delete}


def _who(seat: Seat) -> dict[str, Any]:
    return {"user": seat.user, "workspace": seat.workspace}


def _one(things: Any, pk: str, noun: str) -> Any:
    """Return the chosen thing of a queryset. Raises LibraryError if there is none."""
    model = things.model
    try:
        wanted = model._meta.pk.to_python(pk) if pk else None
    except Exception as exc:
        raise LibraryError(f"Choose a {noun}.") from exc
    found = things.filter(pk=wanted).first() if wanted is not None else None
    if found is None:
        raise LibraryError(f"Choose a {noun} first.")
    return found


def _items(count: int) -> str:
    return "1 item" if count == 1 else f"{count} items"
