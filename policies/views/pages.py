"""Pages on which policies are read: the list, one policy with its history, one version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from anonymizer.rules import Rules
from policies.forms import NameForm
from policies.models import Policy, PolicyVersion
from policies.services import rules_of_all
from policies.words import (
    Change,
    Saying,
    TermChange,
    TermList,
    changes,
    count_of_terms,
    sayings,
    term_changes,
    term_lists,
)
from workspaces.access import Seat, in_workspace
from workspaces.roles import May


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy as the list shows it."""

    policy: Policy
    version: PolicyVersion
    items: int


@dataclass(frozen=True, slots=True)
class Said:
    """What rules say, as a page shows it to somebody.

    lists: None for who may not see them; terms: how many they hold
    """

    sayings: list[Saying]
    lists: list[TermList] | None
    terms: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What is different between two versions, as a page shows it to somebody.

    lists: None for who may not see them, where something in them is different
    """

    changes: list[Change]
    lists: list[TermChange] | None
    lists_differ: bool

    @property
    def is_nothing(self) -> bool:
        """Say whether both versions say the same."""
        return not self.changes and not self.lists_differ


@require_safe
@in_workspace(May.SEE)
def policy_list(request: HttpRequest, seat: Seat) -> HttpResponse:
    """Show the workspace's policies, those in use first."""
    rows = _rows(seat)
    context = {
        "rows": [row for row in rows if row.policy.archived_at is None],
        "archived": [row for row in rows if row.policy.archived_at is not None],
    }
    return render(request, "policies/policy_list.html", context)


@require_safe
@in_workspace(May.SEE)
def policy_detail(request: HttpRequest, seat: Seat, policy_id: int) -> HttpResponse:
    """Show what a policy says now, and its versions."""
    return detail_page(request, seat, find_policy(seat, policy_id))


@require_safe
@in_workspace(May.SEE)
def policy_version(request: HttpRequest, seat: Seat, policy_id: int, number: int) -> HttpResponse:
    """Show a version, and how it differs from another: the one before it, or `with`."""
    policy = find_policy(seat, policy_id)
    versions = list(policy.versions.newest_first())
    version = _numbered(versions, number)
    other = _numbered(versions, _other(request, number))
    opened = rules_of_all(seat.workspace, _of_policy(policy, [version, other]))
    context = {
        "policy": policy,
        "version": version,
        "versions": versions,
        "other": other if other is not version else None,
        "is_last": version is versions[0],
        "said": said(seat, opened[0]),
        "compared": compared(seat, opened[1], opened[0]) if other is not version else None,
    }
    return render(request, "policies/policy_version.html", context)


def detail_page(
    request: HttpRequest,
    seat: Seat,
    policy: Policy,
    name_form: NameForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return a policy's page; name_form holds what was wrong with another name."""
    versions = list(policy.versions.newest_first())
    (rules,) = rules_of_all(seat.workspace, _of_policy(policy, versions[:1]))
    context: dict[str, Any] = {
        "policy": policy,
        "version": versions[0],
        "versions": versions,
        "items": sum(getattr(one, "items", 0) for one in versions),
        "older_items": sum(getattr(one, "items", 0) for one in versions[1:]),
        "said": said(seat, rules),
        "name_form": name_form or NameForm(initial={"name": policy.name}),
    }
    return render(request, "policies/policy_detail.html", context, status=status)


def find_policy(seat: Seat, policy_id: int) -> Policy:
    """Return a policy of the workspace. Raises Http404."""
    policy = Policy.objects.filter(workspace=seat.workspace, pk=policy_id).first()
    if policy is None:
        raise Http404
    policy.workspace = seat.workspace
    return policy


def said(seat: Seat, rules: Rules) -> Said:
    """Return what rules say to somebody with this seat."""
    lists = term_lists(rules) if seat.may_open else None
    return Said(sayings(rules), lists, count_of_terms(rules))


def compared(seat: Seat, before: Rules, after: Rules) -> Compared:
    """Return the differences that somebody with this seat may see."""
    lists = term_changes(before, after)
    return Compared(changes(before, after), lists if seat.may_open else None, bool(lists))


def _rows(seat: Seat) -> list[PolicyRow]:
    present = Q(versions__entries__trashed_at=None, versions__entries__isnull=False)
    counted = seat.workspace.policies.annotate(items=Count("versions__entries", filter=present))
    items = dict(counted.values_list("pk", "items"))
    latest = PolicyVersion.objects.filter(policy__workspace=seat.workspace).last_of_each()
    rows = [
        PolicyRow(one.policy, one, items.get(one.policy_id, 0))
        for one in latest.defer("sealed_rules")
    ]
    return sorted(rows, key=lambda row: row.policy.name.casefold())


def _other(request: HttpRequest, number: int) -> int:
    """Return the number of the version to compare with. Raises Http404."""
    written = request.GET.get("with", "")
    if not written:
        return max(number - 1, 1)
    if not (written.isascii() and written.isdecimal() and len(written) < 10):
        raise Http404
    return int(written)


def _numbered(versions: list[PolicyVersion], number: int) -> PolicyVersion:
    for version in versions:
        if version.number == number:
            return version
    raise Http404


def _of_policy(policy: Policy, versions: list[PolicyVersion]) -> list[PolicyVersion]:
    for version in versions:
        version.policy = policy
    return versions
