"""Jobs, as the schema describes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.schema.describe import answer, describe
from api.schema.values import Offset

_STATES = ("queued", "running", "done", "failed")
_ID = "b5s0Zc1Qm2nXaPkW"
ACCEPTED = {"id": _ID, "state": "queued", "result": f"/api/v1/jobs/{_ID}/result"}


class Accepted(serializers.Serializer[Any]):
    """A request that became a job."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=_STATES)
    result = serializers.CharField(help_text="Address of the result.")


class Job(Accepted):
    """How far a job is."""

    texts = Offset("Number of texts.")
    texts_done = Offset("How many of them are done.")
    percent = serializers.IntegerField(
        min_value=0, max_value=100, help_text="How far all of it is."
    )
    position = serializers.IntegerField(
        min_value=1, allow_null=True, help_text="Place in the queue; null if it does not wait."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="When a result that nobody fetched goes.")


_JOB = ACCEPTED | {
    "texts": 1,
    "texts_done": 0,
    "percent": 0,
    "position": 1,
    "created_at": "2026-11-21T09:00:00+00:00",
    "expires_at": "2026-11-21T10:00:00+00:00",
}
get = describe(
    "getJob",
    "Ask how far a job is",
    tag="jobs",
    text="A job belongs to whoever made it; one made without an account, to whoever knows its id.",
    answers={200: answer(Job, "How far it is.", _JOB)},
    headers={200: ("Retry-After",)},
)
cancel = describe(
    "cancelJob",
    "Cancel a job",
    tag="jobs",
    text="Ends its scans and removes its texts.",
    answers={204: answer(None, "It is gone.")},
)
