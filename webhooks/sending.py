"""One POST to a stranger's server: to a checked address, once, and without reading its answer."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult

from webhooks.addresses import AddressError, check_address, check_url, parse_resolved

# Of each wait on the network, and of all of it together.
STEP_SECONDS = 5.0
TOTAL_SECONDS = 15.0
_USER_AGENT = "Blackbar-Webhooks/1"


class SendError(Exception):
    """Raised when no answer came; the message is a sentence for the webhook's owner."""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body and return the status of the answer; its content is not read.

    Redirects are not followed: where they lead was neither named nor checked. Raises SendError.
    """
    try:
        parts = check_url(url)
        connection = _Connection(parts)
    except AddressError as exc:
        raise SendError(str(exc)) from exc
    deadline = threading.Timer(TOTAL_SECONDS, connection.cut)
    deadline.daemon = True
    deadline.start()
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fields = {"User-Agent": _USER_AGENT, "Content-Type": "application/json", **headers}
        connection.request("POST", target, body, {**fields, "Connection": "close"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as exc:
        raise SendError(_sentence(exc)) from exc
    finally:
        deadline.cancel()
        connection.cut()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """A connection to the very address that was checked: the name is resolved once."""

    def __init__(self, parts: SplitResult) -> None:
        self._is_secure = parts.scheme == "https"
        self.default_port = 443 if self._is_secure else 80
        host = parts.hostname or ""
        super().__init__(host, parts.port or self.default_port, timeout=STEP_SECONDS)
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Resolve, check, connect, and speak TLS. Raises OSError, AddressError."""
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        # All of them: a name with one private address among public ones is a trap.
        for *_, place in found:
            check_address(parse_resolved(str(place[0])))
        self._raw = _first_open(found)
        # What was connected to, as the system says.
        check_address(parse_resolved(str(self._raw.getpeername()[0])))
        self.sock = self._raw
        if self._is_secure:
            context = ssl.create_default_context()
            self.sock = self._raw = context.wrap_socket(self._raw, server_hostname=self.host)

    def cut(self) -> None:
        """End whatever goes on, from any thread."""
        if self._raw is not None:
            with contextlib.suppress(OSError):
                self._raw.shutdown(socket.SHUT_RDWR)


def _first_open(
    found: Sequence[tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]],
) -> socket.socket:
    """Return a socket to the first address that takes a connection. Raises OSError."""
    error: OSError = ConnectionError("There is no address.")
    for family, kind, protocol, _, place in found:
        opened = socket.socket(family, kind, protocol)
        opened.settimeout(STEP_SECONDS)
        try:
            opened.connect(place)
        except OSError as exc:
            opened.close()
            error = exc
        else:
            return opened
    raise error


def _sentence(exc: Exception) -> str:
    """Say what went wrong; nothing of the receiver's words, which it may choose freely."""
    match exc:
        case AddressError():
            return str(exc)
        case socket.gaierror():
            return "Its name leads to no address."
        case TimeoutError():
            return "It did not answer in time."
        case ssl.SSLCertVerificationError():
            return "Its certificate is not valid."
        case ssl.SSLError():
            return "It does not speak TLS as it should."
        case ConnectionRefusedError():
            return "It refused the connection."
        case http.client.HTTPException() | ConnectionError() | OSError():
            return "The connection broke."
    return "The address cannot be called."
