"""Pastes, as the schema describes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from anonymizer.text import Style
from api.schema import items
from api.schema.describe import IDEMPOTENCY_KEY, PROOF, answer, body_of, describe
from api.schema.values import (
    PUBLIC_ID,
    TOKEN,
    CountsField,
    Offset,
    OperatingPointField,
    UnitField,
)
from api.v1.shared import EXPIRES
from pastebin.forms import MAX_TITLE_CHARACTERS

_STYLES = [str(style.value) for style in Style]
_PUBLIC = {
    "id": PUBLIC_ID,
    "state": "ready",
    "style": "placeholder",
    "title": None,
    "counts": {"private_person": 1},
    "percent": 100,
    "position": None,
    "revision": 0,
    "created_at": "2026-11-21T09:00:00+00:00",
    "expires_at": None,
    "public_url": f"https://paste.example.org/view/{PUBLIC_ID}",
    "error": None,
}
_REDACTED = {
    "redacted_text": "<PRIVATE_PERSON> called.",
    "text_start": 0,
    "spans": [{"start": 0, "end": 16, "label": "private_person"}],
    "offset_unit": "code_point",
}
_ORIGINAL = {
    "id": PUBLIC_ID,
    "revision": 0,
    "text": "Ann Lee called.",
    "text_start": 0,
    "spans": [items.SPAN],
    "offset_unit": "code_point",
}


class NewPaste(items.PlaceFields):
    """A text to share redacted."""

    text = serializers.RegexField(r"\S", help_text="What is to be shared; not only white space.")
    title = serializers.CharField(
        max_length=MAX_TITLE_CHARACTERS, required=False, allow_null=True, allow_blank=True
    )
    style = serializers.ChoiceField(  # type: ignore[assignment]
        choices=_STYLES, required=False, allow_null=True, default="placeholder"
    )
    operating_point = OperatingPointField(allow_null=True)
    expires = serializers.ChoiceField(
        choices=EXPIRES, required=False, allow_null=True, default="7d"
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Instead of `expires`; within ten years."
    )
    burn = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=False,
        help_text="The private link opens it once, and that destroys it.",
    )
    wait = serializers.FloatField(
        min_value=0,
        max_value=1_000_000,
        required=False,
        allow_null=True,
        default=0,
        help_text="Seconds to wait for the scan.",
    )


class Paste(serializers.Serializer[Any]):
    """What everybody may know of a paste."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=["ready", "scanning", "failed"])
    style = serializers.ChoiceField(choices=_STYLES)  # type: ignore[assignment]
    title = serializers.CharField(allow_null=True, help_text="Redacted.")
    counts = CountsField()
    percent = serializers.IntegerField(min_value=0, max_value=100, allow_null=True)
    position = serializers.IntegerField(min_value=1, allow_null=True)
    revision = Offset("Counts corrections.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    public_url = serializers.URLField()
    error = items.Failure(allow_null=True)


class PasteOfOwner(Paste):
    """What the owner's list says of a paste."""

    burn = serializers.BooleanField()
    private_link = serializers.BooleanField(help_text="Whether there is a private link.")


class CreatedPaste(Paste):
    """A new paste and its private link."""

    reveal_token = serializers.CharField(
        allow_null=True, help_text="In this answer only; null for a repeated request."
    )
    private_url = serializers.URLField(allow_null=True)


class RedactedPaste(Paste):
    """A paste with its redacted text."""

    redacted_text = serializers.CharField(
        allow_null=True, help_text="Begins with the title and an empty line, if there is a title."
    )
    text_start = Offset("Where the text itself begins.", allow_null=True)
    spans = items.Place(many=True)
    offset_unit = UnitField()


class OriginalPaste(serializers.Serializer[Any]):
    """The original of a paste."""

    id = serializers.CharField()
    revision = Offset()
    text = serializers.CharField()
    text_start = Offset("Where the text itself begins, after the title.")
    spans = items.Span(many=True)
    offset_unit = UnitField()


class Pastes(serializers.Serializer[Any]):
    """A page of a list."""

    pastes = PasteOfOwner(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


_CREATED = _PUBLIC | {
    "reveal_token": TOKEN,
    "private_url": f"https://paste.example.org/view/{PUBLIC_ID}?token={TOKEN}",
}
_LISTED = _PUBLIC | {"burn": False, "private_link": True}
_TO_READ = ("not_ready", "scan_failed", "burns")

list_pastes = describe(
    "listPastes",
    "List your pastes",
    tag="pastes",
    text="One's own, newest first.",
    answers={200: answer(Pastes, "A page.", {"pastes": [_LISTED], "next_cursor": None})},
    problems=("invalid",),
    parameters=items.PAGE,
    is_owned=True,
)
create = describe(
    "createPaste",
    "Share a text redacted",
    tag="pastes",
    text="Seals the text and queues its scan. The reveal token is in this answer and nowhere else.",
    body=body_of(NewPaste, for_a_day={"text": "Ann Lee called.", "expires": "1d", "wait": 5}),
    answers={
        201: answer(CreatedPaste, "It is ready.", _CREATED),
        202: answer(
            CreatedPaste,
            "It is still being scanned.",
            _CREATED | {"state": "scanning", "counts": {}, "percent": 0, "position": 1},
        ),
    },
    problems=("idempotency_mismatch", "in_progress", "rate_limited", "proof_needed"),
    headers={201: ("Location", *items.LIMITS), 202: ("Location", "Retry-After", *items.LIMITS)},
    parameters=[IDEMPOTENCY_KEY, PROOF],
)
get = describe(
    "getPaste",
    "Read a paste redacted",
    tag="pastes",
    text="How far it is, and once it is ready the redacted text. No key is needed.",
    answers={200: answer(RedactedPaste, "The public side.", _PUBLIC | _REDACTED)},
    problems=("invalid",),
    headers={200: ("Retry-After",)},
    parameters=[items.UNIT],
)
delete = items.remove("Paste", "pastes")
text = describe(
    "getPasteText",
    "Read the redacted text as plain text",
    tag="pastes",
    answers={(200, items.TEXT_TYPE): answer({"type": "string"}, "The redacted text.")},
    problems=("not_ready", "scan_failed"),
)
spans = describe(
    "getPasteOriginal",
    "Read the original of a paste",
    tag="pastes",
    text="The original text with its spans and the revision to correct.",
    answers={200: answer(OriginalPaste, "The original.", _ORIGINAL)},
    problems=(*_TO_READ, "invalid"),
    parameters=[items.UNIT],
    is_opened=True,
)
correct = describe(
    "correctPaste",
    "Correct a paste",
    tag="pastes",
    body=items.CORRECTION,
    answers={200: answer(OriginalPaste, "The original with its spans as they are now.", _ORIGINAL)},
    problems=(*_TO_READ, "conflict"),
    parameters=[items.UNIT],
    is_opened=True,
)
opening = describe(
    "openPaste",
    "Open a paste that burns",
    tag="pastes",
    text="Returns the original of a paste that opens once, and destroys the paste.",
    answers={200: answer(OriginalPaste, "The original, for the only time.", _ORIGINAL)},
    problems=("does_not_burn", "not_ready", "scan_failed", "invalid"),
    parameters=[items.UNIT],
    is_opened=True,
)
retry = describe(
    "retryPaste",
    "Scan a failed paste again",
    tag="pastes",
    text="Nothing happens to one that did not fail.",
    answers={202: answer(Paste, "The public side.", _PUBLIC)},
    is_opened=True,
)
new_link = items.new_link("Paste", "pastes")
end_link = items.end_link("Paste", "pastes")
expiry = items.expiry("Paste", "pastes")
