"""How the server is: queues, workers, storage, failures. Ids and sentences, no texts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from accounts.models import ApiKey, QuotaUse, User
from documents.formats.model import Kind as FileKind
from documents.models import CleanState, Document, FileJob, State
from inference.models import EngineWorker, Lane, Scan, ScanState
from moderation.items import name_of
from moderation.models import Report
from moderation.models import State as ReportState
from pastebin.models import Paste
from vault.models import SealedFile
from workspaces.models import Workspace

MOST_FAILURES = 50
MOST_USES = 10


@dataclass(frozen=True, slots=True)
class Queue:
    """Work that waits. since: when the oldest of it came."""

    name: str
    waiting: int
    running: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be done with an item.

    sentence:  as its owner is told
    can_retry: whether the server holds the key that it takes
    """

    kind: str
    pid: str
    what: str
    sentence: str
    at: datetime | None
    can_retry: bool

    @property
    def noun(self) -> str:
        """What it is, in a word."""
        return name_of(self.kind)


@dataclass(frozen=True, slots=True)
class Storage:
    """What is stored, and what room is left, in bytes."""

    files: int
    sealed_bytes: int
    free_bytes: int
    all_bytes: int


def overview() -> dict[str, Any]:
    """Return what the overview shows; the number of queries is fixed."""
    return {
        "queues": _queues(),
        "workers": [one for one in EngineWorker.objects.order_by("name") if one.is_alive],
        "storage": _storage(),
        "people": _people(),
        "items": {"pastes": Paste.objects.count(), "documents": Document.objects.count()},
        "workspaces": Workspace.objects.filter(person=None).count(),
        "uses": QuotaUse.objects.order_by("-used")[:MOST_USES],
        "failures": _failures(),
        "most_failures": MOST_FAILURES,
        "open_reports": Report.objects.filter(state=ReportState.OPEN).count(),
    }


def _queues() -> list[Queue]:
    pending = Q(state=ScanState.PENDING)
    rows: Any = Scan.objects.unfinished().order_by().values("lane")
    rows = rows.annotate(
        waiting=Count("pk", filter=pending),
        running=Count("pk", filter=~pending),
        since=Min("created_at", filter=pending),
    )
    found = {row.pop("lane"): row for row in rows}
    nothing = {"waiting": 0, "running": 0, "since": None}
    queues = [
        Queue(name, **found.get(lane, nothing))
        for lane, name in ((Lane.SHORT.value, "Short texts"), (Lane.LONG.value, "Long texts"))
    ]
    now = timezone.now()
    jobs = FileJob.objects.aggregate(
        all=Count("pk"),
        running=Count("pk", filter=Q(lease_expires_at__gt=now)),
        since=Min("created_at", filter=Q(lease_expires_at=None) | Q(lease_expires_at__lte=now)),
    )
    waiting = jobs["all"] - jobs["running"]
    return [*queues, Queue("Files", waiting, jobs["running"], jobs["since"])]


def _storage() -> Storage:
    kept = SealedFile.objects.aggregate(files=Count("pk"), total=Sum("size_bytes"))
    disk = shutil.disk_usage(_nearest(Path(settings.BLACKBAR_VAR) / "sealed"))
    return Storage(kept["files"], int(kept["total"] or 0), disk.free, disk.total)


def _nearest(folder: Path) -> Path:
    return folder if folder.exists() else _nearest(folder.parent)


def _people() -> dict[str, Any]:
    month = timezone.now() - timedelta(days=30)
    counts: dict[str, Any] = User.objects.aggregate(
        all=Count("pk"),
        staff=Count("pk", filter=Q(is_staff=True)),
        off=Count("pk", filter=Q(is_active=False)),
        lately=Count("pk", filter=Q(last_login__gt=month)),
        latest=Max("date_joined"),
    )
    return counts | {"keys": ApiKey.objects.active().count()}


def _failures() -> list[Failure]:
    """Return the latest failures of scans, readings and clean files."""
    found = [*_failed_pastes(), *_failed_documents()]
    found.sort(key=lambda one: one.at.timestamp() if one.at else 0, reverse=True)
    return found[:MOST_FAILURES]


def _failed_pastes() -> list[Failure]:
    rows = (
        Paste.objects.filter(envelope__scan__state=ScanState.FAILED)
        .order_by("-envelope__scan__finished_at", "-created_at")
        .values_list(
            "pid",
            "envelope__scan__error",
            "envelope__scan__finished_at",
            "created_at",
            "envelope__service_key_id",
        )[:MOST_FAILURES]
    )
    return [
        Failure("paste", pid, "scan", error, ended or made, bool(key))
        for pid, error, ended, made, key in rows
    ]


def _failed_documents() -> Sequence[Failure]:
    is_unread = Q(state=State.FAILED)
    is_unclean = Q(clean_state__in=[CleanState.BLOCKED, CleanState.FAILED])
    rows = (
        Document.objects.filter(is_unread | is_unclean)
        .order_by("-created_at")
        .values_list(
            "pid", "kind", "state", "error", "clean_error", "created_at", "envelope__service_key_id"
        )[:MOST_FAILURES]
    )
    return [
        Failure(
            kind="image" if kind == FileKind.PICTURE else "document",
            pid=pid,
            what="reading" if state == State.FAILED else "clean file",
            sentence=error if state == State.FAILED else clean_error,
            at=made,
            can_retry=state == State.FAILED and bool(key),
        )
        for pid, kind, state, error, clean_error, made, key in rows
    ]
