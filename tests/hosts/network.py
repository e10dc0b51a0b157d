"""Where the hosts of these tests stand: in network namespaces, or beside each other.

With root on Linux each host gets a namespace with a name and an address of its own, and a cable to
a bridge that can be pulled. Elsewhere hosts are process groups on one address, with ports of their
own; what needs a cable is skipped there, and says so.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

# Kept for tests of networks (RFC 2544): nobody's real address.
_SUBNET = "198.18.77"
_PORT = 8000
_IP = shutil.which("ip") or "/usr/sbin/ip"


@dataclass(slots=True)
class Place:
    """Where one host's processes run.

    enter: what goes before a command so that it runs there
    cable: the end of its cable at the bridge; None where it has none
    """

    name: str
    address: str
    port: int
    enter: tuple[str, ...] = ()
    cable: str | None = None

    def pull_cable(self) -> None:
        """Let nothing in or out any more."""
        assert self.cable is not None
        _ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        """Let everything through again."""
        if self.cable is not None:
            _ip("link", "set", self.cable, "up")


@dataclass(slots=True)
class Network:
    """What joins the hosts.

    address: where what all share listens: servers, proxy
    why_not: why hosts have no network of their own; "" if they have
    """

    address: str
    why_not: str = ""
    _bridge: str = ""
    _spaces: list[str] = field(default_factory=list)

    def place(self, name: str) -> Place:
        """Return a place for one more host."""
        if self.why_not:
            return Place(name, self.address, free_port(self.address))
        number = len(self._spaces) + 2
        space = f"{self._bridge}-{name}"
        inner, outer = f"{self._bridge}i{number}", f"{self._bridge}o{number}"
        _ip("netns", "add", space)
        self._spaces.append(space)
        _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space)
        _ip("link", "set", outer, "master", self._bridge, "up")
        _ip("-n", space, "link", "set", "lo", "up")
        _ip("-n", space, "addr", "add", f"{_SUBNET}.{number}/24", "dev", inner)
        _ip("-n", space, "link", "set", inner, "up")
        named = ("unshare", "--uts", "sh", "-c", f'hostname {name} && exec "$@"', "sh")
        enter = (_IP, "netns", "exec", space, *named)
        return Place(name, f"{_SUBNET}.{number}", _PORT, enter, outer)


@contextlib.contextmanager
def network() -> Iterator[Network]:
    """Make a network, and take it away again."""
    why_not = _why_no_namespaces()
    if why_not:
        yield Network("127.0.0.1", why_not)
        return
    made = Network(f"{_SUBNET}.1", _bridge=f"bb{secrets.token_hex(2)}")
    try:
        _ip("link", "add", made._bridge, "type", "bridge")
        _ip("addr", "add", f"{made.address}/24", "dev", made._bridge)
        _ip("link", "set", made._bridge, "up")
        yield made
    finally:
        for space in made._spaces:
            _ip("netns", "del", space, is_needed=False)
        _ip("link", "del", made._bridge, is_needed=False)


def free_port(address: str) -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def _why_no_namespaces() -> str:
    """Return why this machine lends no namespaces, "" if it does."""
    if sys.platform != "linux":
        return "network namespaces are Linux's"
    if os.getuid() != 0:
        return "only root makes network namespaces"
    if not (os.access(_IP, os.X_OK) and shutil.which("unshare")):
        return "iproute2 or util-linux is not installed"
    name = f"bb-try-{secrets.token_hex(2)}"
    try:
        _ip("netns", "add", name)
        _ip("-n", name, "link", "add", "end1", "type", "veth", "peer", "name", "end2")
        taken = subprocess.run([_IP, "route", "show", f"{_SUBNET}.0/24"], capture_output=True)
    except subprocess.CalledProcessError:
        return "this machine lends no network namespaces"
    finally:
        _ip("netns", "del", name, is_needed=False)
    return f"{_SUBNET}.0/24 is in use here" if taken.stdout.strip() else ""


def _ip(*arguments: str, is_needed: bool = True) -> None:
    subprocess.run([_IP, *arguments], check=is_needed, capture_output=True)
