"""Policies, as the schema describes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from api.schema import items
from api.schema.describe import IDEMPOTENCY_KEY, answer, body_of, describe
from api.schema.redaction import REDACTED, Redacted
from api.schema.rules import RULES, PolicyRules
from api.schema.values import LabelField, Offset, UnitField
from policies.models import Policy as PolicyRow
from policies.models import PolicyVersion as VersionRow
from policies.trial import KINDS, MAX_SAMPLE_CHARACTERS

_MAX_NAME = PolicyRow._meta.get_field("name").max_length
_MAX_NOTE = VersionRow._meta.get_field("note").max_length
_VERSION = {
    "number": 3,
    "note": "Phones masked",
    "made_by": "olga",
    "created_at": "2026-11-21T09:00:00+00:00",
    "needs_approval": True,
    "needs_two": False,
    "retention_days": 90,
}
_POLICY = {
    "id": "12",
    "workspace": "k3Vd9QpL2mXa",
    "name": "Client files",
    "default": True,
    "archived_at": None,
    "created_at": "2026-11-20T09:00:00+00:00",
    "version": _VERSION,
}
_DETAIL = _POLICY | {"rules": RULES}
_VERSION_DETAIL = _VERSION | {"policy": "12", "rules": RULES}


class PolicyVersion(serializers.Serializer[Any]):
    """A version of a policy."""

    number = serializers.IntegerField(min_value=1)
    note = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField(allow_null=True, help_text="Null for an erased account.")
    created_at = serializers.DateTimeField()
    needs_approval = serializers.BooleanField()
    needs_two = serializers.BooleanField()
    retention_days = serializers.IntegerField(min_value=1, allow_null=True)


class PolicyVersionDetail(PolicyVersion):
    """A version with its rules."""

    policy = serializers.CharField()
    rules = PolicyRules(allow_null=True, help_text="Null for who may not read the lists.")


class Policy(serializers.Serializer[Any]):
    """A policy and its last version."""

    id = serializers.CharField(help_text="What the option `policy` takes.")
    workspace = serializers.CharField()
    name = serializers.CharField()
    default = serializers.BooleanField(help_text="Whether new items of the workspace get it.")
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    version = PolicyVersion()


class PolicyDetail(Policy):
    """A policy with what it says now."""

    rules = PolicyRules(allow_null=True, help_text="Null for who may not read the lists.")


class Policies(serializers.Serializer[Any]):
    """A page of a list."""

    policies = Policy(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class PolicyVersions(serializers.Serializer[Any]):
    """A page of a list."""

    versions = PolicyVersion(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class NewPolicy(serializers.Serializer[Any]):
    """A policy to make."""

    workspace = serializers.CharField(max_length=16, help_text="Its id, or `personal`.")
    name = serializers.CharField(max_length=_MAX_NAME)
    rules = PolicyRules(required=False)
    note = serializers.CharField(
        max_length=_MAX_NOTE, required=False, allow_blank=True, allow_null=True
    )
    default = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether new items are to get it."
    )


class PolicyChange(serializers.Serializer[Any]):
    """What is to be another way; rules are changed by a new version."""

    name = serializers.CharField(max_length=_MAX_NAME, required=False)
    default = serializers.BooleanField(required=False, allow_null=True)
    archived = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether nobody can choose it any more."
    )


class NewPolicyVersion(serializers.Serializer[Any]):
    """The next version of a policy."""

    rules = PolicyRules()
    if_version = serializers.IntegerField(
        help_text="The number of the version that is changed; 409 if it is not the last."
    )
    note = serializers.CharField(
        max_length=_MAX_NOTE, required=False, allow_blank=True, allow_null=True
    )


class PolicyTry(serializers.Serializer[Any]):
    """A sample, and the rules to try on it: `policy`, `rules`, or both to compare them."""

    text = serializers.CharField(
        allow_blank=True,
        trim_whitespace=False,
        help_text=f"Up to {MAX_SAMPLE_CHARACTERS} characters.",
    )
    policy = serializers.CharField(
        required=False, allow_null=True, help_text='An id, or "id@version".'
    )
    rules = PolicyRules(required=False, allow_null=True)
    offset_unit = UnitField(required=False, allow_null=True, default="code_point")
    wait = serializers.FloatField(min_value=0, max_value=1_000_000, required=False, allow_null=True)


class PolicyDifference(serializers.Serializer[Any]):
    """A stretch of the sample that the two treat in different ways."""

    kind = serializers.ChoiceField(choices=list(KINDS))
    start = Offset()
    end = Offset()
    value = serializers.CharField()
    label = LabelField()  # type: ignore[assignment]
    reason = serializers.CharField(allow_blank=True)


class PolicyCounts(serializers.Serializer[Any]):
    """How many differences there are."""

    hidden = Offset("Newly hidden.")
    shown = Offset("No longer hidden.")
    otherwise = Offset("Hidden in another way.")


class PolicyTrial(serializers.Serializer[Any]):
    """A sample under two rules."""

    before = Redacted()
    after = Redacted()
    differences = PolicyDifference(many=True)
    counts = PolicyCounts()
    offset_unit = UnitField()


_WORKSPACE = OpenApiParameter("workspace", str, description="Only those of one workspace.")

list_policies = describe(
    "listPolicies",
    "List the policies of your workspaces",
    tag="policies",
    text="Of all workspaces that you are a member of, newest first.",
    answers={200: answer(Policies, "A page.", {"policies": [_POLICY], "next_cursor": None})},
    problems=("invalid",),
    parameters=[*items.PAGE, _WORKSPACE],
)
create = describe(
    "createPolicy",
    "Make a policy",
    tag="policies",
    text="For owners of the workspace.",
    body=body_of(
        NewPolicy,
        phones_masked={
            "workspace": "personal",
            "name": "Phones masked",
            "rules": {"operators": {"private_phone": "mask"}},
        },
    ),
    answers={201: answer(PolicyDetail, "The policy with its first version.", _DETAIL)},
    problems=("idempotency_mismatch", "in_progress", "rate_limited"),
    headers={201: ("Location", *items.LIMITS)},
    parameters=[IDEMPOTENCY_KEY],
)
get = describe(
    "getPolicy",
    "Look at a policy",
    tag="policies",
    text=(
        "With what it says now, for who may open the workspace's originals, by a session or a key"
        " with the scope `admin`: its lists name people."
    ),
    answers={200: answer(PolicyDetail, "The policy.", _DETAIL)},
)
change = describe(
    "changePolicy",
    "Name a policy, make it the default, archive it",
    tag="policies",
    text="For owners of the workspace. What it says is changed by a new version.",
    body=body_of(PolicyChange, archive={"archived": True}, make_it_the_default={"default": True}),
    answers={200: answer(PolicyDetail, "The policy as it is now.", _DETAIL)},
)
versions = describe(
    "listPolicyVersions",
    "List the versions of a policy",
    tag="policies",
    text="Newest first.",
    answers={200: answer(PolicyVersions, "A page.", {"versions": [_VERSION], "next_cursor": None})},
    problems=("invalid",),
    parameters=items.PAGE,
)
new_version = describe(
    "createPolicyVersion",
    "Change what a policy says",
    tag="policies",
    text=(
        "Writes the next version; none that exists is ever changed. What was made under an"
        " earlier one keeps it until it is run again."
    ),
    body=body_of(
        NewPolicyVersion,
        phones_masked={"if_version": 2, "rules": {"operators": {"private_phone": "mask"}}},
    ),
    answers={
        200: answer(PolicyVersionDetail, "It says this already.", _VERSION_DETAIL),
        201: answer(PolicyVersionDetail, "The new version.", _VERSION_DETAIL),
    },
    problems=("conflict", "idempotency_mismatch", "in_progress", "rate_limited"),
    headers={200: ("Location", *items.LIMITS), 201: ("Location", *items.LIMITS)},
    parameters=[IDEMPOTENCY_KEY],
)
version = describe(
    "getPolicyVersion",
    "Look at a version of a policy",
    tag="policies",
    answers={200: answer(PolicyVersionDetail, "The version.", _VERSION_DETAIL)},
)
try_rules = describe(
    "tryPolicy",
    "Try rules on a sample",
    tag="policies",
    text=(
        "Returns the sample under `policy` (before) and under `rules` (after), and what is"
        " different. With only one of them, `before` is without a policy. Nothing is kept."
    ),
    body=body_of(
        PolicyTry,
        mask_persons={
            "text": "Ann Lee called.",
            "rules": {"operators": {"private_person": "mask"}},
        },
    ),
    answers={
        200: answer(
            PolicyTrial,
            "The sample under both.",
            {
                "before": REDACTED,
                "after": REDACTED,
                "differences": [
                    {
                        "kind": "otherwise",
                        "start": 0,
                        "end": 7,
                        "value": "Ann Lee",
                        "label": "private_person",
                        "reason": "Reads like a person's name where it stands.",
                    }
                ],
                "counts": {"hidden": 0, "shown": 0, "otherwise": 1},
                "offset_unit": "code_point",
            },
        )
    },
    problems=("idempotency_mismatch", "rate_limited", "detection_failed", "not_ready"),
    headers={200: items.LIMITS},
    parameters=[IDEMPOTENCY_KEY],
)
