"""Policies for programs: read, make, change, compare on a sample.

Names and versions are for all members of a workspace; rules for who may open originals, by a
session or a key with the scope admin, since their lists name people; changes for its owners.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from anonymizer.rules import Rules
from api.callers import Caller, caller_of
from api.schema import policies as schema
from api.schema.describe import described
from api.v1.base import NativeView, fields_of, with_limits
from api.v1.cursors import page_of
from api.v1.idempotency import attempt
from api.v1.problems import Problem
from api.v1.rules import read_rules, refuse
from api.v1.under import Errors, read_workspace
from policies import services
from policies.models import Policy, PolicyVersion
from workspaces.models import Workspace
from workspaces.roles import May
from workspaces.services import may_in

_NO_STORE = {"Cache-Control": "no-store"}
_MAX_NAME = Policy._meta.get_field("name").max_length or 0
_MAX_NOTE = PolicyVersion._meta.get_field("note").max_length or 0


@described(get=schema.list_policies, post=schema.create)
class Policies(NativeView):
    """The collection."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "admin"}

    def get(self, request: Request) -> Response:
        """List the policies of the caller's workspaces, newest first; `workspace` names one."""
        user = _user(request)
        rows = Policy.objects.filter(workspace__in=Workspace.objects.of(user).values("pk"))
        if "workspace" in request.query_params:
            errors: Errors = {}
            written = request.query_params["workspace"]
            workspace = read_workspace(written, user, May.SEE, errors)
            refuse(errors)
            rows = rows.filter(workspace=workspace)
        found, cursor = _page(request, rows)
        latest = PolicyVersion.objects.filter(policy__in=found).last_of_each()
        last = {one.policy_id: one for one in latest.defer("sealed_rules")}
        listed = [_as_json(policy, last[policy.pk]) for policy in found]
        return Response({"policies": listed, "next_cursor": cursor}, headers=_NO_STORE)

    def post(self, request: Request) -> Response:
        """Make a policy of a workspace that the caller owns."""
        caller, user = caller_of(request), _user(request)
        data = fields_of(request, ("workspace", "name", "rules", "note", "default"))
        errors: Errors = {}
        workspace = read_workspace(data.get("workspace"), user, May.MANAGE, errors)
        name, note = _read_name(data.get("name"), errors), _read_note(data, errors)
        default = _read_flag(data, "default", errors) or False
        rules = read_rules(data.get("rules", {}), errors)
        refuse(errors)
        assert workspace is not None  # else there was an error
        with attempt(caller, request) as tried:
            if tried.earlier is not None:
                version = services.latest_version(_find(request, int(tried.earlier)))
            else:
                version = _create(workspace, name, rules, user, note, default)
                tried.remember(str(version.policy_id))
        policy = _find(request, version.policy_id)
        address = reverse("api:v1:policy", args=[policy.pk])
        body = _with_rules(caller, policy, version)
        headers = _NO_STORE | {"Location": address}
        return with_limits(Response(body, 201, headers=headers), tried.uses)


@described(get=schema.get, patch=schema.change)
class OnePolicy(NativeView):
    """One policy."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "PATCH": "admin"}

    def get(self, request: Request, policy_id: int) -> Response:
        """Return a policy with what it says now, if the caller may read that."""
        policy = _find(request, policy_id)
        body = _with_rules(caller_of(request), policy, services.latest_version(policy))
        return Response(body, headers=_NO_STORE)

    def patch(self, request: Request, policy_id: int) -> Response:
        """Change `name`, `default` or `archived`; what it says is changed by a new version."""
        policy, user = _find(request, policy_id, May.MANAGE), _user(request)
        data = fields_of(request, ("name", "default", "archived"))
        errors: Errors = {}
        name = _read_name(data["name"], errors) if "name" in data else policy.name
        default = _read_flag(data, "default", errors)
        archived = _read_flag(data, "archived", errors)
        refuse(errors)
        try:
            with transaction.atomic():
                services.rename_policy(policy=policy, name=name, actor=user)
                if archived is not None:
                    change = services.archive_policy if archived else services.unarchive_policy
                    change(policy=policy, actor=user)
                if default is not None:
                    services.set_default(policy=policy, actor=user, is_default=default)
        except services.NameTakenError as exc:
            raise Problem(422, "invalid", errors={"name": [str(exc)]}) from exc
        except services.NoSuchPolicyError as exc:
            raise Problem(422, "invalid", errors={"default": [str(exc)]}) from exc
        fresh = _find(request, policy_id)
        body = _with_rules(caller_of(request), fresh, services.latest_version(fresh))
        return Response(body, headers=_NO_STORE)


@described(get=schema.versions, post=schema.new_version)
class PolicyVersions(NativeView):
    """The versions of a policy."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "read", "POST": "admin"}

    def get(self, request: Request, policy_id: int) -> Response:
        """List versions, newest first."""
        policy = _find(request, policy_id)
        rows = policy.versions.select_related("made_by").defer("sealed_rules")
        found, cursor = _page(request, rows)
        listed = [_version_as_json(one) for one in found]
        return Response({"versions": listed, "next_cursor": cursor}, headers=_NO_STORE)

    def post(self, request: Request, policy_id: int) -> Response:
        """Write the next version; 409 if `if_version` is no longer the last one.

        200 with the last version where the rules are the same as before.
        """
        caller, user = caller_of(request), _user(request)
        policy = _find(request, policy_id, May.MANAGE)
        data = fields_of(request, ("rules", "if_version", "note"))
        errors: Errors = {}
        seen = data.get("if_version")
        if type(seen) is not int:
            errors["if_version"] = ["It is the number of the version that you change."]
        note = _read_note(data, errors)
        rules = read_rules(data.get("rules"), errors)
        refuse(errors)
        status = 201
        with attempt(caller, request) as tried:
            if tried.earlier is not None:
                version = _numbered(policy, int(tried.earlier))
            else:
                version, status = _change(policy, rules, user, int(seen or 0), note)
                tried.remember(str(version.number))
        body = _version_with_rules(caller, policy, version)
        address = reverse("api:v1:policy_version", args=[policy.pk, version.number])
        headers = _NO_STORE | {"Location": address}
        return with_limits(Response(body, status, headers=headers), tried.uses)


@described(get=schema.version)
class OnePolicyVersion(NativeView):
    """One version of a policy."""

    needs_account = True
    scopes: ClassVar[Mapping[str, str]] = {"GET": "read"}

    def get(self, request: Request, policy_id: int, number: int) -> Response:
        """Return a version with its rules, if the caller may read them."""
        policy = _find(request, policy_id)
        version = _numbered(policy, number)
        body = _version_with_rules(caller_of(request), policy, version)
        return Response(body, headers=_NO_STORE)


def _create(
    workspace: Workspace, name: str, rules: Rules, user: User, note: str, default: bool
) -> PolicyVersion:
    try:
        return services.create_policy(
            workspace=workspace, name=name, rules=rules, actor=user, note=note, is_default=default
        )
    except services.PolicyError as exc:
        raise Problem(422, "invalid", errors={"name": [str(exc)]}) from exc


def _change(
    policy: Policy, rules: Rules, user: User, seen: int, note: str
) -> tuple[PolicyVersion, int]:
    try:
        version = services.change_policy(
            policy=policy, rules=rules, actor=user, if_version=seen, note=note
        )
    except services.ChangedMeanwhileError as exc:
        raise Problem(409, "conflict", f"{exc} Fetch it, then repeat your step.") from exc
    except services.NothingChangedError:
        return services.latest_version(policy), 200
    return version, 201


def _user(request: Request) -> User:
    # Behind needs_account: says so to the type checker.
    if not isinstance(request.user, User):
        raise Problem(401, "key_needed")
    return request.user


def _find(request: Request, policy_id: int, may: May = May.SEE) -> Policy:
    """Return a policy of a workspace in which the caller may do something. Raises Problem."""
    workspaces = Workspace.objects.of(_user(request), may).values("pk")
    rows = Policy.objects.select_related("workspace__envelope")
    policy = rows.filter(pk=policy_id, workspace__in=workspaces).first()
    if policy is None:
        raise Problem(404, "not_found")
    return policy


def _numbered(policy: Policy, number: int) -> PolicyVersion:
    version = policy.versions.select_related("made_by").filter(number=number).first()
    if version is None:
        raise Problem(404, "not_found")
    return version


def _page(request: Request, rows: Any) -> tuple[list[Any], str | None]:
    try:
        return page_of(request, rows)
    except ValueError as exc:  # a cursor that names no row of this kind
        raise Problem(422, "invalid", errors={"cursor": ["Take it from `next_cursor`."]}) from exc


def _read_name(value: Any, errors: Errors) -> str:
    name = " ".join(value.split()) if isinstance(value, str) else ""
    if not 0 < len(name) <= _MAX_NAME or not name.isprintable():
        errors["name"] = [f"It must be a string of 1 to {_MAX_NAME} characters."]
    return name


def _read_note(data: Mapping[str, Any], errors: Errors) -> str:
    note = data.get("note") or ""
    if not isinstance(note, str) or len(note) > _MAX_NOTE or not note.isprintable():
        errors["note"] = [f"It must be one line of up to {_MAX_NOTE} characters."]
        return ""
    return note


def _read_flag(data: Mapping[str, Any], name: str, errors: Errors) -> bool | None:
    value = data.get(name)
    if value is not None and not isinstance(value, bool):
        errors[name] = ["It is true or false."]
        return None
    return value


def _may_read_rules(caller: Caller, policy: Policy) -> bool:
    user_id = caller.user.pk if caller.user is not None else None
    return caller.allows("admin") and may_in(user_id, policy.workspace_id, May.OPEN)


def _as_json(policy: Policy, last: PolicyVersion) -> dict[str, Any]:
    return {
        "id": str(policy.pk),
        "workspace": policy.workspace_id,
        "name": policy.name,
        "default": policy.is_default,
        "archived_at": policy.archived_at.isoformat() if policy.archived_at else None,
        "created_at": policy.created_at.isoformat(),
        "version": _version_as_json(last),
    }


def _with_rules(caller: Caller, policy: Policy, last: PolicyVersion) -> dict[str, Any]:
    return _as_json(policy, last) | {"rules": _rules_as_json(caller, policy, last)}


def _version_as_json(version: PolicyVersion) -> dict[str, Any]:
    return {
        "number": version.number,
        "note": version.note,
        "made_by": str(version.made_by) if version.made_by else None,
        "created_at": version.created_at.isoformat(),
        "needs_approval": version.needs_approval,
        "needs_two": version.needs_two,
        "retention_days": version.retention_days,
    }


def _version_with_rules(caller: Caller, policy: Policy, version: PolicyVersion) -> dict[str, Any]:
    rules = _rules_as_json(caller, policy, version)
    return _version_as_json(version) | {"policy": str(policy.pk), "rules": rules}


def _rules_as_json(caller: Caller, policy: Policy, version: PolicyVersion) -> dict[str, Any] | None:
    if not _may_read_rules(caller, policy):
        return None
    version.policy = policy
    return services.rules_of(version).as_json()
