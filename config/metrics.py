"""/metrics: queue and engine in the text format of Prometheus, for who brings the token."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db.models import Count, Min
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from inference.models import EngineWorker, Lane, Scan, ScanState

_GAUGES = {
    "blackbar_queue_scans": "Scans that wait, by lane.",
    "blackbar_queue_oldest_seconds": "Age of the scan that waits longest, by lane.",
    "blackbar_engine_workers": "Engine workers that were heard of lately.",
    "blackbar_engine_tokens_per_second": "Tokens read for each second of detection since a start.",
    "blackbar_engine_batch_texts_mean": "Texts that went through together, on average.",
    "blackbar_engine_batch_texts_largest": "Most texts that went through together.",
}
_COUNTERS = {
    "blackbar_engine_tokens_total": "Tokens read since a worker's start.",
    "blackbar_engine_texts_total": "Texts scanned since a worker's start.",
    "blackbar_engine_batches_total": "Batches since a worker's start.",
    "blackbar_engine_busy_seconds_total": "Seconds spent on detection since a worker's start.",
}
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
    body = _exposition([*_queue(), *_workers()])
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
