"""Where the request at hand comes from, for what is recorded while it is answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_address: ContextVar[str] = ContextVar("address", default="")


@contextmanager
def request_from(address: str) -> Iterator[None]:
    """Note where a request comes from while it is answered."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def current_address() -> str:
    """Return the address of the request at hand, "" where there is none (a worker, a command)."""
    return _address.get()
