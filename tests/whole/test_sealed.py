"""What a thief of the database holds, after the scan, with every secret of the server."""

from __future__ import annotations

import base64
import itertools

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.whole.conftest import Server, Visitor

NAME, MAIL = "Quirinalia Zabłocka", "quirinalia@zablocka.example"


def test_a_dump_holds_neither_original_nor_token(server: Server, visitor: Visitor) -> None:
    made = visitor.make(f"Call {NAME}, {MAIL}, about the lease.", title=f"For {NAME}")
    dump = _dump(server)
    for secret in ("Quirinalia", "Zabłocka", MAIL, made.token):
        for form in (secret.encode(), secret.encode("utf-16-le"), secret.encode().hex().encode()):
            assert form not in dump
    # And the dump is one: what is public is in it.
    assert b"about the lease" in dump
    assert made.pid.encode() in dump


def test_no_secret_of_the_server_opens_the_original(server: Server, visitor: Visitor) -> None:
    made = visitor.make(f"Call {NAME}, {MAIL}, about the lease.")
    ((envelope_id, service_wrap, text, spans, token_wrap),) = server.query(
        "SELECT e.id, e.service_wrap, s.sealed_text, s.sealed_spans, e.token_wrap "
        "FROM vault_envelope e JOIN inference_scan s ON s.envelope_id = e.id "
        "JOIN pastebin_paste p ON p.envelope_id = e.id WHERE p.pid = %s",
        made.pid,
    )
    assert service_wrap is None
    secrets = _secrets(server)
    contexts = [f"envelope {envelope_id} {name}" for name in ("service", "token", "text", "spans")]
    for sealed in (text, spans, token_wrap):
        assert isinstance(sealed, bytes)
        for key, context in itertools.product(secrets, contexts):
            assert _opens(key, sealed, context) is None
    # The same attempt with the token succeeds, so it is no attempt in vain.
    token_key = _derived(made.token.encode(), "blackbar token wrap")
    assert isinstance(token_wrap, bytes)
    assert isinstance(text, bytes)
    data_key = _opens(token_key, token_wrap, contexts[1])
    assert data_key is not None
    original = _opens(data_key, text, contexts[2])
    assert original is not None
    assert NAME in original.decode()


def _dump(server: Server) -> bytes:
    """Return all rows of all tables, binary columns as bytes."""
    tables = server.query(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
        "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    parts: list[bytes] = []
    for (table,) in tables:
        for row in server.query(f"SELECT * FROM {table}"):
            parts += [
                bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
                for value in row
            ]
    return b"\0".join(parts)


def _secrets(server: Server) -> list[bytes]:
    """Return every key that could be made of the server's secrets."""
    raw = [server.environment["BLACKBAR_SECRET_KEY"].encode()]
    for entry in server.environment["BLACKBAR_SERVICE_KEYS"].split(","):
        raw.append(base64.b64decode(entry.partition(":")[2]))
    purposes = ("blackbar service wrap", "blackbar service value", "blackbar token wrap")
    derived = [_derived(secret, purpose) for secret in raw for purpose in purposes]
    return derived + [secret for secret in raw if len(secret) == 32]


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret)


def _opens(key: bytes, sealed: bytes, context: str) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[1:13], sealed[13:], context.encode())
    except InvalidTag:
        return None
