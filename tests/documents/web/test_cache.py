"""The shared page of a document in the page cache: never older than what it shows."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from anonymizer.corrections import Edit
from documents import services
from documents.models import Document
from inference import events
from sharing.public_cache import CacheUnreachableError
from sharing.services import delete, revoke_link, set_expiry
from tests.documents.web.world import SECRETS, Made, Make, block, give_clean_file
from tests.wsgi import ask, is_kept

# Pages are stored after the commit only.
pytestmark = pytest.mark.django_db(
    transaction=True, available_apps=list(django_settings.INSTALLED_APPS)
)
FORMS = ("", "/raw")


def _correct(made: Made, *, shown: str = "second") -> None:
    """Hide one more word of the text."""
    document = made.row
    key = document.envelope.open_with_token(made.token)
    at = services.read_original(document, key).text.index(shown)
    edits = [Edit("add", at, at + len(shown), "secret")]
    services.correct(
        document=document, key=key, revision=document.revision, edits=edits, all_mentions=False
    )


@pytest.fixture
def no_valkey(settings: Settings) -> Iterator[None]:
    """Valkey is out of reach once a document was made."""
    yield
    events.valkey.cache_clear()


@pytest.mark.parametrize("form", FORMS)
def test_second_answer_asks_no_database_and_holds_nothing_private(
    make: Make, form: str, django_assert_num_queries: object
) -> None:
    path = make().path(form)
    first = ask(path)
    assert first.status == 200
    with django_assert_num_queries(0):  # type: ignore[operator]
        second = ask(path)
    assert (second.body, second.headers) == (first.body, first.headers)
    assert not any(secret.encode() in second.body for secret in SECRETS)


@pytest.mark.parametrize("until", ["received", "read"])
def test_page_of_a_document_that_is_not_ready_is_not_kept(make: Make, until: str) -> None:
    made = make(until=until)
    for form in FORMS:
        assert ask(made.path(form)).status in {200, 202}
        assert not is_kept(made.path(form))


@pytest.mark.parametrize(
    "rest", ["/file", "/certificate", "/links", "/original", "/original/text", "/original/map"]
)
def test_nothing_but_the_redacted_reading_is_kept(make: Make, rest: str) -> None:
    path = make().path(rest)
    ask(path)
    assert not is_kept(path)


def test_private_link_is_not_answered_from_the_cache(make: Make) -> None:
    made = make()
    ask(made.path())
    assert is_kept(made.path())
    assert ask(made.private).status == 302
    wrong = ask(f"{made.path()}?token=wrong")
    assert (wrong.status, wrong.body) == (200, ask(made.path()).body)


@pytest.mark.parametrize("form", FORMS)
def test_correction_is_seen_at_once(make: Make, form: str) -> None:
    made = make()
    assert b"second page" in ask(made.path(form)).body
    _correct(made)
    assert b"second page" not in ask(made.path(form)).body
    assert b"second page" not in ask(made.path(form)).body


def test_correction_that_is_rolled_back_leaves_the_page_right(make: Make) -> None:
    made = make()
    before = ask(made.path())
    with transaction.atomic():
        _correct(made)
        transaction.set_rollback(True)
    assert ask(made.path()).body == before.body


def test_clean_file_and_its_certificate_are_seen_at_once(make: Make) -> None:
    made = make(until="scanned")
    assert not re.search(rb"/certificate", ask(made.path()).body)
    give_clean_file(made.row)
    assert re.search(rb"/certificate", ask(made.path()).body)
    with transaction.atomic():
        block(made)
    assert not re.search(rb"/certificate", ask(made.path()).body)


def test_new_clean_file_that_was_asked_for_takes_the_old_one_off_the_page(make: Make) -> None:
    made = make()
    assert b"/certificate" in ask(made.path()).body
    key = made.row.envelope.open_with_token(made.token)
    services.ask_for_clean(made.row, key, rasterise=True)
    assert b"/certificate" not in ask(made.path()).body


@pytest.mark.parametrize("form", FORMS)
def test_deleted_document_is_gone_at_once(make: Make, form: str) -> None:
    made = make()
    ask(made.path(form))
    delete(made.row)
    assert ask(made.path(form)).status == 404
    assert not is_kept(made.path(form))


@pytest.mark.parametrize("form", FORMS)
def test_expiry_is_enforced_in_the_cache(
    make: Make, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(expires_at=timezone.now() + timedelta(seconds=30))
    ask(made.path(form))
    assert is_kept(made.path(form))
    later = time.time() + 31
    monkeypatch.setattr(time, "time", lambda: later)
    Document.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(made.path(form)).status == 404


def test_new_expiry_counts_at_once(make: Make) -> None:
    made = make()
    ask(made.path())
    set_expiry(made.row, timezone.now() - timedelta(seconds=1))
    assert ask(made.path()).status == 404


def test_revoked_private_link_opens_nothing_though_the_page_is_kept(make: Make) -> None:
    made = make()
    page = ask(made.path())
    revoke_link(made.row)
    assert ask(made.private).status == 200
    assert ask(made.private).body == page.body


@pytest.mark.usefixtures("no_valkey")
class TestWithoutValkey:
    """Pages are served; a correction that could not be shown is not made."""

    def _cut(self, settings: Settings) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        events.valkey.cache_clear()

    def test_pages_are_served(self, make: Make, settings: Settings) -> None:
        made = make()
        self._cut(settings)
        assert ask(made.path()).status == 200

    def test_a_correction_is_refused_and_not_made(self, make: Make, settings: Settings) -> None:
        made = make()
        self._cut(settings)
        with pytest.raises(CacheUnreachableError):
            _correct(made)
        assert "second" in (made.row.redacted_text or "")
        assert made.row.revision == 0

    def test_a_clean_file_is_kept_all_the_same(self, make: Make, settings: Settings) -> None:
        made = make(until="scanned")
        self._cut(settings)
        give_clean_file(made.row)
        assert made.row.has_clean_file
