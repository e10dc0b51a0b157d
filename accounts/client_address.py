"""Where a request comes from, behind as many proxies as the settings name."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest

# What a request counts as when the server in front names no address (a socket file).
UNKNOWN_ADDRESS = "0.0.0.0"
IPV6_PREFIX_BITS = 64


def client_address(request: HttpRequest) -> str:
    """Return the address of the client.

    Each of `BLACKBAR_PROXIES` proxies appends the address it was called from to X-Forwarded-For;
    what stands further left was written by the client and is not believed.
    """
    if settings.PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        if len(hops) >= settings.PROXIES:
            address = _parse(hops[-settings.PROXIES])
            if address:
                return str(address)
    return str(_parse(request.META.get("REMOTE_ADDR", "")) or UNKNOWN_ADDRESS)


def client_network(request: HttpRequest) -> str:
    """Return the address by which tries are counted: for IPv6 the network that one client has."""
    address = ipaddress.ip_address(client_address(request))
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX_BITS), strict=False).network_address)


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip()
    if text.startswith("["):  # [address]:port
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:  # address:port
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if address.version == 6:
        return address.ipv4_mapped or ipaddress.IPv6Address(int(address))  # without a zone
    return address
