"""Writing the record: one line, bound to the one before, within the caller's transaction.

    digest(n) = SHA-256(digest(n - 1) | the line as canonical JSON)

The head of each chain is signed with a key that follows from the server's secret, so whoever can
write to the database but does not hold the secret cannot write a record that verifies. A head that
is not signed is not signed by the next line either: what is broken stays broken.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from accounts.hash_keys import hash_key_of, opened_hash_key
from accounts.models import User
from audit.models import Action, Chain, Line
from audit.origin import current_address
from vault import signing
from vault.envelope import (
    KEY_BYTES,
    DataKey,
    current_service_key_id,
    seal_for_service,
    unseal_for_service,
)
from vault.planned import Planned
from vault.rows import write_together

FIRST_DIGEST = bytes(32)
_UNSIGNED = "unsigned"
# Lines that are written at once.
_AT_ONCE = 500
Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line that is still to be written."""

    action: Action
    workspace: str
    actor: User | None
    kind: str
    thing: str
    detail: Detail


_HEAD = Planned(lambda workspace: Chain.objects.select_for_update().filter(pk=workspace))
_kept_back: ContextVar[list[_Wanted] | None] = ContextVar("kept_back", default=None)


def record(
    action: Action,
    *,
    workspace: str,
    actor: User | None,
    kind: str = "",
    thing: str = "",
    detail: Detail | None = None,
) -> None:
    """Append a line to a workspace's record.

    detail: short words and numbers, never content, names of things or tokens
    Lines of one workspace wait for each other until the caller's transaction ends: record last,
    or within `recorded_last`.
    """
    wanted = _Wanted(action, workspace, actor, kind, thing, dict(detail or {}))
    kept_back = _kept_back.get()
    if kept_back is None:
        _append(wanted.workspace, [wanted])
    else:
        kept_back.append(wanted)


@contextmanager
def recorded_last() -> Iterator[None]:
    """Keep lines back until the end of the block, inside the caller's transaction.

    For transactions that change several things: who waited for the second thing while holding the
    record, and who waits for the record while holding the second thing, would wait for ever.
    """
    if _kept_back.get() is not None:
        yield
        return
    kept_back: list[_Wanted] = []
    token = _kept_back.set(kept_back)
    try:
        yield
    finally:
        _kept_back.reset(token)
    in_order = sorted(kept_back, key=lambda one: one.workspace)
    for workspace, lines in groupby(in_order, key=lambda one: one.workspace):
        _append(workspace, list(lines))


@transaction.atomic(savepoint=False)
def _append(workspace: str, wanted: Sequence[_Wanted]) -> None:
    chain = _locked(workspace)
    was_signed = is_signed(chain)
    actors = {one.actor.pk: one.actor for one in wanted if one.actor is not None}
    keys = {pk: _key_of_actor(hash_key_of(actor)) for pk, actor in actors.items()}
    address, now, lines = current_address(), timezone.now(), []
    for one in wanted:
        actor = one.actor.pk if one.actor is not None else None
        key = keys[actor] if actor is not None else _key_of_chain(chain)
        line = Line(
            workspace=workspace,
            number=chain.length + 1,
            at=now,
            actor=actor,
            action=one.action,
            kind=one.kind,
            thing=one.thing,
            detail=one.detail,
            sealed_address=key.seal(address.encode("ascii"), _address_context(workspace)),
        )
        line.digest = digest_of(line, bytes(chain.head))
        chain.length, chain.head = line.number, line.digest
        lines.append(line)
    *lines, last = lines
    Line.objects.bulk_create(lines, batch_size=_AT_ONCE)
    chain.signature = _signature(chain) if was_signed else _UNSIGNED
    write_together(last, changed=[(chain, ("length", "head", "signature"))])


@transaction.atomic
def sign_anew(workspace: str) -> None:
    """Sign a record's head with the present secret, for who changed it and has checked the lines.

    Raises Chain.DoesNotExist.
    """
    chain = Chain.objects.select_for_update().get(pk=workspace)
    chain.signature = _signature(chain)
    chain.save(update_fields=["signature"])


def digest_of(line: Line, before: bytes) -> bytes:
    """Return the digest that a line must have behind a line with the digest `before`."""
    said = {
        "workspace": line.workspace,
        "number": line.number,
        "at": _moment(line.at),
        "actor": line.actor,
        "action": str(line.action),
        "kind": line.kind,
        "thing": line.thing,
        "detail": line.detail,
        "address": bytes(line.sealed_address).hex(),
    }
    plain = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(before + plain.encode("ascii")).digest()


def signed_of(workspace: str, length: int, head: bytes) -> bytes:
    """Return the bytes of a chain's head that are signed."""
    return f"blackbar record {workspace} {length} {head.hex()}".encode()


def is_signed(chain: Chain) -> bool:
    """Say whether this server signed a head."""
    said = signed_of(chain.workspace, chain.length, bytes(chain.head))
    return signing.is_signed(said, chain.signature, signing.public_key())


def address_of(line: Line, chain: Chain, actor: User | None) -> str:
    """Return where a line was written from. Raises UnsealError; not for erased accounts.

    actor: whose id the line bears, as loaded from the database
    """
    key = _key_of_actor(opened_hash_key(actor)) if actor is not None else _key_of_chain(chain)
    return key.unseal(bytes(line.sealed_address), _address_context(line.workspace)).decode("ascii")


def reseal_chain_keys() -> int:
    """Seal the keys of all records with the current service key; returns how many.

    Raises UnsealError if a key that is still in use is not configured.
    """
    current, resealed = f"{current_service_key_id()}:".encode(), 0
    for workspace in Chain.objects.values_list("pk", flat=True):
        with transaction.atomic():
            chain = Chain.objects.select_for_update().get(pk=workspace)
            sealed = bytes(chain.sealed_key)
            if not sealed.startswith(current):
                value = unseal_for_service(sealed, _key_context(workspace))
                chain.sealed_key = seal_for_service(value, _key_context(workspace))
                chain.save(update_fields=["sealed_key"])
                resealed += 1
    return resealed


def _locked(workspace: str) -> Chain:
    chain = _HEAD.first(workspace=workspace)
    if chain is None:
        sealed = seal_for_service(secrets.token_bytes(KEY_BYTES), _key_context(workspace))
        first = Chain(workspace=workspace, head=FIRST_DIGEST, sealed_key=sealed)
        first.signature = _signature(first)
        Chain.objects.bulk_create([first], ignore_conflicts=True)
        chain = Chain.objects.select_for_update().get(pk=workspace)
    return chain


def _signature(chain: Chain) -> str:
    return signing.sign(signed_of(chain.workspace, chain.length, bytes(chain.head)))


def _key_of_actor(secret: bytes) -> DataKey:
    return DataKey(DataKey(secret).derive("addresses in records"))


def _key_of_chain(chain: Chain) -> DataKey:
    return DataKey(unseal_for_service(bytes(chain.sealed_key), _key_context(chain.workspace)))


def _key_context(workspace: str) -> str:
    return f"key of the record of {workspace}"


def _address_context(workspace: str) -> str:
    return f"address in the record of {workspace}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
