"""The list of a workspace's items, and its trash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from entries.models import EntryQuerySet, Kind
from entries.search import excerpts
from library import filters
from library.filters import NO_FOLDER, Filters
from library.folders import node_of, tree_of
from library.listing import entries_in, listed
from library.rows import LibraryRow, library_rows
from policies.models import Policy
from review.services import reviewers_of
from sharing.expiry import EXPIRY_CHOICES
from sharing.places import choose
from workspaces.access import Seat, in_workspace
from workspaces.models import Workspace
from workspaces.roles import May

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that is asked for, and the address of the list without it."""

    words: str
    url: str


@in_workspace(May.SEE)
@vary_on_headers("HX-Request")
@require_safe
def items(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List a workspace's items; the search looks into redacted titles and texts."""
    asked = Filters.read(request.GET.dict())
    present = entries_in(seat.workspace, seat.user).present()
    counts = _counts(present)
    tree = tree_of(seat.workspace, counts)
    place = node_of(tree, asked.folder)
    wanted = asked.apply(listed(present), seat.user, place.below if place else ())
    page = Paginator(wanted, PAGE_SIZE).get_page(request.GET.get("page"))
    choices = _choices(seat)
    context = {
        "asked": asked,
        "page_obj": page,
        "rows": _rows(seat, page.object_list, asked.q),
        "total": sum(counts.values()),
        "unfiled": counts.get(None, 0),
        "tree": tree,
        "place": place,
        "is_unfiled": asked.folder == NO_FOLDER,
        "crumbs": [node_of(tree, pk) for pk in place.parents] if place else [],
        "choices": choices,
        "chips": _chips(seat, asked, choices),
    }
    if request.headers.get("HX-Request"):
        return render(request, "library/_item_table.html", context)
    context["views"] = seat.workspace.views.filter(user=seat.user).order_by("name")
    return render(request, "library/items.html", context)


@in_workspace(May.EDIT)
@require_safe
def new(request: HttpRequest, seat: Seat, kind: str) -> HttpResponse:
    """Lead to the form for a new item, with this workspace chosen there."""
    forms = {
        Kind.PASTE: "pastebin:compose",
        Kind.DOCUMENT: "documents:documents",
        Kind.IMAGE: "images:images",
    }
    if kind not in forms:
        raise Http404
    choose(request.session, seat.workspace)
    return redirect(forms[Kind(kind)])


@in_workspace(May.SEE)
@require_safe
def trash(request: HttpRequest, seat: Seat) -> HttpResponse:
    """List what is in the trash, the latest first, and when it goes for good."""
    trashed = listed(entries_in(seat.workspace, seat.user).trashed())
    page = Paginator(trashed.order_by("-trashed_at", "pid"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "page_obj": page,
        "rows": _rows(seat, page.object_list, ""),
        "days": f"{settings.TRASH_DAYS:g}",
        "asked": Filters(),
    }
    return render(request, "library/trash.html", context)


def _counts(present: EntryQuerySet) -> dict[int | None, int]:
    """Return how many items lie in each folder itself."""
    return dict(present.order_by().values_list("folder").annotate(Count("pk")))


def _rows(seat: Seat, entries: Any, query: str) -> list[LibraryRow]:
    found = list(entries)
    cut = excerpts(found, query) if query and found else {}
    return library_rows(found, may_open=seat.may_open, excerpts=cut)


def _choices(seat: Seat) -> dict[str, Any]:
    """Return what can be chosen in filters and in actions on chosen items."""
    workspace = seat.workspace
    choices: dict[str, Any] = {
        "kind": Kind.choices,
        "state": filters.STATES.items(),
        "review": filters.REVIEWS.items(),
        "who": filters.PEOPLE.items(),
        "ends": filters.ENDS.items(),
        "sort": filters.SORTS.items(),
        "tags": list(workspace.tags.order_by("name")),
        "policies": list(Policy.objects.filter(workspace=workspace).in_use()),
    }
    if seat.may_edit:
        choices["expiry"] = [choice for choice in EXPIRY_CHOICES if choice[0] != "custom"]
        choices["reviewers"] = [member.user for member in reviewers_of(workspace.pk)]
        elsewhere = Workspace.objects.of(seat.user, May.EDIT).exclude(pk=workspace.pk)
        choices["workspaces"] = list(elsewhere)
    return choices


def _chips(seat: Seat, asked: Filters, choices: dict[str, Any]) -> list[Chip]:
    """Return what is asked for in words, each with the way to the list without it."""
    words = {
        "q": f"“{asked.q}”" if asked.q else "",
        "kind": dict(Kind.choices).get(asked.kind, ""),
        "state": filters.STATES.get(asked.state, ""),
        "review": filters.REVIEWS.get(asked.review, ""),
        "tag": _named(choices["tags"], asked.tag),
        "policy": _named(choices["policies"], asked.policy),
        "who": filters.PEOPLE.get(asked.who, ""),
        "ends": filters.ENDS.get(asked.ends, ""),
    }
    path = reverse("library:items", args=[seat.workspace.wid])
    return [
        Chip(said, f"{path}?{asked.without(name).query}") for name, said in words.items() if said
    ]


def _named(things: Sequence[Any], pk: str) -> str:
    """Return the name of a chosen thing, "" if none is chosen."""
    return next((one.name for one in things if str(one.pk) == pk), "another one" if pk else "")
