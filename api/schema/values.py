"""Values that many descriptions share."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from anonymizer.categories import CATEGORIES
from anonymizer.operators.policy import Operator
from inference.engine.operating_points import BALANCED, NAMES

TOKEN = "3q2-7wEjRk0aXv8sQmNcTzLp5UoYhBdG"
PUBLIC_ID = "k7Qd2mXaPz01cVbT"


# A category of everybody's, or one that a workspace's policy has of its own.
LABEL: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "enum": list(CATEGORIES)},
        {"type": "string", "pattern": r"^custom[1-8]_\S+$"},
    ]
}


@extend_schema_field(LABEL)
class LabelField(serializers.CharField):
    """What is private about a span."""


class OperatorField(serializers.ChoiceField):
    """How a span is hidden."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[str(operator) for operator in Operator], **options)


class OperatingPointField(serializers.ChoiceField):
    """How much is hidden when in doubt."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            choices=list(NAMES),
            required=False,
            default=BALANCED,
            help_text="`high_recall` hides more when in doubt, `high_precision` less.",
            **options,
        )


class UnitField(serializers.ChoiceField):
    """How offsets are counted."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=["code_point", "utf16"], **options)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"type": "integer", "minimum": 1},
        "propertyNames": LABEL,
        "description": "Number of hidden places by label.",
    }
)
class CountsField(serializers.JSONField):
    """Number of hidden places by label; labels without any are left out."""


class Offset(serializers.IntegerField):
    """An offset or a count."""

    def __init__(self, help_text: str = "", **options: Any) -> None:
        super().__init__(min_value=0, help_text=help_text or None, **options)
