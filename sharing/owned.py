"""A person's shared items in the export of everything they own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from accounts.export import Exported, as_json, as_text
from accounts.models import User
from inference.engine.spans import Span
from sharing.models import Item, Shared
from sharing.services import GoneError
from vault.envelope import DataKey, UnsealError
from workspaces.roles import ALLOWED, May, Role


def export_items(
    kind: type[Item],
    user: User,
    folder: str,
    shown: Callable[[Item, str], Iterable[Exported]],
    sealed: Callable[[Item, str, DataKey], Iterable[Exported]],
) -> Iterator[Exported]:
    """Yield the files of all items of a kind that a person owns, one item after the other.

    shown:  what of an item everybody may see who sees it; sealed: what its key opens. Both are
            given the item's folder in the archive.
    Where the person's role no longer opens originals, only what is shown comes along. What cannot
    be opened says so in its place; the rest still comes.
    """
    items: Any = kind._default_manager
    roles = dict(user.memberships.values_list("workspace", "role"))
    for pid in list(items.owned_by(user).values_list("pk", flat=True)):
        item = items.with_scan().filter(pk=pid, owner=user).first()
        if item is None:  # deleted meanwhile
            continue
        place = f"{folder}/{pid}"
        yield from shown(item, place)
        entry = item.entry
        role = roles.get(entry.workspace_id) if entry is not None else None
        if role is None or May.OPEN not in ALLOWED[Role(role)]:
            yield as_text(f"{place}/original.txt", "Your role no longer opens this original.\n")
            continue
        try:
            yield from sealed(item, place, item.envelope.open_for_service())
        except (UnsealError, GoneError, OSError):
            yield as_text(f"{place}/original.txt", "The server could not open this original.\n")


def facts_of(item: Shared) -> dict[str, Any]:
    """Return what is known of any item besides its content."""
    entry = item.entry
    return {
        "id": item.pid,
        "workspace": entry.workspace_id if entry is not None else None,
        "created_at": item.created_at,
        "expires_at": item.expires_at,
        "revision": item.revision,
        "private_link": item.envelope.token_wrap is not None,
        "withheld": item.withheld,
    }


def spans_as_json(path: str, spans: Sequence[Span]) -> Exported:
    """Return a file of spans; offsets are code points of the original beside it."""
    return as_json(path, [span.as_json() for span in spans])
