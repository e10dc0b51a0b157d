"""Pseudonyms: the same value has the same number wherever it stands in a workspace.

Who gives numbers, and who takes them away, holds the workspace's lock until its transaction ends:
two items that are published at once never give one value two numbers. A value is recognised by a
keyed digest and kept sealed with the workspace's key; it goes with the last item that shows it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from anonymizer.operators.placeholders import written
from anonymizer.restore import Entity
from anonymizer.text import same_value
from policies.models import Pseudonym, PseudonymCount
from workspaces.keys import hash_key_of, key_of
from workspaces.models import Workspace

# Rows that are asked for or written at once.
_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, repr=False)
class Value:
    """A value that is to have a number: the type of its placeholder, and its words."""

    type: str
    words: str


def numbers_of(workspace: Workspace, values: Iterable[Value]) -> dict[Value, int]:
    """Return the numbers that values have already. Raises UnsealError."""
    digests = _digests(workspace, values)
    known = _known(workspace, digests.values())
    return {
        value: known[value.type, digest].number
        for value, digest in digests.items()
        if (value.type, digest) in known
    }


def give_numbers(
    workspace: Workspace, values: Sequence[Value], taken: Collection[str] = ()
) -> tuple[dict[Value, int], list[Pseudonym]]:
    """Return the numbers of values, given to those that had none, and the rows behind them.

    taken: placeholders such as "PERSON_7" that no new value may be called
    Holds the workspace's lock until the transaction ends. Raises UnsealError.
    """
    envelope, key = key_of(workspace)
    digests = _digests(workspace, values)
    _lock(workspace.pk)
    known = _known(workspace, digests.values())
    last = _last_numbers(workspace)
    new: dict[tuple[str, bytes], Pseudonym] = {}
    for value, digest in digests.items():
        name = (value.type, digest)
        if name in known or name in new:
            continue
        new[name] = Pseudonym(
            workspace=workspace,
            type=value.type,
            number=_next_number(last, value.type, taken),
            digest=digest,
            sealed_value=envelope.seal(key, value.words, _context(value.type, digest)),
        )
    Pseudonym.objects.bulk_create(new.values(), batch_size=_AT_ONCE)
    _keep_last_numbers(workspace, last, {row.type for row in new.values()})
    rows = known | new
    used = {(value.type, digest): None for value, digest in digests.items()}
    numbers = {value: rows[value.type, digest].number for value, digest in digests.items()}
    return numbers, [rows[name] for name in used]


@transaction.atomic
def lend_numbers(
    workspace: Workspace, values: Iterable[Value], taken: Collection[str] = ()
) -> dict[Value, int]:
    """Return numbers for values of which nothing is to be kept.

    Those that the workspace knows have their own. Each of the others has one that is given to no
    other value ever, and that nothing here leads back from.
    taken: placeholders that no other value may be called
    Raises UnsealError.
    """
    digests = _digests(workspace, values)
    known = _known(workspace, digests.values())
    if any((value.type, digest) not in known for value, digest in digests.items()):
        _lock(workspace.pk)
        known = _known(workspace, digests.values())
    last = _last_numbers(workspace)
    numbers = {name: row.number for name, row in known.items()}
    lent = set()
    for value, digest in digests.items():
        if (value.type, digest) not in numbers:
            numbers[value.type, digest] = _next_number(last, value.type, taken)
            lent.add(value.type)
    _keep_last_numbers(workspace, last, lent)
    return {value: numbers[value.type, digest] for value, digest in digests.items()}


def drop_unused(wid: str, pks: Collection[int]) -> None:
    """Delete those of a workspace's pseudonyms that no item shows any more, with their values."""
    if not pks:
        return
    with transaction.atomic():
        _lock(wid)
        unused = Pseudonym.objects.filter(workspace=wid, pk__in=pks, entries=None)
        Pseudonym.objects.filter(pk__in=list(unused.values_list("pk", flat=True))).delete()


def forget_later(wid: str, pks: Collection[int]) -> None:
    """Delete those of these pseudonyms that no item shows once the transaction has ended.

    Not within it: it may hold the locks of several items, and who publishes one of them would
    wait for it with the workspace's lock in hand.
    """
    if pks:
        transaction.on_commit(lambda: drop_unused(wid, pks))


def sweep() -> int:
    """Delete the pseudonyms that no item shows, for deletions that a crash cut short."""
    unused = Pseudonym.objects.filter(entries=None).values_list("workspace_id", "pk")
    by_workspace: dict[str, list[int]] = {}
    for wid, pk in unused.order_by("pk")[:_AT_ONCE]:
        by_workspace.setdefault(wid, []).append(pk)
    for wid, pks in by_workspace.items():
        drop_unused(wid, pks)
    return sum(map(len, by_workspace.values()))


def pseudonym_map(workspace: Workspace) -> list[Entity]:
    """Return what each placeholder of a workspace stands for, as anonymizer.restore takes it.

    For who may manage the workspace. A value that is spelt in several ways has the spelling that
    was seen first. Raises UnsealError.
    """
    envelope, key = key_of(workspace)
    rows = workspace.pseudonyms.order_by("type", "number").iterator(chunk_size=_AT_ONCE)
    return [
        Entity(
            written(row.type, row.number),
            envelope.unseal(key, row.sealed_value, _context(row.type, bytes(row.digest))),
        )
        for row in rows
    ]


def _digests(workspace: Workspace, values: Iterable[Value]) -> dict[Value, bytes]:
    secret = hash_key_of(workspace)
    return {value: _digest(secret, value) for value in values}


def _digest(secret: bytes, value: Value) -> bytes:
    message = f"pseudonym\0{value.type}\0{same_value(value.words)}"
    return hmac.new(secret, message.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def _known(workspace: Workspace, digests: Collection[bytes]) -> dict[tuple[str, bytes], Pseudonym]:
    wanted = list(dict.fromkeys(digests))
    known: dict[tuple[str, bytes], Pseudonym] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Pseudonym.objects.filter(
            workspace=workspace, digest__in=wanted[start : start + _AT_ONCE]
        )
        known |= {(row.type, bytes(row.digest)): row for row in rows.defer("sealed_value")}
    return known


def _last_numbers(workspace: Workspace) -> dict[str, int]:
    return dict(workspace.pseudonym_counts.values_list("type", "last"))


def _next_number(last: dict[str, int], type_: str, taken: Collection[str]) -> int:
    """Return the next number of a type that is not taken, and note it as the last one."""
    number = last.get(type_, 0) + 1
    while f"{type_}_{number}" in taken:
        number += 1
    last[type_] = number
    return number


def _keep_last_numbers(
    workspace: Workspace, last: Mapping[str, int], types: Collection[str]
) -> None:
    """Note the highest numbers given: what was forgotten frees no number for another value."""
    PseudonymCount.objects.bulk_create(
        [PseudonymCount(workspace=workspace, type=name, last=last[name]) for name in sorted(types)],
        update_conflicts=True,
        unique_fields=["workspace", "type"],
        update_fields=["last"],
    )


def _lock(wid: str) -> None:
    # Rows that only refer to the workspace do not wait for it.
    Workspace.objects.select_for_update(no_key=True).filter(pk=wid).values("pk").first()


def _context(type_: str, digest: bytes) -> str:
    return f"pseudonym {type_} {digest.hex()}"
