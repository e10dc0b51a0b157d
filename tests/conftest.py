"""What all tests share. The servers come first: Django's settings read their addresses."""

from __future__ import annotations

import django

import tests.servers  # noqa: F401 (starts the servers and sets the environment)
from tests.browser import browser_type_launch_args  # noqa: F401 (a fixture)

# Before pytest-django would: the folders' own conftests import models.
django.setup()
