"""One item as the lists of a workspace show it; nothing of its original."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Substr
from django.urls import reverse

from accounts.models import User
from entries.models import Entry, Kind, Tag
from entries.search import Piece
from library.filters import STATES
from library.listing import trash_ends
from pastebin.models import Paste
from policies.models import PolicyVersion

LONGEST_BEGIN = 70
_ANY = "id-of-any-item"

_FILE_KINDS = {
    "pdf": "PDF",
    "docx": "Word",
    "pptx": "PowerPoint",
    "xlsx": "Excel",
    "odt": "OpenDocument",
    "eml": "E-mail",
    "html": "HTML",
    "md": "Markdown",
    "csv": "CSV",
    "json": "JSON",
}
_UNNAMED = {
    (Kind.PASTE, "working"): "A text that is being scanned",
    (Kind.PASTE, "failed"): "A text that could not be scanned",
    (Kind.DOCUMENT, "working"): "A document that is being read",
    (Kind.DOCUMENT, "failed"): "A document that could not be read",
    (Kind.IMAGE, "working"): "An image that is being read",
    (Kind.IMAGE, "failed"): "An image that could not be read",
}
# Addresses of each kind: of the original, of what is public, and of the work on it.
_VIEWS = {
    Kind.PASTE: ("pastebin:paste_original", "pastebin:paste_public", "pastebin:paste_links"),
    Kind.DOCUMENT: (
        "documents:document_original",
        "documents:document_public",
        "documents:document_links",
    ),
    Kind.IMAGE: ("images:image_original", "images:image_public", "documents:document_links"),
}


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """What a list says of an item.

    url:     where its title leads; "" where there is nothing to see
    said:    how it stands, in words
    review:  how its review stands, in words; "" where there is nothing to review
    folder:  number and name of where it lies
    excerpt: where a search was found in its redacted text
    goes:    when the trash deletes it
    """

    pid: str
    url: str
    title: str
    kind: str
    state: str
    said: str
    review: str
    is_waiting: bool
    is_approved: bool
    added_by: str
    added: datetime
    ends: datetime | None
    folder: tuple[int, str] | None
    tags: Sequence[Tag]
    policy: str
    assignee: str
    excerpt: Sequence[Piece]
    goes: datetime | None

    @property
    def is_bad(self) -> bool:
        """Say whether nothing of it can be shared."""
        return self.state in {"failed", "down"}


def library_rows(
    entries: Sequence[Any],
    *,
    may_open: bool,
    folders: Mapping[int, str],
    excerpts: Mapping[object, list[Piece]],
) -> list[LibraryRow]:
    """Return the rows of `listed` entries of a workspace; folders: the names of its own."""
    begins, names = _begins(entries), _names(entries, folders)
    return [
        _row(
            entry,
            names,
            title=entry.title or begins.get(entry.pk) or _unnamed(entry),
            may_open=may_open,
            excerpt=excerpts.get(entry.pk, []),
        )
        for entry in entries
    ]


@dataclass(frozen=True, slots=True)
class _Names:
    """What things and people are called, by their keys."""

    people: Mapping[int | None, str]
    folders: Mapping[int, str]
    policies: Mapping[int | None, str]
    tags: Mapping[object, Sequence[Tag]]


def _names(entries: Iterable[Any], folders: Mapping[int, str]) -> _Names:
    """Return the names that the rows of a page need; three queries."""
    entries = list(entries)
    people = {entry.owner for entry in entries} | {entry.assignee_id for entry in entries}
    users = User.objects.filter(pk__in=people - {None}).values_list("pk", "username")
    versions = PolicyVersion.objects.filter(
        pk__in={entry.policy_version_id for entry in entries} - {None}
    ).values_list("pk", "policy__name", "number")
    return _Names(
        dict(users),
        folders,
        {key: f"{name}, version {number}" for key, name, number in versions},
        _tags(entries),
    )


def _tags(entries: Iterable[Any]) -> dict[object, list[Tag]]:
    """Return the tags of entries by name; prefetch_related builds a query for each of them."""
    given = Entry.tags.through.objects.filter(entry__in=[entry.pk for entry in entries])
    found: dict[object, list[Tag]] = defaultdict(list)
    for one in sorted(given.select_related("tag"), key=lambda one: one.tag.name.casefold()):
        found[one.entry_id].append(one.tag)
    return found


def _begins(entries: Iterable[Any]) -> dict[object, str]:
    """Return how the redacted texts of those begin that have no title; one query."""
    untitled = [entry.pk for entry in entries if not entry.title and entry.state == "ready"]
    if not untitled:
        return {}
    texts = Paste.objects.filter(envelope__in=untitled).values_list(
        "envelope", Substr("redacted_text", 1, LONGEST_BEGIN + 1)
    )
    return {key: _line(text or "") for key, text in texts}


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(text) <= LONGEST_BEGIN else line[: LONGEST_BEGIN - 1].rstrip() + "…"


def _unnamed(entry: Any) -> str:
    return _UNNAMED.get((Kind(entry.kind), entry.state), "Untitled")


def _row(
    entry: Any,
    names: _Names,
    *,
    title: str,
    may_open: bool,
    excerpt: Sequence[Piece],
) -> LibraryRow:
    is_approved = entry.approved_revision == entry.revision
    return LibraryRow(
        pid=entry.pid,
        url=_url(entry, may_open=may_open),
        title=title,
        kind=_FILE_KINDS.get(entry.file_kind or "", Kind(entry.kind).label),
        state=entry.state,
        said=_said(entry),
        review=_review(entry, is_approved=is_approved),
        is_waiting=entry.needs_approval and not is_approved,
        is_approved=is_approved,
        added_by=names.people.get(entry.owner, ""),
        added=entry.created_at,
        ends=entry.expires_at,
        folder=(entry.folder_id, names.folders.get(entry.folder_id, ""))
        if entry.folder_id
        else None,
        tags=names.tags.get(entry.pk, ()),
        policy=names.policies.get(entry.policy_version_id, ""),
        assignee=names.people.get(entry.assignee_id, ""),
        excerpt=excerpt,
        goes=entry.trashed_at and entry.trashed_at + trash_ends(),
    )


def _said(entry: Any) -> str:
    if entry.state == "ready":
        return f"{sum(entry.counts.values()):,} hidden"
    return STATES[entry.state].lower()


def _review(entry: Entry, *, is_approved: bool) -> str:
    if is_approved:
        return "approved"
    parts = ["waiting for approval"] if entry.needs_approval else []
    if entry.undecided:
        parts.append(f"{entry.undecided:,} undecided")
    return ", ".join(parts) or ("decided" if entry.ready_at and entry.counts else "")


def _url(entry: Any, *, may_open: bool) -> str:
    if entry.state == "down" or entry.trashed_at:
        return ""
    original, public, links = _VIEWS[entry.kind]
    ready = original if may_open else public
    return _address(ready if entry.state == "ready" else links).replace(_ANY, entry.pid)


@functools.cache
def _address(view: str) -> str:
    """Return where a view of an item is, for the id `_ANY`: to look it up takes long."""
    return reverse(view, args=[_ANY])
