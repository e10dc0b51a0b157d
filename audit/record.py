"""Writing the record: one line, bound to the one before, within the caller's transaction.

    digest(n) = SHA-256(digest(n - 1) | the line as canonical JSON)

The head of each chain is signed with a key that follows from the server's secret, so whoever can
write to the database but does not hold the secret cannot write a record that verifies.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone

from accounts.hash_keys import hash_key_of
from accounts.models import User
from audit.models import Action, Chain, Line
from audit.origin import current_address
from vault import signing
from vault.envelope import KEY_BYTES, DataKey, seal_for_service, unseal_for_service

FIRST_DIGEST = bytes(32)
Detail = Mapping[str, str | int | bool | None]


@transaction.atomic
def record(
    action: Action,
    *,
    workspace: str,
    actor: User | None,
    kind: str = "",
    thing: str = "",
    detail: Detail | None = None,
) -> Line:
    """Append a line to a workspace's record.

    detail: short words and numbers, never content, names of things or tokens
    Lines of one workspace wait for each other until the caller's transaction ends: record last.
    """
    chain = _locked(workspace)
    line = Line(
        workspace=workspace,
        number=chain.length + 1,
        at=timezone.now(),
        actor=actor.pk if actor is not None else None,
        action=action,
        kind=kind,
        thing=thing,
        detail=dict(detail or {}),
        sealed_address=_sealed(current_address(), chain, actor),
    )
    line.digest = digest_of(line, bytes(chain.head))
    line.save(force_insert=True)
    chain.length, chain.head = line.number, line.digest
    chain.signature = signing.sign(signed_of(workspace, line.number, line.digest))
    chain.save(update_fields=["length", "head", "signature"])
    return line


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


def address_of(line: Line, chain: Chain, actor: User | None) -> str:
    """Return where a line was written from. Raises UnsealError; not for erased accounts.

    actor: whose id the line bears
    """
    key = _address_key(chain, actor)
    return key.unseal(bytes(line.sealed_address), _address_context(line.workspace)).decode("ascii")


def _locked(workspace: str) -> Chain:
    chain = Chain.objects.select_for_update().filter(pk=workspace).first()
    if chain is None:
        sealed = seal_for_service(secrets.token_bytes(KEY_BYTES), _key_context(workspace))
        first = {
            "head": FIRST_DIGEST,
            "signature": signing.sign(signed_of(workspace, 0, FIRST_DIGEST)),
            "sealed_key": sealed,
        }
        Chain.objects.bulk_create([Chain(workspace=workspace, **first)], ignore_conflicts=True)
        chain = Chain.objects.select_for_update().get(pk=workspace)
    return chain


def _sealed(address: str, chain: Chain, actor: User | None) -> bytes:
    key = _address_key(chain, actor)
    return key.seal(address.encode("ascii"), _address_context(chain.workspace))


def _address_key(chain: Chain, actor: User | None) -> DataKey:
    if actor is not None:
        return DataKey(DataKey(hash_key_of(actor)).derive("addresses in records"))
    return DataKey(unseal_for_service(bytes(chain.sealed_key), _key_context(chain.workspace)))


def _key_context(workspace: str) -> str:
    return f"key of the record of {workspace}"


def _address_context(workspace: str) -> str:
    return f"address in the record of {workspace}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
