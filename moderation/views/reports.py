"""Reports as staff see them: beside each what everybody is shown, and nothing more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.admin_site import site
from accounts.models import User
from moderation import services
from moderation.items import excerpt_of, find_kept, find_public, name_of, public_path
from moderation.models import Report, State
from moderation.services import ModerationError
from vault.envelope import UnsealError

PAGE_ROWS = 50
MOST_OTHERS = 20
_SEE, _HANDLE = "moderation.view_report", "moderation.change_report"
_HANDLERS: dict[str, tuple[Callable[..., None], str]] = {
    "down": (services.take_down, "It is taken down: its page, its files and links open nothing."),
    "back": (services.put_back, "It is shown again."),
    "leave": (services.dismiss, "It is left as it is."),
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report in the list. others: open reports on the same item."""

    report: Report
    noun: str
    others: int


def staff_only(permission: str) -> Callable[[Callable[..., HttpResponse]], Any]:
    """Guard a page of the admin: for staff with a second factor who have a permission."""

    def decorate(view: Callable[..., HttpResponse]) -> Any:
        def allowed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not cast(User, request.user).has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return site.admin_view(allowed)

    return decorate


@staff_only(_SEE)
@never_cache
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    """List the open reports, or those of another state."""
    state = request.GET.get("state", State.OPEN)
    state = state if state in State.values else State.OPEN.value
    on_same = Report.objects.filter(pid=OuterRef("pid"), state=State.OPEN).order_by()
    same = on_same.values("pid").annotate(number=Count("pk")).values("number")
    rows = Report.objects.filter(state=state).select_related("handled_by")
    counted = rows.annotate(same=Subquery(same)).order_by("-created_at", "-pk")
    page = Paginator(counted, PAGE_ROWS).get_page(request.GET.get("page"))
    shown = [_row(one) for one in page]
    counts = dict(Report.objects.order_by().values_list("state").annotate(Count("pk")))
    states = [(value, name, counts.get(value, 0)) for value, name in State.choices]
    context = {"rows": shown, "page_obj": page, "state": state, "states": states}
    return render(request, "moderation/report_list.html", context)


@staff_only(_SEE)
@never_cache
@require_safe
def report_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a report, and the begin of what everybody is shown of the item."""
    one = _find(pk)
    item = find_kept(one.kind, one.pid)
    is_down = services.is_down(item)
    public = find_public(one.kind, one.pid)
    excerpt = public if public is not None else item if is_down else None
    others = Report.objects.filter(pid=one.pid).exclude(pk=one.pk).order_by("-created_at")
    context = {
        "report": one,
        "noun": name_of(one.kind),
        "message": _message(one),
        "is_gone": item is None,
        "is_down": is_down,
        "is_public": public is not None,
        "excerpt": excerpt_of(excerpt) if excerpt is not None else "",
        "public_url": public_path(one.kind, one.pid),
        "others": others[:MOST_OTHERS],
        "may_handle": cast(User, request.user).has_perm(_HANDLE),
    }
    return render(request, "moderation/report_detail.html", context)


@staff_only(_HANDLE)
@require_POST
def report_handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the item down, put it back, or leave it."""
    one = _find(pk)
    handler = _HANDLERS.get(request.POST.get("do", ""))
    if handler is None:
        messages.error(request, "Nothing was changed: choose what to do.")
        return redirect("moderation:report_detail", pk=pk)
    handle, done = handler
    try:
        handle(one, by=request.user)
        messages.success(request, done)
    except ModerationError as exc:
        messages.error(request, str(exc))
    return redirect("moderation:report_detail", pk=pk)


def _row(one: Any) -> ReportRow:
    """Return the row of a report with `same`: how many on its item are open."""
    others = (one.same or 0) - (one.state == State.OPEN)
    return ReportRow(one, name_of(one.kind), others)


def _find(pk: int) -> Report:
    one = Report.objects.select_related("envelope", "handled_by").filter(pk=pk).first()
    if one is None:
        raise Http404
    return one


def _message(one: Report) -> str | None:
    try:
        return services.message_of(one)
    except UnsealError:
        return None
