#!/usr/bin/env python
"""Django's command line for Blackbar."""

import os
import sys

from django.core.management import execute_from_command_line

# Commands that use neither database nor keys, so they run where no server is set up.
SERVERLESS = frozenset({"evaluate", "redact", "verify_certificate"})
# What the settings demand of a server; nothing connects to it.
UNUSED = {
    "DATABASE_URL": "postgresql://nowhere/unused",
    "REDIS_URL": "redis://nowhere:1/0",
    "BLACKBAR_SECRET_KEY": "unused-" * 8,
    "BLACKBAR_SERVICE_KEYS": "unused:" + "A" * 43 + "=",
}

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if len(sys.argv) > 1 and sys.argv[1] in SERVERLESS:
        for name, value in UNUSED.items():
            os.environ.setdefault(name, value)
    execute_from_command_line(sys.argv)
