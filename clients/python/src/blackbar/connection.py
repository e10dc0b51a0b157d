"""Where requests go and how httpx sends them; shared by both clients."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from blackbar.errors import ConfigurationError, TransportError
from blackbar.steps import Answer, Request

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_CONNECT_SECONDS = 10.0
# For cleaning up after an interruption: whoever interrupted does not want to wait.
_HURRIED_SECONDS = 5.0
VERSION = "0.1.0"


@dataclass(frozen=True, slots=True, repr=False)
class Target:
    """A server and the key for it.

    url:      without a slash at the end
    is_local: the server runs on this machine
    """

    url: str
    key: str | None
    is_local: bool

    def __repr__(self) -> str:
        return f"<Target {self.url}>"

    def arguments(self, timeout_seconds: float) -> dict[str, Any]:
        """Return what both of httpx's clients are made with."""
        headers = {"User-Agent": f"blackbar-client/{VERSION}", "Accept": "application/json"}
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        return {
            "base_url": self.url,
            "headers": headers,
            "timeout": httpx.Timeout(timeout_seconds, connect=_CONNECT_SECONDS),
            "follow_redirects": False,
            # A proxy of the environment has no business with what stays on this machine.
            "trust_env": not self.is_local,
        }


def target(url: str | None, key: str | None, *, allow_http: bool) -> Target:
    """Return where to send to; what is None comes from BLACKBAR_URL and BLACKBAR_API_KEY.

    allow_http: send texts over a network without TLS; BLACKBAR_ALLOW_HTTP=1 does so too
    Raises ConfigurationError.
    """
    url = url or os.environ.get("BLACKBAR_URL", "")
    key = key or os.environ.get("BLACKBAR_API_KEY") or None
    if not url:
        raise ConfigurationError("No server is named. Set BLACKBAR_URL, such as https://host.")
    if key is not None and not _PRINTABLE.fullmatch(key):
        raise ConfigurationError("The key has characters that no key has.")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
        raise ConfigurationError("The server's address must read like https://host.")
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("The server's address may hold no name or password.")
    is_local = _is_local(host)
    may_http = allow_http or os.environ.get("BLACKBAR_ALLOW_HTTP") == "1"
    if parts.scheme == "http" and not is_local and not may_http:
        raise ConfigurationError(
            "Texts would go over the network unprotected. Use https, or allow http explicitly."
        )
    named = f"[{host}]" if ":" in host else host
    where = named + (f":{port}" if port is not None else "")
    return Target(f"{parts.scheme}://{where}{parts.path.rstrip('/')}", key, is_local)


def prepared(
    client: httpx.Client | httpx.AsyncClient, request: Request, *, is_hurried: bool
) -> httpx.Request:
    """Return a request as httpx sends it."""
    headers = dict(request.headers)
    if request.body is not None:
        headers["Content-Type"] = "application/json"
    files = None
    if request.upload is not None:
        files = {"file": (request.upload.name, request.upload.content, "application/octet-stream")}
    return client.build_request(
        request.method,
        request.path,
        params=dict(request.query) or None,
        headers=headers,
        content=request.body,
        data=dict(request.form) or None,
        files=files,
        timeout=_HURRIED_SECONDS if is_hurried else client.timeout,
    )


def answered(response: httpx.Response, body: bytes) -> Answer:
    """Return a response as steps read it."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body)


def transport_error(error: httpx.HTTPError) -> TransportError:
    """Return what to raise for an error of httpx, whose own holds the request with its text."""
    kind = type(error).__name__
    if isinstance(error, _NOT_SENT):
        return TransportError(f"The server cannot be reached ({kind}).", was_sent=False)
    if isinstance(error, httpx.TimeoutException):
        return TransportError(f"The server does not answer in time ({kind}).")
    return TransportError(f"The connection broke ({kind}).")


def _is_local(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
