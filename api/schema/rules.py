"""Rules of policies, as the schema describes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from anonymizer.categories import COLOURS
from anonymizer.operators.policy import Naming, Numbering
from anonymizer.rules.patterns import LONGEST_PATTERN
from anonymizer.rules.reading import (
    LONGEST_NAME,
    LONGEST_TERM,
    MAX_CATEGORIES,
    MAX_MASK,
    MAX_PATTERNS,
    MAX_RETENTION_DAYS,
    MAX_TERMS,
    OPERATORS,
)
from api.schema.values import LABEL, LabelField, OperatingPointField

_OPERATORS = [str(one) for one in OPERATORS]
_TERMS = {"exact": [], "folded": ["Ann Lee"], "patterns": []}
_NO_TERMS: dict[str, Any] = {"exact": [], "folded": [], "patterns": []}
RULES = {
    "operating_point": "balanced",
    "default_operator": "replace",
    "operators": {"private_phone": "mask", "IBAN": "keep"},
    "naming": "fine",
    "numbering": "type",
    "mask_length": 5,
    "thresholds": {"private_date": 0.6},
    "always": [{"label": "private_person", "terms": _TERMS}],
    "never": _NO_TERMS,
    "categories": [
        {"name": "Project code", "colour": 3, "terms": _NO_TERMS | {"patterns": ["PX-[0-9]+"]}}
    ],
    "shared_numbers": False,
    "needs_approval": True,
    "needs_two": False,
    "shows_unreviewed": False,
    "retention_days": 90,
}


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "string", "enum": _OPERATORS},
        "propertyNames": {"anyOf": [LABEL, {"pattern": "^[A-Z][A-Z0-9_]{0,39}$"}]},
        "description": "Operators by label or subtype, the subtype going first; `keep` is off.",
    }
)
class _OperatorsField(serializers.JSONField):
    """Operators by label or subtype."""


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        "propertyNames": LABEL,
        "description": "By label: what the detector found with a lower score is not hidden.",
    }
)
class _ThresholdsField(serializers.JSONField):
    """Least scores by label."""


class Terms(serializers.Serializer[Any]):
    """A list of what to look for."""

    exact = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TERM),
        max_length=MAX_TERMS,
        required=False,
        help_text="Stands in the text as written, as whole words.",
    )
    folded = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TERM),
        max_length=MAX_TERMS,
        required=False,
        help_text="Whatever its case, white space and form.",
    )
    patterns = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_PATTERN),
        max_length=MAX_PATTERNS,
        required=False,
        help_text="Regular expressions of RE2.",
    )


class AlwaysHidden(serializers.Serializer[Any]):
    """What is hidden wherever it stands."""

    label = LabelField()  # type: ignore[assignment]
    terms = Terms(required=False)


class OwnCategory(serializers.Serializer[Any]):
    """A category of the workspace's own; its label is `custom3_project_code`."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    colour = serializers.IntegerField(min_value=1, max_value=COLOURS, required=False, default=1)
    terms = Terms(required=False)


class PolicyRules(serializers.Serializer[Any]):
    """What a policy says; what is left out has its default."""

    operating_point = OperatingPointField()
    default_operator = serializers.ChoiceField(
        choices=_OPERATORS, required=False, default="replace"
    )
    operators = _OperatorsField(required=False)
    naming = serializers.ChoiceField(
        choices=[str(one) for one in Naming], required=False, default="fine"
    )
    numbering = serializers.ChoiceField(
        choices=[str(one) for one in Numbering], required=False, default="type"
    )
    mask_length = serializers.IntegerField(
        min_value=1,
        max_value=MAX_MASK,
        required=False,
        allow_null=True,
        default=5,
        help_text="Null: as long as the value, which tells its length.",
    )
    thresholds = _ThresholdsField(required=False)
    always = serializers.ListField(
        child=AlwaysHidden(), required=False, max_length=MAX_CATEGORIES * 2
    )
    never = Terms(required=False)
    categories = serializers.ListField(
        child=OwnCategory(), required=False, max_length=MAX_CATEGORIES
    )
    shared_numbers = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The same value has the same number in all items of the workspace.",
    )
    needs_approval = serializers.BooleanField(
        required=False, default=False, help_text="Nothing is shared before somebody approved it."
    )
    needs_two = serializers.BooleanField(
        required=False, default=False, help_text="Who approves is not who made it."
    )
    shows_unreviewed = serializers.BooleanField(required=False, default=False)
    retention_days = serializers.IntegerField(
        min_value=1, max_value=MAX_RETENTION_DAYS, required=False, allow_null=True, default=None
    )
