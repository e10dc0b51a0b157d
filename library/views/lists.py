"""The list of a workspace's items, and its trash."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Count, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from entries.models import EntryQuerySet, Kind
from entries.search import excerpts
from library import filters
from library.filters import NO_FOLDER, Filters
from library.folders import Node, node_of, tree_of
from library.listing import entries_in, listed
from library.rows import LibraryRow, library_rows
from policies.models import Policy
from review.services import reviewers_of
from sharing.expiry import EXPIRY_CHOICES
from sharing.places import choose
from workspaces.access import Seat, in_workspace
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.selects import options

PAGE_SIZE = 30
_PAGE_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
Pairs = Sequence[tuple[object, str]]


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
    wanted = asked.apply(present, seat.user, place.below if place else ())
    page = page_of(wanted, request.GET.get("page"), _known_count(asked, place, counts))
    choices = Choices.of(seat)
    context = {
        "asked": asked,
        "page_obj": page,
        "rows": _rows(seat, page.object_list, {node.pk: node.name for node in tree}, asked.q),
        "total": sum(counts.values()),
        "unfiled": counts.get(None, 0),
        "tree": tree,
        "place": place,
        "is_unfiled": asked.folder == NO_FOLDER,
        "crumbs": [node_of(tree, pk) for pk in place.parents] if place else [],
        "choices": choices,
        "filters": choices.filters(asked),
        "actions": choices.actions(tree, place) if seat.may_edit else {},
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
    trashed = entries_in(seat.workspace, seat.user).trashed()
    page = page_of(trashed.order_by("-trashed_at", "pid"), request.GET.get("page"))
    folders = dict(seat.workspace.folders.values_list("pk", "name"))
    context = {
        "page_obj": page,
        "rows": _rows(seat, page.object_list, folders),
        "days": f"{settings.TRASH_DAYS:g}",
        "asked": Filters(),
    }
    return render(request, "library/trash.html", context)


def page_of(entries: EntryQuerySet, number: str | None, count: int | None = None) -> Page[Any]:
    """Return a page of entries' keys; count: how many there are, None to have them counted.

    They are counted by the query that finds the page: to plan it takes longer than to answer it.
    """
    paginator: Paginator[Any] = Paginator(entries.values_list("pk", flat=True), PAGE_SIZE)
    if count is not None:
        paginator.count = count
    if count is not None or not _PAGE_NUMBER.fullmatch(number or "1"):
        return paginator.get_page(number)
    place = int(number or "1")
    first = (place - 1) * PAGE_SIZE
    counted = entries.annotate(count=Window(Count("*"))).values_list("pk", "count")
    found = list(counted[first : first + PAGE_SIZE])
    if not found:  # none at all, or beyond the last page
        return paginator.get_page(number)
    paginator.count = found[0][1]
    return Page([key for key, _ in found], place, paginator)


def _counts(present: EntryQuerySet) -> dict[int | None, int]:
    """Return how many items lie in each folder itself."""
    return dict(present.order_by().values_list("folder").annotate(Count("pk")))


def _known_count(
    asked: Filters, place: Node | None, counts: Mapping[int | None, int]
) -> int | None:
    """Return how many items there are where the folders' counts say so."""
    if asked.narrows:
        return None
    if not asked.folder:
        return sum(counts.values())
    return place.count if place else None


def _rows(
    seat: Seat, keys: Iterable[UUID], folders: Mapping[int, str], query: str = ""
) -> list[LibraryRow]:
    found = listed(list(keys))
    cut = excerpts(found, query) if query and found else {}
    return library_rows(found, may_open=seat.may_open, folders=folders, excerpts=cut)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen in filters and in actions on chosen items: values, and their words."""

    tags: Pairs
    policies: Pairs
    reviewers: Pairs
    workspaces: Pairs

    @classmethod
    def of(cls, seat: Seat) -> Choices:
        """Return what a workspace has; actions are for editors."""
        workspace, reviewers, elsewhere = seat.workspace, [], []
        if seat.may_edit:
            people = reviewers_of(workspace.pk)
            reviewers = [(member.user.pk, member.user.username) for member in people]
            others = Workspace.objects.of(seat.user, May.EDIT).exclude(pk=workspace.pk)
            elsewhere = [(other.wid, other.name) for other in others]
        policies = Policy.objects.filter(workspace=workspace).in_use()
        return cls(
            tags=list(workspace.tags.order_by("name").values_list("pk", "name")),
            policies=[(policy.pk, policy.name) for policy in policies],
            reviewers=reviewers,
            workspaces=elsewhere,
        )

    def filters(self, asked: Filters) -> dict[str, SafeString]:
        """Return the options of each filter."""
        return {
            "kind": options(Kind.choices, asked.kind),
            "state": options(filters.STATES.items(), asked.state),
            "review": options(filters.REVIEWS.items(), asked.review),
            "who": options(filters.PEOPLE.items(), asked.who),
            "ends": options(filters.ENDS.items(), asked.ends),
            "sort": options(filters.SORTS.items(), asked.sort),
            "tag": options(self.tags, asked.tag),
            "policy": options(self.policies, asked.policy),
        }

    def actions(self, tree: Sequence[Node], place: Node | None) -> dict[str, SafeString]:
        """Return the options of each action on chosen items."""
        return {
            "folder": options(((node.pk, node.where) for node in tree), place and place.pk),
            "tag": options(self.tags),
            "expiry": options(choice for choice in EXPIRY_CHOICES if choice[0] != "custom"),
            "reviewer": options(self.reviewers),
            "policy": options(self.policies),
            "workspace": options(self.workspaces),
        }


def _chips(seat: Seat, asked: Filters, choices: Choices) -> list[Chip]:
    """Return what is asked for in words, each with the way to the list without it."""
    words = {
        "q": f"“{asked.q}”" if asked.q else "",
        "kind": dict(Kind.choices).get(asked.kind, ""),
        "state": filters.STATES.get(asked.state, ""),
        "review": filters.REVIEWS.get(asked.review, ""),
        "tag": _named(choices.tags, asked.tag),
        "policy": _named(choices.policies, asked.policy),
        "who": filters.PEOPLE.get(asked.who, ""),
        "ends": filters.ENDS.get(asked.ends, ""),
    }
    path = reverse("library:items", args=[seat.workspace.wid])
    return [
        Chip(said, f"{path}?{asked.without(name).query}") for name, said in words.items() if said
    ]


def _named(things: Pairs, pk: str) -> str:
    """Return the name of a chosen thing, "" if none is chosen."""
    return next((name for key, name in things if str(key) == pk), "another one" if pk else "")
