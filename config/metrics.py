"""/metrics: queue and engine in the text format of Prometheus, for who brings the token."""

from __future__ import annotations

import hmac
import shutil
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from config.error_counts import counted
from documents.models import FileJob
from inference.models import EngineWorker, Lane, Scan, ScanState
from vault.models import SealedFile

_GAUGES = {
    "blackbar_queue_scans": "Scans that wait, by lane.",
    "blackbar_queue_oldest_seconds": "Age of the scan that waits longest, by lane.",
    "blackbar_file_jobs": "Files that wait to be read or written.",
    "blackbar_file_jobs_oldest_seconds": "Age of the file that waits longest.",
    "blackbar_stage_seconds": "How long things took that ended in the last ten minutes.",
    "blackbar_sealed_files": "Files in the sealed storage.",
    "blackbar_sealed_bytes": "Their size, before sealing.",
    "blackbar_disk_free_bytes": "Free space where this host keeps them; none with a bucket.",
    "blackbar_engine_workers": "Engine workers that were heard of lately.",
    "blackbar_engine_tokens_per_second": "Tokens read for each second of detection since a start.",
    "blackbar_engine_batch_texts_mean": "Texts that went through together, on average.",
    "blackbar_engine_batch_texts_largest": "Most texts that went through together.",
}
_COUNTERS = {
    "blackbar_http_errors_total": "Answers that say that something went wrong.",
    "blackbar_engine_tokens_total": "Tokens read since a worker's start.",
    "blackbar_engine_texts_total": "Texts scanned since a worker's start.",
    "blackbar_engine_batches_total": "Batches since a worker's start.",
    "blackbar_engine_busy_seconds_total": "Seconds spent on detection since a worker's start.",
}
# Only of what ended lately, by the times that its rows bear.
_STAGES = """
SELECT stage, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds)
FROM (
    SELECT 'scan' AS stage, extract(epoch FROM finished_at - created_at) AS seconds
    FROM inference_scan WHERE state = 'done' AND finished_at > now() - interval '10 minutes'
    UNION ALL
    SELECT 'read', extract(epoch FROM read_at - created_at)
    FROM documents_document WHERE read_at > now() - interval '10 minutes'
    UNION ALL
    SELECT 'ready', extract(epoch FROM ready_at - created_at)
    FROM documents_document WHERE ready_at > now() - interval '10 minutes'
    UNION ALL
    SELECT 'clean', extract(epoch FROM clean.created_at - document.ready_at)
    FROM documents_document document
    JOIN vault_envelope clean ON clean.id = document.clean_envelope_id
    WHERE clean.created_at > now() - interval '10 minutes' AND document.revision = 0
) AS ended
GROUP BY stage ORDER BY stage
"""
Sample = tuple[str, Mapping[str, str], float]


def metrics(request: HttpRequest) -> HttpResponse:
    """Return all figures; 404 where no token is set, 401 for a wrong one."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        answer = HttpResponse("The token is missing or wrong.\n", "text/plain", 401)
        answer["WWW-Authenticate"] = "Bearer"
        return answer
    samples = [*_queue(), *_files(), *_stages(), *_storage(), *_errors(), *_workers()]
    body = _exposition(samples)
    answer = HttpResponse(body, "text/plain; version=0.0.4; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


def _queue() -> Iterator[Sample]:
    waiting = Scan.objects.filter(state=ScanState.PENDING).values("lane")
    found = {row["lane"]: row for row in waiting.annotate(n=Count("pk"), since=Min("created_at"))}
    for lane in Lane.values:
        row = found.get(lane)
        age = (timezone.now() - row["since"]).total_seconds() if row else 0.0
        yield "blackbar_queue_scans", {"lane": lane}, row["n"] if row else 0
        yield "blackbar_queue_oldest_seconds", {"lane": lane}, age


def _files() -> Iterator[Sample]:
    waiting = (
        FileJob.objects.claimable().order_by().aggregate(n=Count("pk"), since=Min("created_at"))
    )
    age = (timezone.now() - waiting["since"]).total_seconds() if waiting["since"] else 0.0
    yield "blackbar_file_jobs", {}, waiting["n"]
    yield "blackbar_file_jobs_oldest_seconds", {}, age


def _stages() -> Iterator[Sample]:
    with connection.cursor() as cursor:
        cursor.execute(_STAGES)
        for stage, median, p95 in cursor.fetchall():
            for quantile, seconds in (("0.5", median), ("0.95", p95)):
                if seconds is not None:
                    labels = {"stage": stage, "quantile": quantile}
                    yield "blackbar_stage_seconds", labels, seconds


def _storage() -> Iterator[Sample]:
    stored = SealedFile.objects.aggregate(n=Count("pk"), size=Sum("size_bytes"))
    yield "blackbar_sealed_files", {}, stored["n"]
    yield "blackbar_sealed_bytes", {}, stored["size"] or 0
    if not settings.S3_BUCKET:
        yield "blackbar_disk_free_bytes", {}, shutil.disk_usage(settings.BLACKBAR_VAR).free


def _errors() -> Iterator[Sample]:
    for status, code, number in counted():
        yield "blackbar_http_errors_total", {"status": str(status), "code": code}, number


def _workers() -> Iterator[Sample]:
    alive = [worker for worker in EngineWorker.objects.order_by("name") if worker.is_alive]
    yield "blackbar_engine_workers", {}, len(alive)
    for worker in alive:
        labels = {"worker": worker.name, "checkpoint": worker.checkpoint}
        yield "blackbar_engine_tokens_total", labels, worker.tokens
        yield "blackbar_engine_texts_total", labels, worker.texts
        yield "blackbar_engine_batches_total", labels, worker.batches
        yield "blackbar_engine_busy_seconds_total", labels, worker.busy_seconds
        if worker.batches and worker.busy_seconds:
            speed = worker.tokens / worker.busy_seconds
            yield "blackbar_engine_tokens_per_second", labels, speed
            yield "blackbar_engine_batch_texts_mean", labels, worker.texts / worker.batches
            yield "blackbar_engine_batch_texts_largest", labels, worker.largest_batch


def _exposition(samples: list[Sample]) -> str:
    lines = []
    for names, kind in ((_GAUGES, "gauge"), (_COUNTERS, "counter")):
        for name, meaning in names.items():
            found = [sample for sample in samples if sample[0] == name]
            if found:
                lines += [f"# HELP {name} {meaning}", f"# TYPE {name} {kind}"]
            for _, labels, value in found:
                inner = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
                lines.append(f"{name}{{{inner}}} {value:.10g}" if inner else f"{name} {value:.10g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
