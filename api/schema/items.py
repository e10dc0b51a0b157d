"""What pastes, documents and pictures share, as the schema describes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from anonymizer.corrections import MAX_EDITS, OPS
from api.schema.describe import answer, body_of, describe
from api.schema.values import TOKEN, LabelField, Offset
from api.v1.cursors import MAX_PAGE_SIZE, PAGE_SIZE
from api.v1.shared import EXPIRES

LIMITS = ("RateLimit", "RateLimit-Policy")
TEXT_TYPE = "text/plain; charset=utf-8"
PAGE = [
    OpenApiParameter(
        "limit",
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE},
        description="Rows of a page.",
    ),
    OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
]
UNIT = OpenApiParameter(
    "offset_unit",
    str,
    enum=["code_point", "utf16"],
    default="code_point",
    description="How offsets are counted, in the request and in the answer.",
)
SPAN = {
    "start": 0,
    "end": 7,
    "label": "private_person",
    "subtype": None,
    "score": 0.995,
    "detector": "model",
    "reason": "Reads like a person's name where it stands.",
}
_EDITS = {
    "revision": 0,
    "all_mentions": True,
    "edits": [{"op": "add", "start": 5, "end": 9, "label": "private_person"}],
}


class Failure(serializers.Serializer[Any]):
    """Why a thing could not be read."""

    code = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class Place(serializers.Serializer[Any]):
    """A hidden place of a redacted text."""

    start = Offset()
    end = Offset()
    label = LabelField()  # type: ignore[assignment]


class Span(serializers.Serializer[Any]):
    """A private place of an original."""

    start = Offset()
    end = Offset()
    label = LabelField()  # type: ignore[assignment]
    subtype = serializers.CharField(allow_null=True)
    score = serializers.FloatField(min_value=0, max_value=1)
    detector = serializers.CharField(help_text="What found it: `model`, `rules`, `person`, ...")
    reason = serializers.CharField(allow_blank=True)


class Edit(serializers.Serializer[Any]):
    """One correction."""

    op = serializers.ChoiceField(choices=sorted(OPS))
    start = Offset(required=False)
    end = Offset(required=False)
    label = LabelField(required=False)  # type: ignore[assignment]


class Correction(serializers.Serializer[Any]):
    """Corrections that are made together, or not at all."""

    revision = Offset("The revision that is corrected, as `spans` told it.")
    edits = serializers.ListField(child=Edit(), max_length=MAX_EDITS, min_length=1)
    all_mentions = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Every place where the same value stands, not only this one.",
    )


class Link(serializers.Serializer[Any]):
    """A private link."""

    reveal_token = serializers.CharField(help_text="Sent as `Reveal-Token`; never shown again.")
    private_url = serializers.URLField(help_text="The address that opens the original.")


class Expiry(serializers.Serializer[Any]):
    """When an item is to end: `expires` or `expires_at`."""

    expires = serializers.ChoiceField(choices=EXPIRES, required=False)
    expires_at = serializers.DateTimeField(required=False, help_text="Within ten years.")


class Ends(serializers.Serializer[Any]):
    """When an item ends."""

    expires_at = serializers.DateTimeField(allow_null=True)


class PlaceFields(serializers.Serializer[Any]):
    """Where something new goes, and under which policy."""

    workspace = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=16,
        help_text="A workspace to which you may add; your personal one if it is left out.",
    )
    policy = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        help_text=(
            'A policy of it, by id or as "id@version"; its default if it is left out. It says how'
            " much is hidden when in doubt, and how, instead of `style` and `operating_point`."
        ),
    )


CORRECTION = body_of(
    Correction,
    hide_every_mention=_EDITS,
    undo={"revision": 1, "edits": [{"op": "undo"}]},
)


def remove(name: str, tag: str) -> Callable[[Any], Any]:
    """Describe the removal of an item."""
    return describe(
        f"delete{name}",
        f"Delete a {name.lower()}",
        tag=tag,
        text="Deletes it with everything of it and the keys to it.",
        answers={204: answer(None, "It is gone.")},
        is_opened=True,
    )


def new_link(name: str, tag: str) -> Callable[[Any], Any]:
    """Describe how an item gets another private link."""
    example = {
        "reveal_token": TOKEN,
        "private_url": f"https://paste.example.org/view/k7Qd2mXaPz01cVbT?token={TOKEN}",
    }
    return describe(
        f"renew{name}Link",
        "Make a new private link",
        tag=tag,
        text="The old one stops.",
        answers={200: answer(Link, "The new link, in this answer only.", example)},
        problems=("no_key",),
    )


def end_link(name: str, tag: str) -> Callable[[Any], Any]:
    """Describe how an item loses its private link."""
    return describe(
        f"revoke{name}Link",
        "Make the private link stop",
        tag=tag,
        text="The owner still opens the original.",
        answers={204: answer(None, "It has stopped.")},
    )


def expiry(name: str, tag: str) -> Callable[[Any], Any]:
    """Describe how it is set when an item ends."""
    return describe(
        f"set{name}Expiry",
        f"Set when a {name.lower()} ends",
        tag=tag,
        body=body_of(Expiry, in_a_week={"expires": "7d"}),
        answers={200: answer(Ends, "When it ends.", {"expires_at": "2026-11-28T09:00:00+00:00"})},
    )
