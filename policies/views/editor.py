"""The editor: a new policy, or the next version of one, tried on a sample before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods

from anonymizer.redaction import DetectionFailedError, StillRunningError
from anonymizer.rules import Rules
from inference.room import QueueFullError
from policies import services
from policies.catalogue import OPERATOR_EXAMPLES, OPERATORS
from policies.editor import Editor
from policies.forms import NameForm
from policies.models import Policy, PolicyVersion
from policies.samples import open_sample, samples_of
from policies.trial import Trial, try_rules
from policies.views.pages import compared, find_policy
from vault.envelope import UnsealError
from workspaces.access import Seat, in_workspace
from workspaces.keys import hash_key_of
from workspaces.roles import May
from workspaces.selects import options

_BUSY = "The detector has too much to do just now. Nothing of the sample was kept; try again soon."


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of trying: a trial, or a sentence that says why there is none."""

    trial: Trial | None = None
    error: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(May.MANAGE)
def policy_new(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the form of a new policy; try or make it."""
    if request.method != "POST":
        return _page(request, seat, Editor(), name_form=NameForm())
    editor, name_form = Editor(data=request.POST), NameForm(request.POST)
    action = request.POST.get("do", "save")
    if action in {"always", "category"}:
        editor.with_another(action)
        return _page(request, seat, editor, name_form=NameForm(initial=request.POST.dict()))
    rules = editor.read()
    if action == "try":
        tried = _try(seat, editor, None, rules)
        kept = NameForm(initial=request.POST.dict())
        return _page(request, seat, editor, name_form=kept, tried=tried)
    if not name_form.is_valid() or rules is None:
        return _page(request, seat, editor, name_form=name_form, status=422)
    try:
        version = services.create_policy(
            workspace=seat.workspace,
            name=name_form.cleaned_data["name"],
            rules=rules,
            actor=seat.user,
            note=editor.form.cleaned_data["note"],
        )
    except services.PolicyError as exc:
        name_form.add_error("name", str(exc))
        return _page(request, seat, editor, name_form=name_form, status=422)
    messages.success(request, "The policy is made. It holds for what is made under it.")
    return _to(version.policy)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(May.MANAGE)
def policy_edit(request: HttpRequest, seat: Seat, policy_id: int) -> HttpResponse:
    """Show a policy's form; try what is changed, or make it the next version."""
    policy = find_policy(seat, policy_id)
    last = services.latest_version(policy)
    last.policy = policy
    current = services.rules_of(last)
    if request.method != "POST":
        return _page(request, seat, Editor(rules=current, version=last.number), last=last)
    editor = Editor(rules=current, data=request.POST)
    action = request.POST.get("do", "save")
    if action in {"always", "category"}:
        editor.with_another(action)
        return _page(request, seat, editor, last=last)
    rules = editor.read()
    if action == "try":
        return _page(request, seat, editor, last=last, tried=_try(seat, editor, current, rules))
    if rules is None:
        return _page(request, seat, editor, last=last, status=422)
    seen = editor.form.cleaned_data["if_version"] or 0
    try:
        made = services.change_policy(
            policy=policy,
            rules=rules,
            actor=seat.user,
            if_version=seen,
            note=editor.form.cleaned_data["note"],
        )
    except services.ChangedMeanwhileError as exc:
        return _conflict_page(request, seat, editor, seen, exc.newer)
    except services.NothingChangedError as exc:
        editor.form.add_error(None, f"{exc} No version was made.")
        return _page(request, seat, editor, last=last, status=422)
    messages.success(
        request, f"Version {made.number} is saved. What is made from now on follows it."
    )
    return _to(policy)


def _conflict_page(
    request: HttpRequest, seat: Seat, editor: Editor, seen: int, newer: PolicyVersion
) -> HttpResponse:
    """Show what somebody else changed, above all that was typed; saving again goes over it."""
    newer.policy = find_policy(seat, newer.policy_id)
    base = newer.policy.versions.filter(number=seen).first()
    theirs = None
    if base is not None:
        base.policy = newer.policy
        before, after = services.rules_of_all(seat.workspace, [base, newer])
        theirs = compared(seat, before, after)
    editor.seen(newer.number)
    return _page(request, seat, editor, last=newer, theirs=theirs, conflict=newer, status=409)


def _try(seat: Seat, editor: Editor, before: Rules | None, after: Rules | None) -> _Tried:
    """Try the edited rules on the sample; before is None for a new policy."""
    if after is None:
        return _Tried(error="Mend what is marked below, then try again.")
    if not editor.sample.is_valid():
        return _Tried()
    data = editor.sample.cleaned_data
    text: str | None = data["sample"].replace("\r\n", "\n")
    try:
        if data["item"]:
            text = open_sample(seat, data["item"])
        if not text or not text.strip():
            editor.sample.add_error("sample", "Write something to try the rules on.")
            return _Tried()
        return _Tried(
            try_rules(
                text,
                before=Rules() if before is None else before,
                after=after,
                key=hash_key_of(seat.workspace),
                wait_seconds=settings.API_WAIT_SECONDS,
            )
        )
    except (StillRunningError, QueueFullError):
        return _Tried(error=_BUSY)
    except DetectionFailedError:
        return _Tried(error="The detector could not read this sample. Nothing of it was kept.")
    except UnsealError:
        return _Tried(error="The server holds no key to this item.")


def _page(
    request: HttpRequest,
    seat: Seat,
    editor: Editor,
    *,
    last: PolicyVersion | None = None,
    name_form: NameForm | None = None,
    tried: _Tried | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """Return the editor; only the trial to a request that asks for that part of it."""
    context: dict[str, Any] = {
        "editor": editor,
        "name_form": name_form,
        "policy": last.policy if last is not None else None,
        "last": last,
        "next_number": last.number + 1 if last is not None else 1,
        "tried": tried,
        "errors": editor.errors(),
        "operators": [(OPERATORS[one], words) for one, words in OPERATOR_EXAMPLES.items()],
    } | more
    is_part = tried is not None and request.headers.get("HX-Request") == "true"
    if not is_part:
        context["samples"] = options(
            ((one.pid, one.short_title) for one in samples_of(seat)),
            editor.sample["item"].value(),
        )
    template = "policies/_trial.html" if is_part else "policies/policy_edit.html"
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _to(policy: Policy) -> HttpResponse:
    return redirect("policies:policy_detail", policy.workspace_id, policy.pk)
