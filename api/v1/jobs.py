"""Jobs: redactions that took longer than their request waited."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from anonymizer import redaction
from anonymizer.models import RedactJob
from api.callers import caller_of
from api.schema import jobs as schema
from api.schema import redaction as redaction_schema
from api.schema.describe import described
from api.v1.base import NativeView
from api.v1.options import read_options
from api.v1.redact import results_as_json
from inference.models import Lane
from inference.pace import SCANS, retry_after


@described(get=schema.get, delete=schema.cancel)
class OneJob(NativeView):
    """A job's state."""

    scopes: ClassVar = {"GET": "read", "DELETE": "redact"}

    def get(self, request: Request, job_id: str) -> Response:
        """Return how far it is."""
        job = redaction.find_job(job_id, caller_of(request).user)
        headers = {"Cache-Control": "no-store"}
        body = job_as_json(job)
        if body["state"] in {"queued", "running"}:
            headers["Retry-After"] = retry_after(SCANS[Lane.SHORT].seconds(1.0, job.created_at))
        return Response(body, headers=headers)

    def delete(self, request: Request, job_id: str) -> Response:
        """Cancel it, and remove its texts."""
        redaction.cancel_job(redaction.find_job(job_id, caller_of(request).user))
        return Response(status=204)


@described(get=redaction_schema.result)
class JobResult(NativeView):
    """A job's result."""

    scopes: ClassVar = {"POST": "redact", "GET": "redact"}

    def get(self, request: Request, job_id: str) -> Response:
        """Return the result, once: it is removed with the answer. 409 while there is none."""
        caller = caller_of(request)
        job = redaction.find_job(job_id, caller.user)
        try:
            asked, results = redaction.take_job(job)
        except redaction.DetectionFailedError:
            redaction.cancel_job(job)
            raise
        if asked.get("dialect") != "native":
            asked = {"ids": list(range(len(results))), "options": {}}
        options = read_options(asked["options"], caller, is_job=True)
        body = results_as_json(results, asked["ids"], options, caller)
        return Response(body, headers={"Cache-Control": "no-store"})


def job_as_json(job: RedactJob) -> dict[str, Any]:
    """Return a job's state."""
    progress = redaction.progress_of(job)
    return {
        "id": job.id,
        "state": progress.state,
        "texts": progress.texts,
        "texts_done": progress.texts_done,
        "percent": progress.percent,
        "position": progress.position,
        "created_at": job.created_at.isoformat(),
        "expires_at": job.expires_at.isoformat(),
        "result": reverse("api:v1:job_result", args=[job.id]),
    }
