"""Pictures, as the schema describes them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiRequest
from rest_framework import serializers

from api.schema import items
from api.schema.describe import BINARY, IDEMPOTENCY_KEY, PROOF, answer, body_of, describe
from api.schema.documents import CLEAN_PROBLEMS, FILES, MULTIPART, RECEIVED, File, NewFile
from api.schema.values import TOKEN, LabelField, Offset
from documents.models import CleanState
from images.bars import FILLS, MOST_BARS

_RECEIVED = RECEIVED | {"public_url": "https://paste.example.org/images/k7Qd2mXaPz01cVbT"}
_BAR = {"id": "b1", "x": 40, "y": 60, "width": 180, "height": 24, "label": "private_person"}
_STATE = {
    "revision": 0,
    "width": 1280,
    "height": 720,
    "fill": "black",
    "bars": [
        _BAR
        | {
            "on": True,
            "start": 0,
            "end": 7,
            "is_moved": False,
            "score": 0.995,
            "detector": "model",
            "reason": "Reads like a person's name where it stands.",
            "subtype": "",
            "text": "Ann Lee",
        }
    ],
    "clean": {"state": "ready", "error": "", "places": []},
}


class NewImage(NewFile):
    """A picture to cover: PNG, JPEG, WebP, GIF, TIFF or BMP."""


class Image(File):
    """What everybody may know of a picture; the last four once it is ready."""


class CreatedImage(Image):
    """A new picture and its token."""

    reveal_token = serializers.CharField(
        allow_null=True, help_text="In this answer only; null for a repeated request."
    )


class Images(serializers.Serializer[Any]):
    """A page of a list."""

    images = Image(many=True)
    next_cursor = serializers.CharField(allow_null=True, help_text="Null on the last page.")


class Rectangle(serializers.Serializer[Any]):
    """A rectangle in whole pixels of the picture as it is seen."""

    id = serializers.RegexField(r"^[a-z0-9-]{1,24}$", help_text="Unique within the picture.")
    x = serializers.IntegerField()
    y = serializers.IntegerField()
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)
    label = LabelField()  # type: ignore[assignment]


class NewBar(Rectangle):
    """A bar to put; what is known of one is kept by its id."""

    on = serializers.BooleanField(required=False, default=True)


class Bar(Rectangle):
    """A bar with what it hides."""

    on = serializers.BooleanField(help_text="Whether it hides what is under it.")
    start = Offset("Where the words that it was made for begin.")
    end = Offset("Where they end; equal to `start` for a bar drawn by hand.")
    is_moved = serializers.BooleanField(help_text="Whether it no longer lies where it was made.")
    score = serializers.FloatField(min_value=0, max_value=1)
    detector = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    subtype = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="The words that it was made for.")


class CleanPicture(serializers.Serializer[Any]):
    """How far the flattened picture is."""

    state = serializers.ChoiceField(choices=list(CleanState.values))
    error = serializers.CharField(allow_blank=True)
    places = serializers.ListField(child=serializers.CharField())


class Bars(serializers.Serializer[Any]):
    """All bars of a picture, the lowest first."""

    revision = Offset()
    fill = serializers.ChoiceField(choices=FILLS)
    bars = serializers.ListField(child=NewBar(), max_length=MOST_BARS)


class PictureState(serializers.Serializer[Any]):
    """The bars of a picture with what they hide."""

    revision = Offset("Counts changes.")
    width = Offset()
    height = Offset()
    fill = serializers.ChoiceField(choices=FILLS)
    bars = Bar(many=True)
    clean = CleanPicture()


list_images = describe(
    "listImages",
    "List your pictures",
    tag="images",
    text="One's own, newest first.",
    answers={200: answer(Images, "A page.", {"images": [_RECEIVED], "next_cursor": None})},
    problems=("invalid",),
    parameters=items.PAGE,
    is_owned=True,
)
create = describe(
    "createImage",
    "Hand in a picture",
    tag="images",
    text="Takes one picture and answers at once.",
    body={MULTIPART: OpenApiRequest(NewImage)},
    answers={
        202: answer(CreatedImage, "It waits to be read.", _RECEIVED | {"reveal_token": TOKEN})
    },
    problems=("idempotency_mismatch", "in_progress", "rate_limited", "proof_needed"),
    headers={202: ("Location", *items.LIMITS)},
    parameters=[IDEMPOTENCY_KEY, PROOF],
)
get = describe(
    "getImage",
    "Ask how far a picture is",
    tag="images",
    text="How far it is, and what everybody may see of it. No key is needed.",
    answers={200: answer(Image, "The public side.", _RECEIVED)},
    headers={200: ("Retry-After",)},
)
delete = items.remove("Image", "images")
bars = describe(
    "getImageBars",
    "Read the bars of a picture",
    tag="images",
    text="Size, fill, bars with what they hide, and the revision to change.",
    answers={200: answer(PictureState, "The bars.", _STATE)},
    problems=("not_ready", "failed"),
    is_opened=True,
)
set_bars = describe(
    "setImageBars",
    "Set the bars of a picture",
    tag="images",
    text="Replaces all bars; the flattened picture is made again.",
    body=body_of(Bars, one_bar={"revision": 0, "fill": "black", "bars": [_BAR]}),
    answers={200: answer(PictureState, "The bars as they are now.", _STATE)},
    problems=("not_ready", "failed", "conflict"),
    is_opened=True,
)
file = describe(
    "getImageFile",
    "Fetch the flattened picture",
    tag="images",
    text="The verified PNG, in which nothing is left under the bars.",
    answers={(200, "image/png"): answer(BINARY, "The picture.")},
    problems=CLEAN_PROBLEMS,
    headers={200: FILES},
)
source = describe(
    "getImageSource",
    "Fetch the original picture",
    tag="images",
    answers={(200, "application/octet-stream"): answer(BINARY, "The original file.")},
    headers={200: FILES},
    is_opened=True,
)
