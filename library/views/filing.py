"""Folders, tags and saved views of a workspace."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from entries.models import Colour
from library import filing
from library.filters import Filters
from library.folders import tree_of
from library.forms import FolderForm, TagForm, ViewForm
from library.listing import entries_in
from library.services import LibraryError
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@in_workspace(May.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def folders(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the folders, to change them; make another one."""
    form = FolderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: filing.make_folder(
            user=seat.user,
            workspace=seat.workspace,
            name=form.cleaned_data["name"],
            parent=form.cleaned_data["parent"],
        ),
        "The folder was made.",
    ):
        return redirect("library:folders", wid=seat.workspace.wid)
    present = entries_in(seat.workspace, seat.user).present().order_by()
    counts = dict(present.values_list("folder").annotate(Count("pk")))
    context = {"form": form, "tree": tree_of(seat.workspace, counts)}
    return render(request, "library/folders.html", context)


@in_workspace(May.EDIT)
@require_POST
def folder(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Rename a folder, or put it into another one."""
    form = FolderForm(request.POST)
    _done(
        request,
        form,
        lambda: filing.change_folder(
            user=seat.user,
            workspace=seat.workspace,
            pk=pk,
            name=form.cleaned_data["name"],
            parent=form.cleaned_data["parent"],
        ),
        "The folder was changed.",
    )
    return redirect("library:folders", wid=seat.workspace.wid)


@in_workspace(May.EDIT)
@require_POST
def folder_delete(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Delete a folder; what lies in it goes to the folder around it."""
    _done(
        request,
        None,
        lambda: filing.delete_folder(user=seat.user, workspace=seat.workspace, pk=pk),
        "The folder was deleted. What lay in it lies one folder higher now.",
    )
    return redirect("library:folders", wid=seat.workspace.wid)


@in_workspace(May.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def tags(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the tags, to change them; make another one."""
    form = TagForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and _done(
        request,
        form,
        lambda: filing.make_tag(user=seat.user, workspace=seat.workspace, **form.cleaned_data),
        "The tag was made.",
    ):
        return redirect("library:tags", wid=seat.workspace.wid)
    used = Count("entries", filter=Q(entries__trashed_at=None))
    listed = seat.workspace.tags.annotate(used=used).order_by("name")
    context = {"form": form, "tags": listed, "colours": Colour.choices}
    return render(request, "library/tags.html", context)


@in_workspace(May.EDIT)
@require_POST
def tag(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Rename or recolour a tag."""
    form = TagForm(request.POST)
    _done(
        request,
        form,
        lambda: filing.change_tag(
            user=seat.user, workspace=seat.workspace, pk=pk, **form.cleaned_data
        ),
        "The tag was changed.",
    )
    return redirect("library:tags", wid=seat.workspace.wid)


@in_workspace(May.EDIT)
@require_POST
def tag_delete(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Delete a tag; items lose it and nothing else."""
    _done(
        request,
        None,
        lambda: filing.delete_tag(user=seat.user, workspace=seat.workspace, pk=pk),
        "The tag was deleted. The items are as they were.",
    )
    return redirect("library:tags", wid=seat.workspace.wid)


@in_workspace(May.SEE)
@require_POST
def view_save(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Keep the present filters under a name."""
    form = ViewForm(request.POST)
    asked = Filters.read(QueryDict(request.POST.get("query", "")[:2000]).dict())
    _done(
        request,
        form,
        lambda: filing.save_view(
            user=seat.user,
            workspace=seat.workspace,
            name=form.cleaned_data["name"],
            query=asked.query,
        ),
        "The view was saved. Only you see it.",
    )
    path = reverse("library:items", args=[seat.workspace.wid])
    return redirect(f"{path}?{asked.query}" if asked.query else path)


@in_workspace(May.SEE)
@require_POST
def view_delete(request: HttpRequest, seat: Seat, pk: int) -> HttpResponse:
    """Forget a view of one's own."""
    _done(
        request,
        None,
        lambda: filing.delete_view(user=seat.user, workspace=seat.workspace, pk=pk),
        "The view was deleted.",
    )
    return redirect("library:items", wid=seat.workspace.wid)


def _done(request: HttpRequest, form: Form | None, act: Callable[[], object], said: str) -> bool:
    """Do something if the form allows it, and say how it went."""
    if form is not None and not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return False
    try:
        act()
    except LibraryError as exc:
        messages.error(request, str(exc))
        return False
    messages.success(request, said)
    return True
