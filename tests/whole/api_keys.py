"""Keys of an account of the whole server, made as the server itself makes them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.whole.conftest import ROOT, Server

_CODE = """
import sys, django
django.setup()
from accounts.keys import create_key
from accounts.models import User
owner, _ = User.objects.get_or_create(username="programmer")
for scopes in sys.argv[1:]:
    print(create_key(owner=owner, name="k", scopes=scopes.split(",")).bearer)
"""


@pytest.fixture(scope="session")
def keys(server: Server) -> dict[str, str]:
    """Secrets by what they may do: "all", or "redact" alone."""
    environment = {**server.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    made = subprocess.run(
        [sys.executable, "-c", _CODE, "redact,read,reveal,admin", "redact"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    everything, redact = made.stdout.split()
    return {"all": everything, "redact": redact}
