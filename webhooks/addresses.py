"""Where a webhook may go: only to addresses of the public internet.

The server stands inside networks that strangers do not. Whoever names an address for it to call
could reach what is meant for insiders only (SSRF), so every address that a name resolves to is
judged when the connection is made, not when the name is typed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# RFC 6890 and the IANA registry of special-purpose addresses, multicast and reserved included.
_REFUSED_IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; clouds answer with secrets at 169.254.169.254
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
# Of IPv6 only this much is given out to the public. What lies outside it is refused: loopback,
# unique local (fc00::/7), link-local, multicast, and all that wraps an IPv4 address, be it mapped
# (::ffff:0:0/96), compatible (::/96), or for translation (64:ff9b::/96, 64:ff9b:1::/48).
_PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocols of the IETF; Teredo (2001::/32) wraps IPv4
        "2001:db8::/32",
        "2002::/16",  # 6to4 wraps IPv4
        "3fff::/20",
    )
)


class AddressError(ValueError):
    """Raised for an address that no webhook may go to; the message is a sentence for its owner."""


def check_url(url: str) -> SplitResult:
    """Return a URL's parts. Raises AddressError.

    Says nothing of where its name leads: that is judged by `check_address` at each connection.
    """
    if not url.isascii() or any(char <= " " or char == "\x7f" for char in url) or "\\" in url:
        raise AddressError("Write the address in plain ASCII, without spaces.")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError as exc:
        raise AddressError("This is no address that can be called.") from exc
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.WEBHOOK_HTTP):
        raise AddressError("The address must begin with https://.")
    if not host or port == 0:
        raise AddressError("This is no address that can be called.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressError("The address must hold no name, no password and no fragment (#).")
    literal = _literal(host)
    if literal is not None:
        check_address(literal)
    return parts


def check_address(address: Address) -> None:
    """Let an address pass that a webhook may be sent to. Raises AddressError."""
    if not is_allowed(address):
        raise AddressError("The address leads into a private network.")


def is_allowed(address: Address) -> bool:
    """Say whether a webhook may be sent to an address."""
    if _is_in(address, settings.WEBHOOK_NETWORKS):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return not _is_in(address, _REFUSED_IPV4)
    return address in _PUBLIC_IPV6 and not _is_in(address, _REFUSED_IPV6)


def parse_resolved(text: str) -> Address:
    """Return an address as getaddrinfo writes it; a zone (fe80::1%eth0) is no part of it."""
    return ipaddress.ip_address(text.partition("%")[0])


def _is_in(
    address: Address, networks: Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]
) -> bool:
    return any(address.version == one.version and address in one for one in networks)


def _literal(host: str) -> Address | None:
    try:
        return parse_resolved(host)
    except ValueError:
        return None
