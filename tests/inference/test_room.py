"""Back-pressure: while too much waits, nothing new is stored, and what was typed is kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.keys import create_key
from accounts.models import Scope, User
from documents.models import Document
from inference import room
from inference.models import Scan
from inference.room import QueueFullError, check_room
from pastebin.models import Paste
from pastebin.services import create_paste

TEXT = "Please write to Ann Lee."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_waits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One scan may wait, one does, and nothing is known of it yet."""
    monkeypatch.setattr(room, "_kept", room._Kept())
    settings.QUEUE_SCANS = 1
    create_paste(text="The first one.")
    monkeypatch.setattr(room, "_kept", room._Kept())


def test_one_more_is_refused_and_stores_nothing() -> None:
    with pytest.raises(QueueFullError):
        create_paste(text=TEXT)
    assert Paste.objects.count() == Scan.objects.count() == 1


def test_there_is_room_once_the_queue_is_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(QueueFullError):
        check_room()
    Scan.objects.all().delete()
    monkeypatch.setattr(room._kept, "until", 0.0)
    check_room()


def test_a_rush_asks_the_database_once(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        for _ in range(5):
            with pytest.raises(QueueFullError):
                check_room()


def test_zero_is_no_limit(settings: Settings, django_assert_num_queries: Any) -> None:
    settings.QUEUE_SCANS = 0
    with django_assert_num_queries(0):
        check_room()


def test_the_form_keeps_what_was_typed(client: Client) -> None:
    fields = {
        "text": TEXT,
        "expires": "7d",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    answer = client.post("/", fields)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    shown = answer.content.decode()
    assert TEXT in shown
    assert "takes nothing more just now" in shown
    assert Paste.objects.count() == 1


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_file_is_refused_in_a_sentence(client: Client, accept: str) -> None:
    fields = {
        "file": SimpleUploadedFile("notes.txt", TEXT.encode()),
        "expires": "7d",
        "style": "placeholder",
        "operating_point": "balanced",
    }
    answer = client.post("/documents/", fields, headers={"Accept": accept})
    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "takes nothing more just now" in answer.content.decode()
    assert not Document.objects.exists()


def test_what_shows_is_served_all_the_same(client: Client) -> None:
    pid = Paste.objects.get().pk
    assert client.get(f"/view/{pid}").status_code == 200
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/redact", {"text": TEXT}, 500),
        ("/openai/v1/pii", {"model": "openai/privacy-filter", "input": TEXT}, 503),
    ],
)
def test_the_dialects_say_it_in_their_words(
    client: Client, path: str, body: dict[str, Any], status: int
) -> None:
    ada = User.objects.create_user("ada")
    key = create_key(owner=ada, name="k", scopes=[Scope.REDACT]).bearer
    named = {"Authorization": f"Bearer {key}"}
    answer = client.post(path, body, content_type="application/json", headers=named)
    assert answer.status_code == status, answer.content
    assert TEXT not in answer.content.decode()
    assert Scan.objects.count() == 1
