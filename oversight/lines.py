"""Lines of a record as people read them: with the names of today, as far as there are any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from anonymizer.categories import category_of
from audit.models import Action, Chain, Line
from audit.record import address_of
from entries.models import Entry
from library.listing import said_of
from oversight.filters import is_by_link
from vault.envelope import UnsealError

_KINDS = {"paste": "Text", "document": "Document", "image": "Image"}
_WHY = {
    "expired": "its time was over",
    "trash": "its time in the trash was over",
    "burnt": "it could be read once",
    "erased": "the account was erased",
    "conflict": "shown again after a conflict",
}
_WORDS = {"via": "by", "what": "as", "ends": "ends", "why": ""}


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line.

    who:     a name, or what stands for it
    person:  id of the account; "" without one
    thing:   what it was done to, as an id; title: redacted, "" for what is gone
    address: where from; "" where it cannot be opened any more
    """

    number: int
    at: datetime
    who: str
    person: str
    is_named: bool
    action: str
    said: str
    kind: str
    thing: str
    title: str
    facts: str
    address: str
    digest: str


def rows_of(chain: Chain, lines: Sequence[Line], *, with_titles: bool = True) -> list[LineRow]:
    """Return lines of one record as rows; two queries however many there are."""
    people = User.objects.in_bulk({line.actor for line in lines if line.actor is not None})
    titles = _titles(chain.workspace, lines) if with_titles else {}
    return [_row(chain, line, people, titles) for line in lines]


def name_of(line: Line, people: Mapping[int, User]) -> str:
    """Return who a line is of, in words."""
    if line.actor is None:
        if line.action == Action.ITEM_REPORTED:
            return "A reader"
        return "Private link" if is_by_link(line) else "The server"
    person = people.get(line.actor)
    return person.username if person is not None else f"erased account {line.actor}"


def facts_of(line: Line) -> str:
    """Return what a line says beside who, what and when."""
    return ", ".join(_fact(name, value) for name, value in line.detail.items())


def _row(
    chain: Chain, line: Line, people: Mapping[int, User], titles: Mapping[str, str]
) -> LineRow:
    actor = people.get(line.actor) if line.actor is not None else None
    return LineRow(
        number=line.number,
        at=line.at,
        who=name_of(line, people),
        person=str(line.actor or ""),
        is_named=actor is not None,
        action=line.action,
        said=line.get_action_display(),
        kind=_KINDS.get(line.kind, line.kind.capitalize()),
        thing=line.thing,
        title=titles.get(line.thing, ""),
        facts=facts_of(line),
        address=_address(chain, line, actor),
        digest=bytes(line.digest).hex(),
    )


def _titles(workspace: str, lines: Sequence[Line]) -> dict[str, str]:
    things = {line.thing for line in lines if line.kind in _KINDS}
    found: Any = said_of(Entry.objects.filter(workspace=workspace, pid__in=things), ["title"])
    return {pid: title or "Untitled" for pid, title in found.values_list("pid", "title")}


def _address(chain: Chain, line: Line, actor: User | None) -> str:
    if line.actor is not None and actor is None:
        return ""
    try:
        return address_of(line, chain, actor)
    except UnsealError:
        return ""


def _fact(name: str, value: object) -> str:
    if name == "why":
        return _WHY.get(str(value), str(value))
    word, _, label = name.partition(" ")
    if label:  # "added private_person": how many marks of a category
        return f"{word} {value} {category_of(label).name.lower()}"
    if isinstance(value, bool):
        return name.replace("_", " ") if value else f"not {name.replace('_', ' ')}"
    shown = "nobody" if value is None else _moment(value) if name == "ends" else str(value)
    return f"{_WORDS.get(name, name.replace('_', ' '))} {shown}".strip()


def _moment(value: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(value)):%-d %b %Y, %H:%M} UTC"
    except ValueError:
        return str(value)
