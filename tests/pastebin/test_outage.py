"""Parts of the server out of reach, for real: a process whose addresses lead nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

ROOT = Path(__file__).parents[2]
NOWHERE = {
    "DATABASE_URL": "postgresql://postgres@127.0.0.1:1/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
}
# Asks one after the other and prints what was answered.
VISIT = """
import json, logging, sys
from config import settings as values
options = values.DATABASES["default"]["OPTIONS"]
options["pool"] = {"min_size": 0, "max_size": 2, "timeout": 0.3}
options["connect_timeout"] = 1
steps, name = json.loads(sys.argv[1]), sys.argv[2]
if name:
    values.DATABASES["default"]["NAME"] = name
import django
django.setup()
from django.conf import settings
from django.test import Client
settings.ALLOWED_HOSTS = ["*"]
client, answers = Client(raise_request_exception=False), []
for method, path, data in steps:
    if answers and answers[-1].get("location"):
        path = path.replace("LAST", answers[-1]["location"].removesuffix("/links"))
    response = getattr(client, method)(path, data or None)
    answers.append({
        "status": response.status_code,
        "location": response.get("Location"),
        "retry": response.get("Retry-After"),
        "csp": response.get("Content-Security-Policy"),
        "body": response.content.decode(),
    })
print(json.dumps(answers))
"""
FORM = {
    "title": "A title",
    "text": "Typed text\nwith <b>lines</b>",
    "expires": "1d",
    "style": "mask",
    "operating_point": "high_recall",
}


def _visit(*steps: tuple[str, str, Any], away: tuple[str, ...]) -> tuple[list[Any], str]:
    """Make requests in a process of its own; returns the answers and the log."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment |= {name: NOWHERE[name] for name in away}
    name = "" if "DATABASE_URL" in away else connection.settings_dict["NAME"]
    done = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(steps), name],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers, done.stderr


def test_without_a_database_pages_say_so_and_keep_what_was_typed() -> None:
    answers, log = _visit(
        ("get", "/", None),
        ("post", "/", FORM),
        ("get", "/view/AAAAAAAAAAAAAAAA", None),
        ("get", "/view/AAAAAAAAAAAAAAAA/raw", None),
        ("get", "/api/paste/AAAAAAAAAAAAAAAA", None),
        ("get", "/view/AAAAAAAAAAAAAAAA?token=abc", None),
        ("get", "/pastes/", None),
        ("get", "/how-it-works", None),
        ("get", "/healthz", None),
        ("get", "/readyz", None),
        away=("DATABASE_URL",),
    )
    compose, sent, public, raw, api, private, mine, how, alive, ready = answers
    assert "database" in compose["body"]
    for answer in (sent, public, raw, api, private):
        assert answer["status"] == 503
        assert answer["retry"]
        assert answer["csp"]
    assert mine["status"] in {302, 503}  # who is not signed in is led to sign in
    assert "database" in sent["body"]
    assert "Typed text\nwith &lt;b&gt;lines&lt;/b&gt;</textarea>" in sent["body"]
    assert 'value="A title"' in sent["body"]
    for choice in ("1d", "mask", "high_recall"):
        assert f'<option value="{choice}" selected>' in sent["body"]
    assert how["status"] == 200
    assert alive["status"] == 200
    assert ready["status"] == 503
    parts = json.loads(ready["body"])
    assert (parts["database"], parts["broker"]) == ("out of reach", "ok")
    assert "Typed" not in log
    assert "token" not in log


@pytest.mark.django_db(transaction=True)
def test_without_valkey_pastes_are_stored_and_pages_are_served() -> None:
    answers, log = _visit(
        ("post", "/", FORM),
        ("get", "LAST", None),
        ("get", "/", None),
        ("get", "/readyz", None),
        away=("REDIS_URL", "CELERY_BROKER_URL"),
    )
    sent, public, compose, ready = answers
    assert sent["status"] == 302
    assert public["status"] == 200
    assert "Still being scanned" in public["body"]
    assert compose["status"] == 200
    assert json.loads(ready["body"])["broker"] == "out of reach"
    assert json.loads(ready["body"])["database"] == "ok"
    assert "Typed" not in log
