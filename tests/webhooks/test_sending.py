"""One POST: to the address that was checked, not further, and not for ever."""

from __future__ import annotations

import datetime
import http.server
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_django import Settings

from tests.webhooks.receiver import Receiver
from webhooks import sending
from webhooks.sending import SendError, post

NAME = "hooks.example.org"


def _resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let every name lead to the addresses of each answer in turn; returns what is asked."""
    asked: list[str] = []
    waiting = list(answers)

    def getaddrinfo(host: str, port: int, *args: Any, **options: Any) -> list[Any]:
        asked.append(host)
        found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        kind = socket.SOCK_STREAM
        return [
            (socket.AF_INET6, kind, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, kind, 6, "", (address, port))
            for address in found
        ]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_what_is_sent_arrives(receiver: Receiver) -> None:
    assert post(receiver.url(), b"body", {"webhook-id": "msg_1"}) == 204
    (got,) = receiver.received
    assert (got.path, got.body, got.headers["webhook-id"]) == ("/hook?x=1", b"body", "msg_1")
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["content-type"] == "application/json"


def test_a_name_that_leads_into_a_private_network_is_refused_when_connecting(
    receiver: Receiver, settings: Settings
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    with pytest.raises(SendError, match="private network"):
        post(receiver.url("localhost"), b"", {})
    assert receiver.received == []


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_other_ways_of_writing_this_machine_are_refused(
    receiver: Receiver, settings: Settings, host: str
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    with pytest.raises(SendError):
        post(receiver.url(host), b"", {})
    assert receiver.received == []


@pytest.mark.parametrize("trap", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"])
def test_one_private_address_among_public_ones_is_enough(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch, trap: str
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    _resolve_to(monkeypatch, ["8.8.8.8", trap])
    with pytest.raises(SendError, match="private network"):
        post(receiver.url(NAME), b"", {})
    assert receiver.received == []


def test_a_name_is_resolved_once_so_a_second_answer_changes_nothing(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _resolve_to(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    assert post(receiver.url(NAME), b"", {}) == 204
    assert asked == [NAME]
    assert receiver.received[0].headers["host"] == f"{NAME}:{receiver.port}"


def test_where_the_connection_really_went_is_checked_too(
    receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEBHOOK_NETWORKS = ()
    here = socket.create_connection(("127.0.0.1", receiver.port))
    _resolve_to(monkeypatch, ["8.8.8.8"])
    monkeypatch.setattr(sending, "_first_open", lambda found: here)
    with pytest.raises(SendError, match="private network"):
        post(receiver.url(NAME), b"", {})
    here.close()
    assert receiver.received == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    with Receiver() as other:
        receiver.status, receiver.headers = status, {"Location": other.url()}
        assert post(receiver.url(), b"", {}) == status
        assert other.received == []


def test_a_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url(path=""))
        assert post(receiver.url(), b"", {}) == 204
        assert proxy.received == []


def test_who_answers_for_ever_is_cut_off(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)

    def drip(handler: http.server.BaseHTTPRequestHandler) -> None:
        try:
            while True:
                handler.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        except OSError:
            return

    receiver.answer = drip
    with pytest.raises(SendError):
        post(receiver.url(), b"", {})


def test_a_long_answer_is_not_read(receiver: Receiver) -> None:
    sent: list[int] = []

    def pour(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(10_000):
                sent.append(handler.wfile.write(b"x" * 100_000) or 0)
        except OSError:
            return

    receiver.answer = pour
    assert post(receiver.url(), b"", {}) == 200
    assert sum(sent) < 10**9


def test_nobody_there_is_said(loopback: None) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SendError, match="refused"):
            post(f"http://127.0.0.1:{taken.getsockname()[1]}/", b"", {})


def test_a_name_without_an_address_is_said(loopback: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise socket.gaierror("Canary-7731")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    with pytest.raises(SendError) as caught:
        post("http://unknown.example.org/", b"", {})
    assert str(caught.value) == "Its name leads to no address."


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        made.public_bytes(encoding)
        + key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def test_over_tls_a_known_certificate_is_needed(
    loopback: None, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Receiver(certificate=certificate) as receiver:
        with pytest.raises(SendError, match="certificate"):
            post(receiver.url("localhost"), b"", {})
        assert receiver.received == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert post(receiver.url("localhost"), b"", {}) == 204
        # The certificate is for a name, not for the address behind it.
        with pytest.raises(SendError, match="certificate"):
            post(receiver.url("127.0.0.1"), b"", {})


def test_what_speaks_no_tls_is_said(receiver: Receiver) -> None:
    with pytest.raises(SendError):
        post(f"https://127.0.0.1:{receiver.port}/", b"", {})
    assert isinstance(ssl.create_default_context(), ssl.SSLContext)
