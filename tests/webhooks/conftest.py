"""A receiver on this machine, and settings that let webhooks go there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from tests.webhooks.receiver import Receiver


@pytest.fixture
def loopback(settings: Settings) -> None:
    """Let webhooks be sent to this machine without TLS."""
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_NETWORKS = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver(loopback: None) -> Iterator[Receiver]:
    """A receiver that answers 204."""
    with Receiver() as running:
        yield running
