"""Redact, batch and restore, as the schema describes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field
from rest_framework import serializers

from anonymizer.categories import CATEGORIES
from anonymizer.operators.policy import Naming, Numbering, Operator
from api.schema.describe import IDEMPOTENCY_KEY, answer, body_of, describe
from api.schema.jobs import ACCEPTED, Accepted
from api.schema.values import (
    CountsField,
    LabelField,
    Offset,
    OperatingPointField,
    OperatorField,
    UnitField,
)

_LIMITS = ("RateLimit", "RateLimit-Policy")
_PROBLEMS = ("invalid", "idempotency_mismatch", "rate_limited")
_ENTITY = {
    "type": "PERSON",
    "label": "private_person",
    "subtype": None,
    "number": 1,
    "operator": "replace",
    "original": "Ann Lee",
    "replacement": "[PERSON_1]",
    "start": 0,
    "end": 7,
    "redacted_start": 0,
    "redacted_end": 10,
    "score": 0.995,
    "detector": "model",
    "reason": "Reads like a person's name where it stands.",
}
REDACTED = {
    "redacted_text": "[PERSON_1] called.",
    "entities": [_ENTITY],
    "counts": {"private_person": 1},
    "characters": 15,
    "offset_unit": "code_point",
}


@extend_schema_field(
    {
        "type": ["object", "null"],
        "additionalProperties": {"type": "string", "enum": [str(one) for one in Operator]},
        "propertyNames": {
            "anyOf": [{"enum": list(CATEGORIES)}, {"pattern": "^[A-Z][A-Z0-9_]{0,39}$"}]
        },
        "description": (
            "Other operators by label or by subtype, the subtype going first:"
            ' `{"private_email": "mask", "IBAN": "hash"}`.'
        ),
    }
)
class _OperatorsField(serializers.JSONField):
    """Operators by label or subtype."""


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer", "minimum": 1, "maximum": 100},
            {"const": "value"},
            {"type": "null"},
        ],
        "default": 5,
        "description": 'Signs of a mask; `"value"`: as long as the value, which tells its length.',
    }
)
class _MaskLengthField(serializers.JSONField):
    """Signs of a mask."""


class Options(serializers.Serializer[Any]):
    """How texts are redacted and how the answer counts."""

    operator = OperatorField(required=False, allow_null=True, default="replace")
    operators = _OperatorsField(required=False)
    naming = serializers.ChoiceField(
        choices=[str(one) for one in Naming],
        required=False,
        allow_null=True,
        default="fine",
        help_text=(
            "Types in placeholders: `fine` (IBAN, PERSON), `plain` (twelve broad ones), `label`"
            " (PRIVATE_PERSON)."
        ),
    )
    numbering = serializers.ChoiceField(
        choices=[str(one) for one in Numbering],
        required=False,
        allow_null=True,
        default="type",
        help_text="Placeholders count within their `type`, or over `all`.",
    )
    mask_length = _MaskLengthField(required=False)
    hash_key = serializers.CharField(
        min_length=16,
        max_length=200,
        required=False,
        allow_null=True,
        help_text=(
            "Makes hashes and surrogates the same from call to call. Without it they follow a key"
            " of your account, or one that is thrown away after the call."
        ),
    )
    operating_point = OperatingPointField(allow_null=True)
    offset_unit = UnitField(required=False, allow_null=True, default="code_point")
    policy = serializers.CharField(
        required=False,
        allow_null=True,
        help_text=(
            'A policy of a workspace whose originals you may open, by id or as "id@version": says'
            " what is hidden and how, instead of operators, naming, numbers and operating point."
        ),
    )
    wait = serializers.FloatField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        allow_null=True,
        help_text=(
            "Seconds until the request becomes a job; the server has a longest wait of its own."
        ),
    )


class Redact(Options):
    """A text to redact."""

    text = serializers.CharField(
        allow_blank=True, trim_whitespace=False, help_text="Any text, of any length that is taken."
    )


@extend_schema_field(
    {
        "type": "array",
        "minItems": 1,
        "items": {
            "oneOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "text": {"type": "string"},
                        "id": {"type": ["string", "integer"]},
                    },
                    "required": ["text"],
                },
            ]
        },
        "description": "Texts, or texts with ids of your own; the index is the id otherwise.",
    }
)
class _TextsField(serializers.JSONField):
    """Texts of a batch."""


class Batch(Options):
    """Texts to redact, each by itself."""

    texts = _TextsField()


class Entity(serializers.Serializer[Any]):
    """A place that was hidden."""

    type = serializers.CharField(help_text="As `naming` says: `PERSON`, `IBAN`, ...")
    label = LabelField()  # type: ignore[assignment]
    subtype = serializers.CharField(allow_null=True, help_text="What it is more exactly.")
    number = serializers.IntegerField(
        allow_null=True, help_text="The number of its value: the same value has the same one."
    )
    operator = OperatorField()
    original = serializers.CharField(help_text="What stood there.")
    replacement = serializers.CharField(help_text="What stands there now.")
    start = Offset("Where it began in the text, in `offset_unit`.")
    end = Offset("Where it ended, half-open.")
    redacted_start = Offset("Where the replacement begins in the redacted text.")
    redacted_end = Offset("Where it ends, half-open.")
    score = serializers.FloatField(min_value=0, max_value=1)
    detector = serializers.CharField(help_text="What found it: `model` or `rules`, ...")
    reason = serializers.CharField(allow_blank=True, help_text="Why, for people.")


class Redacted(serializers.Serializer[Any]):
    """A redacted text."""

    redacted_text = serializers.CharField()
    entities = Entity(many=True)
    counts = CountsField()
    characters = Offset("Code points of the text that was sent.")
    offset_unit = UnitField()


class BatchItem(Redacted):
    """A redacted text of a batch."""

    id = extend_schema_field({"type": ["string", "integer"]})(serializers.JSONField)()


class BatchResult(serializers.Serializer[Any]):
    """The redacted texts of a batch, in the order in which they were sent."""

    results = BatchItem(many=True)
    total = Offset("Number of texts.")


class RestoredEntity(serializers.Serializer[Any]):
    """A place to put back; an entity of an answer is one, whatever else it holds."""

    replacement = serializers.CharField()
    original = serializers.CharField(allow_blank=True)
    operator = serializers.CharField(
        required=False, help_text="What is neither `replace` nor `surrogate` is left as it is."
    )
    redacted_start = Offset(required=False)
    redacted_end = Offset(required=False)


class Restore(serializers.Serializer[Any]):
    """A text with placeholders, and what stood in their places: `entities`, `map`, `workspace`."""

    text = serializers.CharField(allow_blank=True)
    entities = RestoredEntity(many=True, required=False)
    map = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        required=False,
        help_text="Originals by placeholder.",
    )
    workspace = serializers.CharField(
        required=False,
        max_length=16,
        help_text=(
            "Its map of numbers that are the same in all items; needs the scope `reveal`, and a"
            " role that opens originals. The workspace's record says so."
        ),
    )
    offset_unit = UnitField(required=False, default="code_point")


class Restored(serializers.Serializer[Any]):
    """A text with its originals put back."""

    text = serializers.CharField()
    restored = Offset("Number of places that were put back.")
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="Placeholders that the text does not hold."
    )


redact = describe(
    "redact",
    "Redact a text",
    tag="redaction",
    text=(
        "Finds what is private in a text and hides it. Nothing is kept once the answer is given."
        " What takes longer than `wait` becomes a job (202)."
    ),
    body=body_of(
        Redact,
        placeholders={"text": "Ann Lee called."},
        mask_e_mail_only={
            "text": "Ann Lee, ann@mail.example",
            "operator": "keep",
            "operators": {"private_email": "mask"},
        },
    ),
    answers={
        200: answer(Redacted, "The redacted text.", REDACTED),
        202: answer(Accepted, "It takes longer: a job.", ACCEPTED),
    },
    problems=(*_PROBLEMS, "detection_failed"),
    headers={200: _LIMITS, 202: (*_LIMITS, "Location")},
    parameters=[IDEMPOTENCY_KEY],
)
batch = describe(
    "redactBatch",
    "Redact many texts",
    tag="redaction",
    text="All are scanned at once; each is numbered by itself. Otherwise as for one text.",
    body=body_of(
        Batch, two_texts={"texts": ["Ann Lee called.", {"id": "b", "text": "Nobody did."}]}
    ),
    answers={
        200: answer(
            BatchResult,
            "The redacted texts in their order.",
            {"results": [{"id": 0, **REDACTED}], "total": 1},
        ),
        202: answer(Accepted, "It takes longer: a job.", ACCEPTED),
    },
    problems=(*_PROBLEMS, "detection_failed"),
    headers={200: _LIMITS, 202: (*_LIMITS, "Location")},
    parameters=[IDEMPOTENCY_KEY],
)
restore = describe(
    "restore",
    "Put originals back",
    tag="redaction",
    text=(
        "Undoes `replace` and `surrogate`, exactly, also in a text that a language model rewrote."
        " Send `entities` of an answer, a `map`, or the id of a `workspace` for its own map."
    ),
    body=body_of(
        Restore,
        a_map={"text": "Dear [PERSON_1]", "map": {"[PERSON_1]": "Ann Lee"}},
        entities={"text": "Dear [Person 1]", "entities": [_ENTITY]},
        map_of_a_workspace={"text": "Dear [PERSON_7]", "workspace": "k3Vd9QpL2mXa"},
    ),
    answers={
        200: answer(
            Restored,
            "The text with its originals.",
            {"text": "Dear Ann Lee", "restored": 1, "missing": []},
        )
    },
    problems=_PROBLEMS,
    headers={200: _LIMITS},
    parameters=[IDEMPOTENCY_KEY],
)
result = describe(
    "takeJobResult",
    "Take the result of a job",
    tag="jobs",
    text="Returns what the request would have returned, once: it is removed with the answer.",
    answers={
        200: answer(
            PolymorphicProxySerializer("JobResult", [Redacted, BatchResult], None),
            "The redacted text, or the redacted texts of a batch.",
            REDACTED,
        )
    },
    problems=("not_ready", "detection_failed"),
)
