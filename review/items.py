"""Items under review: texts, documents and pictures behind one face."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404

from accounts.models import User
from anonymizer.corrections import Change, Edit
from documents import services as documents
from documents.formats.model import Kind as FileKind
from documents.models import Document
from entries.models import Entry, Kind
from images import services as pictures
from pastebin import services as pastes
from pastebin.models import Paste
from sharing.access import Access, find_in_workspace
from vault.envelope import DataKey
from workspaces.access import Seat
from workspaces.roles import May

Reviewed = Paste | Document
_MODELS: dict[str, type[Paste] | type[Document]] = {
    Kind.PASTE: Paste,
    Kind.DOCUMENT: Document,
    Kind.IMAGE: Document,
}


def open_item(seat: Seat, pid: str) -> Access[Reviewed]:
    """Open an item of a workspace for somebody who may. Raises Http404, also before it is ready."""
    kinds = Entry.objects.filter(workspace=seat.workspace, pid=pid).values_list("kind", flat=True)
    kind = kinds.first()
    if kind is None:
        raise Http404
    item: Reviewed = find_in_workspace(_MODELS[kind], seat.user, pid, May.OPEN)
    if not item.is_public or not item.scan.is_done:  # it may be scanned again for a policy
        raise Http404
    return Access(item, item.envelope.open_for_service(), seat.role, seat.user)


def is_picture(item: Reviewed) -> bool:
    """Say whether it is hidden by bars over pixels."""
    return isinstance(item, Document) and item.kind == FileKind.PICTURE


def correct(
    item: Reviewed,
    key: DataKey,
    edits: Sequence[Edit],
    *,
    by: User,
    why: str,
    all_mentions: bool = False,
) -> None:
    """Apply edits to the present marks of an item that is locked already.

    Raises CorrectionError, GoneError.
    """
    revision = item.revision
    if isinstance(item, Paste):
        pastes.correct(
            paste=item,
            key=key,
            revision=revision,
            edits=edits,
            all_mentions=all_mentions,
            by=by,
            why=why,
        )
        return
    service = pictures.correct if is_picture(item) else documents.correct
    service(
        document=item,
        key=key,
        revision=revision,
        edits=edits,
        all_mentions=all_mentions,
        by=by,
        why=why,
    )


def take_back(item: Reviewed, key: DataKey, change: Change, *, by: User) -> None:
    """Undo one change of an item. Raises ConflictError, CorrectionError, GoneError."""
    if isinstance(item, Paste):
        pastes.take_back(paste=item, key=key, change=change, by=by)
    elif is_picture(item):
        pictures.take_back(document=item, key=key, change=change, by=by)
    else:
        documents.take_back(document=item, key=key, change=change, by=by)
