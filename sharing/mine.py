"""A person's own items: found again, and changed from the list of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.models import User
from sharing.access import give_cookie
from sharing.expiry import EXPIRY_CHOICES, expiry_time
from sharing.models import Item, Shared, SharedQuerySet
from sharing.rows import ItemRow
from sharing.services import revoke_link, rotate_link, set_expiry
from vault.envelope import UnsealError

PAGE_SIZE = 50
LONGEST_QUERY = 200


def own_list(
    request: HttpRequest,
    items: SharedQuerySet[Item],
    row: Callable[[HttpRequest, Item], ItemRow],
    states: Mapping[str, tuple[str, Q]],
) -> dict[str, Any]:
    """Return what a list shows: one page of the items that were asked for.

    The search looks into what is public (redacted texts) and for a public id or address.
    states: value -> what it is called, and which items are in it
    """
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    state = request.GET.get("state", "")
    if query:
        # NUL cannot be asked for: PostgreSQL holds none.
        wanted = query.replace("\0", "")
        is_text = Q(redacted_text__icontains=wanted)
        items = items.filter(is_text | Q(pid=wanted.rpartition("/")[2]))
    if state in states:
        items = items.filter(states[state][1])
    elif state == "expiring":
        items = items.filter(expires_at__lt=expiry_time("1d"))
    page = Paginator(items, PAGE_SIZE).get_page(request.GET.get("page"))
    named = [(value, name) for value, (name, _) in states.items()]
    return {
        "rows": [row(request, item) for item in page],
        "page_obj": page,
        "query": query,
        "state": state,
        "states": [("", "All"), *named, ("expiring", "Ends within a day")],
        "expiry_choices": [choice for choice in EXPIRY_CHOICES if choice[0] != "custom"],
    }


def change_expiry(request: HttpRequest, item: Shared, *, back: str) -> HttpResponse:
    """Change when an item ends, and lead back to the list."""
    try:
        set_expiry(item, expiry_time(request.POST.get("expires", "")), by=_person(request))
        messages.success(request, "The expiry was changed.")
    except ValueError as exc:
        messages.error(request, str(exc))
    return redirect(back)


def change_link(request: HttpRequest, item: Shared, *, back: str, links: str) -> HttpResponse:
    """Renew an item's private link and lead to it, or revoke it and lead back to the list."""
    action = request.POST.get("action")
    if action == "rotate":
        try:
            token = rotate_link(item, by=_person(request))
        except UnsealError:
            noun = item._meta.verbose_name
            messages.error(request, f"The server could not open this {noun} to make a new link.")
            return redirect(back)
        response = redirect(links, pid=item.pid)
        give_cookie(response, item, token, "links")
        return response
    if action == "revoke":
        revoke_link(item, by=_person(request))
        messages.success(request, "The private link opens nothing any more. You still can.")
    else:
        messages.error(request, "Nothing was changed: choose to renew or to revoke the link.")
    return redirect(back)


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
