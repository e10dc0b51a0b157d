"""Network addresses: IPv4, IPv6 and MAC, but not versions, masks and times of day."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from inference.engine.rules.finding import CERTAIN, LIKELY, Finding, pattern, stands_before

_V4 = pattern(r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?:/\d{1,2})?\b")
_V6 = pattern(
    r"(?:[0-9A-Fa-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4})(?:/\d{1,3})?"
)
_MAC = pattern(r"\b[0-9A-Fa-f]{2}(?:(?:-[0-9A-Fa-f]{2}){5}|(?::[0-9A-Fa-f]{2}){5})\b")
_MAC_DOTTED = pattern(r"\b[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}\b", ignore_case=True)
_VERSION_WORDS = pattern(
    r"(?:\bv|version|release|build|firmware|driver|section|chapter|clause|§|art\.?|revision)"
    r"[ :=.#]{0,3}$",
    ignore_case=True,
)
_IP_WORDS = pattern(
    r"\bip\b|ipv4|address|host|server|client|remote|from|ping|gateway|dns|addr|login|ssh|subnet",
    ignore_case=True,
)
_JOINTS = frozenset("-:")
_MAC_WORDS = pattern(r"\bmac\b|ether|hwaddr|hardware address|bssid|wlan", ignore_case=True)


def find_network_addresses(text: str) -> Iterator[Finding]:
    """Yield IP and MAC addresses that may point at a person's device or an inner network."""
    for match in _V4.finditer(text):
        if _is_v4(text, match.start(), match.end()):
            yield _ip(match.start(), match.end(), "An IPv4 address.")
    for match in _MAC.finditer(text):
        if _is_mac(text, match.start(), match.end()):
            yield _mac(match.start(), match.end())
    if text.count(":") < 2:
        return
    for match in _V6.finditer(text):
        start, end = match.span()
        if (
            end < len(text)
            and text[end - 1] == ":"
            and text[end] != ":"
            and not text[end].isalnum()
        ):
            end -= text[end - 2] != ":"  # a colon of the sentence, not of the address
        if _is_v6(text, start, end):
            yield _ip(start, end, "An IPv6 address.")


def find_dotted_mac_addresses(text: str) -> Iterator[Finding]:
    """Yield MAC addresses in the dotted form of network equipment, beside words for them."""
    for match in _MAC_DOTTED.finditer(text):
        if stands_before(_MAC_WORDS, text, match.start(), 30):
            yield _mac(match.start(), match.end())


def _ip(start: int, end: int, reason: str) -> Finding:
    return Finding(start, end, "private_url", "IP_ADDRESS", reason, CERTAIN)


def _mac(start: int, end: int) -> Finding:
    return Finding(start, end, "account_number", "MAC_ADDRESS", "A device's MAC address.", LIKELY)


def _is_mac(text: str, start: int, end: int) -> bool:
    """Say whether six pairs stand alone and are no date or count, as 10-20-30-40-50-60 is."""
    value = text[start:end].lower()
    if text[max(0, start - 1) : start] in _JOINTS or text[end : end + 1] in _JOINTS:
        return False
    has_letter = any(character in "abcdef" for character in value)
    return len(set(value) - set("-:")) > 2 and (has_letter or ":" in value)


def _is_v4(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if before in {".", "-"} or (after[:1] in {".", "-"} and after[1:].isdigit()):
        return False
    try:
        address = ipaddress.IPv4Interface(text[start:end]).ip
    except ValueError:
        return False
    octets = address.packed
    if octets[0] in {0, 127, 255} or address.is_multicast:
        return False
    if _VERSION_WORDS.search(text[max(0, start - 16) : start]):
        return False
    # Small numbers all along are more often a section or a version than an address.
    small = max(octets) < 32 and octets[0] != 10
    return not small or stands_before(_IP_WORDS, text, start, 30)


def _is_v6(text: str, start: int, end: int) -> bool:
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    if any(character.isalnum() or character in "_:" for character in around):
        return False
    value = text[start:end]
    try:
        address = ipaddress.IPv6Interface(value).ip
    except ValueError:
        return False
    filled = [group for group in value.split("/")[0].split(":") if group]
    if address.is_loopback or address.is_unspecified or len(filled) < 2:
        return False
    return any(map(str.isdigit, value)) and (len(filled) > 2 or len(filled[0]) == 4)
