"""E-mail addresses, links and network addresses from what is reserved for examples."""

from __future__ import annotations

import ipaddress
import random
import re

from anonymizer.operators.surrogates.names import latin_name

# RFC 2606 and RFC 6761, RFC 5737 and RFC 3849, RFC 7042.
_DOMAINS = ("example.com", "example.org", "example.net")
_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.")
_SCHEME = re.compile(r"^(?:[A-Za-z][A-Za-z0-9+.\-]{0,20}://)?(?:www\.)?")


def email(value: str, chance: random.Random) -> str | None:
    """Return an address at a domain that is nobody's, with the separators of the original."""
    local, at, _ = value.rpartition("@")
    if not at:
        return None
    given, family = latin_name(chance)
    gap = next((sign for sign in "._-" if sign in local), "")
    name = f"{given}{gap}{family}" if gap or len(local) > 6 else f"{given[0]}{family}"
    domain = chance.choice(_DOMAINS)
    number = str(chance.randint(10, 99)) if local[-1:].isdigit() else ""
    made = f"{name}{number}@{domain}"
    return made.upper() if value.isupper() else made.lower()


def link(value: str, chance: random.Random) -> str | None:
    """Return a link to an example domain with the same scheme and as many parts."""
    scheme = _SCHEME.match(value)
    start = scheme.group() if scheme else ""
    host, *parts = value[len(start) :].split("/")
    if "@" in host and not start:
        return email(value, chance)
    given, family = latin_name(chance)
    words = [f"{given}-{family}".lower(), f"{family}{chance.randint(10, 99)}".lower()]
    path = "".join("/" + (words[i % 2] if part else "") for i, part in enumerate(parts))
    domain = chance.choice(_DOMAINS)
    return f"{start}{family.lower()}.{domain}{path}"


def ip_address(value: str, chance: random.Random) -> str | None:
    """Return an address of a network for documentation, of the same version."""
    try:
        version = ipaddress.ip_address(value.partition("/")[0]).version
    except ValueError:
        return None
    tail = "/" + value.partition("/")[2] if "/" in value else ""
    if version == 4:
        return f"{chance.choice(_NETWORKS)}{chance.randint(1, 254)}{tail}"
    return f"2001:db8:{chance.randrange(1, 0xFFFF):x}::{chance.randrange(1, 0xFFFF):x}{tail}"


def mac_address(value: str, chance: random.Random) -> str | None:
    """Return an address of the block for documentation, 00-00-5E-00-53."""
    gap = next((sign for sign in value if not sign.isalnum()), "")
    signs = f"00005e0053{chance.randrange(256):02x}"
    size = len(value.split(gap)[0]) if gap else 12
    made = gap.join(signs[i : i + size] for i in range(0, 12, size))
    return made.upper() if value.isupper() else made
