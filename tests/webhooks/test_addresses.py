"""Where webhooks may go: nothing but the public internet, however an address is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from webhooks.addresses import AddressError, check_url, is_allowed, parse_resolved

REFUSED = (
    "0.0.0.0", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.255.255.254", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8",
    "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2001:10::1",
    "2002:7f00:1::", "2002:808:808::1", "3fff::1", "fc00::1", "fd00:ec2::254", "fe80::1",
    "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1",
)  # fmt: skip
ALLOWED = (
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
    "192.169.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "2003::1",
)  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_public_is_refused(text: str) -> None:
    assert not is_allowed(parse_resolved(text))


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_public_is_allowed(text: str) -> None:
    assert is_allowed(parse_resolved(text))


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_ipv4_address_is_allowed_that_python_calls_private(address: IPv4Address) -> None:
    if is_allowed(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_no_ipv6_address_is_allowed_that_python_calls_private(address: IPv6Address) -> None:
    if is_allowed(address):
        assert address.is_global
        assert not address.is_multicast
        assert address.ipv4_mapped is address.sixtofour is address.teredo is None


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1))
def test_no_wrapping_of_an_ipv4_address_is_allowed(wrapped: int, rest: int) -> None:
    forms = (
        wrapped,  # ::a.b.c.d
        (0xFFFF << 32) | wrapped,  # ::ffff:a.b.c.d
        (0xFFFF << 48) | wrapped,  # ::ffff:0:a.b.c.d
        (0x64FF9B << 96) | wrapped,  # 64:ff9b::/96
        (0x64FF9B0001 << 80) | wrapped,  # 64:ff9b:1::/48
        (0x2002 << 112) | (wrapped << 80) | rest,  # 6to4
        (0x20010000 << 96) | (wrapped << 64) | rest,  # Teredo, with its server
        (0x20010000 << 96) | (rest << 32) & ((1 << 96) - 1) | wrapped,  # and its client
    )
    for form in forms:
        assert not is_allowed(IPv6Address(form))


def test_networks_that_the_owner_names_are_allowed(settings: Settings) -> None:
    settings.WEBHOOK_NETWORKS = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert is_allowed(ip_address("10.1.2.3"))
    assert is_allowed(ip_address("fd00::7"))
    assert not is_allowed(ip_address("10.2.0.1"))
    assert not is_allowed(ip_address("::ffff:10.1.2.3"))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "ftp://example.org/", "file:///etc/passwd", "example.org",
        "https://", "https:///path", "https://example.org:0/", "https://example.org:99999/",
        "https://example.org:x/", "https://user@example.org/", "https://a:b@example.org/",
        "https://example.org/#part", "https://exa mple.org/", "https://example.org/\r\nX: y",
        "https://example.org\\@10.0.0.1/", "https://exämple.org/", "https://127.0.0.1/",
        "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fe80::1%25eth0]/",
        "https://169.254.169.254/latest/meta-data", "https://[::1", "https://example.org/\0",
    ],
)  # fmt: skip
def test_what_is_no_public_https_address_is_refused(url: str) -> None:
    with pytest.raises(AddressError):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org", "https://example.org:8443/hook?token=x", "https://8.8.8.8/",
        "https://xn--exmple-cua.org/", "https://[2606:4700::1111]/",
    ],
)  # fmt: skip
def test_a_public_https_address_is_taken(url: str) -> None:
    assert check_url(url).scheme == "https"


def test_http_only_where_it_is_allowed(settings: Settings) -> None:
    settings.WEBHOOK_HTTP = True
    assert check_url("http://example.org/").scheme == "http"
    with pytest.raises(AddressError):
        check_url("ftp://example.org/")
