"""Keys and usage, as the schema describes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import Plan, Scope
from api.schema.describe import answer, body_of, describe
from api.schema.values import Offset

_KEY = {
    "id": 7,
    "name": "nightly export",
    "prefix": "blackbar_k5qw",
    "scopes": ["redact", "read"],
    "plan": "own",
    "created_at": "2026-11-21T09:00:00+00:00",
    "used_at": None,
    "expires_at": None,
    "previous_until": None,
}
_WITH_SECRET = _KEY | {
    "secret": "blackbar_k5qw2n7tzc4ah3mdr6xvp9yb",
    "license_key": "54c0d6a2-7f1b-4c53-9d0e-2b6a8f31c7e4",
}


class ScopesField(serializers.ListField):
    """What a key may do."""

    def __init__(self, **options: Any) -> None:
        child = serializers.ChoiceField(choices=list(Scope.values))
        super().__init__(child=child, help_text="What the key may do.", **options)


class NewKey(serializers.Serializer[Any]):
    """A key to make."""

    name = serializers.CharField(max_length=60, help_text="A name for people.")
    scopes = ScopesField(min_length=1)
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When it ends; never, if it is not said."
    )


class Key(serializers.Serializer[Any]):
    """A key, without its secret."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="Its first signs, to tell it from others.")
    scopes = ScopesField()
    plan = serializers.ChoiceField(choices=list(Plan.values))
    created_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    previous_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when the secret before this one works too."
    )


class KeyWithSecret(Key):
    """A key with its secret, which is in this answer and nowhere else."""

    secret = serializers.CharField(help_text="What follows `Bearer`.")
    license_key = serializers.CharField(help_text="The same key as the UUID that others want.")


class Keys(serializers.Serializer[Any]):
    """The active keys, newest first."""

    keys = Key(many=True)


class Rotation(serializers.Serializer[Any]):
    """How a key gets a new secret."""

    overlap_seconds = serializers.IntegerField(
        min_value=0,
        max_value=30 * 86_400,
        required=False,
        default=86_400,
        help_text="How long the old secret goes on.",
    )


class Limit(serializers.Serializer[Any]):
    """A limit and what is left of it."""

    name = serializers.CharField()
    requests = Offset("How many it allows in a window.")
    used = Offset()
    left = Offset()
    window_seconds = Offset("Null counts for ever.", allow_null=True)
    resets_in_seconds = Offset("Seconds until the window ends.", allow_null=True)


class Usage(serializers.Serializer[Any]):
    """What the caller used of its limits; none are an empty list."""

    plan = serializers.ChoiceField(choices=list(Plan.values), allow_null=True)
    limits = Limit(many=True)


list_keys = describe(
    "listKeys",
    "List your keys",
    tag="keys",
    answers={200: answer(Keys, "The active keys, newest first.", {"keys": [_KEY]})},
)
create = describe(
    "createKey",
    "Make a key",
    tag="keys",
    text="A key makes no key that may do more than itself.",
    body=body_of(NewKey, for_a_program={"name": "nightly export", "scopes": ["redact", "read"]}),
    answers={201: answer(KeyWithSecret, "The key with its secret.", _WITH_SECRET)},
    problems=("too_many_keys",),
)
get = describe(
    "getKey",
    "Look at a key",
    tag="keys",
    answers={200: answer(Key, "What is known of it.", _KEY)},
)
revoke = describe(
    "revokeKey",
    "Revoke a key",
    tag="keys",
    text="Ends both its secrets at once.",
    answers={204: answer(None, "It is revoked.")},
)
rotate = describe(
    "rotateKey",
    "Give a key a new secret",
    tag="keys",
    text="The old secret goes on for a while, so that programs can be changed one by one.",
    body=body_of(Rotation, an_hour={"overlap_seconds": 3600}),
    answers={200: answer(KeyWithSecret, "The key with its new secret.", _WITH_SECRET)},
)
usage = describe(
    "getUsage",
    "See what is used of your limits",
    tag="keys",
    answers={
        200: answer(
            Usage,
            "Each limit with what is left of it.",
            {
                "plan": None,
                "limits": [
                    {
                        "name": "minute",
                        "requests": 60,
                        "used": 1,
                        "left": 59,
                        "window_seconds": 60,
                        "resets_in_seconds": 42,
                    }
                ],
            },
        )
    },
)
