"""Content types and permissions, which a test that empties all tables takes along."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType


@pytest.fixture
def permissions(db: None) -> None:
    """Every content type and every permission, as after `migrate`."""
    ContentType.objects.clear_cache()
    for app in apps.get_app_configs():
        create_contenttypes(app, verbosity=0)
        create_permissions(app, verbosity=0)
