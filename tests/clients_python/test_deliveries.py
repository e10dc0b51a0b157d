"""A receiver knows the server's messages from all others, and says nothing of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from blackbar import ConfigurationError, SignatureError, verify_delivery
from webhooks.signing import headers_for, new_secret

NOW = 1_800_000_000
BODY = json.dumps(
    {
        "type": "paste.ready",
        "timestamp": "2027-01-15T08:00:00+00:00",
        "data": {"kind": "paste", "id": "k7Qd2mXaPz01cVbT", "state": "ready"},
    }
).encode()


@pytest.fixture(scope="module")
def secret() -> str:
    return new_secret()


def _check(secret: str, headers: dict[str, str], body: bytes = BODY, **options: Any) -> Any:
    return verify_delivery(secret, headers, body, **{"now": NOW, **options})


def test_what_the_server_signed_is_read(secret: str) -> None:
    got = _check(secret, headers_for([secret], "msg_1", NOW, BODY))
    assert (got.id, got.type, got.kind, got.state) == ("msg_1", "paste.ready", "paste", "ready")
    assert (got.thing, got.at.year) == ("k7Qd2mXaPz01cVbT", 2027)


def test_names_of_headers_have_any_case(secret: str) -> None:
    headers = headers_for([secret], "msg_1", NOW, BODY)
    assert _check(secret, {name.title(): value for name, value in headers.items()}).id == "msg_1"


def test_during_a_change_of_secrets_both_are_taken(secret: str) -> None:
    newest = new_secret()
    headers = headers_for([newest, secret], "msg_1", NOW, BODY)
    assert _check(secret, headers) == _check(newest, headers)


def test_a_test_names_nothing(secret: str) -> None:
    body = b'{"type":"webhook.test","timestamp":"2027-01-15T08:00:00Z","data":{"kind":"test"}}'
    got = _check(secret, headers_for([secret], "msg_1", NOW, body), body)
    assert (got.kind, got.thing, got.state) == ("test", None, None)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(NOW + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": f"+{NOW}"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "\udcff \N{SNOWMAN}"},
        {"webhook-id": ""},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
    ],
)
def test_what_was_changed_is_refused(secret: str, changed: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        _check(secret, headers_for([secret], "msg_1", NOW, BODY) | changed)


def test_another_body_another_secret_and_no_headers_are_refused(secret: str) -> None:
    headers = headers_for([secret], "msg_1", NOW, BODY)
    for given in (
        (secret, headers, BODY + b" "),
        (new_secret(), headers, BODY),
        (secret, {}, BODY),
    ):
        with pytest.raises(SignatureError):
            _check(*given)


@pytest.mark.parametrize("late", [-301, -300, 0, 300, 301])
def test_a_message_is_good_for_five_minutes(secret: str, late: int) -> None:
    headers = headers_for([secret], "msg_1", NOW, BODY)
    if abs(late) > 300:
        with pytest.raises(SignatureError, match="too old"):
            _check(secret, headers, now=NOW + late)
    else:
        assert _check(secret, headers, now=NOW + late)
    assert _check(secret, headers, now=NOW + late, tolerance_seconds=600)


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"type": "Canary-7731"}', b"\xff", b"[" * 9999])
def test_what_is_signed_and_strange_is_refused_without_a_word_of_it(
    secret: str, body: bytes
) -> None:
    with pytest.raises(SignatureError) as caught:
        _check(secret, headers_for([secret], "msg_1", NOW, body), body)
    assert "Canary" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("wrong", ["", "whsec_", "whsec_?", "Canary-7731", "d2hzZWM="])
def test_a_secret_that_is_none_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _check(wrong, headers_for([new_secret()], "msg_1", NOW, BODY))
    assert "Canary" not in str(caught.value)
