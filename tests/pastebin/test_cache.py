"""Finished public pages, served from Valkey in front of Django.

The real WSGI application is asked, as gunicorn asks it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from pytest_django import Settings

from anonymizer.corrections import Edit
from inference import events
from pastebin.models import Paste
from pastebin.services import correct, republish
from sharing import public_cache
from sharing.public_cache import CacheUnreachableError, PublicPages, generation, store
from sharing.services import delete, set_expiry
from tests.pastebin.world import NAME, Made, Make, committed
from tests.wsgi import Answer, ask, is_kept
from vault.envelope import DataKey

pytestmark = committed
FORMS = ("public", "raw", "api")


def _in_thread(work: Callable[[], None]) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def no_valkey(settings: Settings) -> Iterator[Callable[[], None]]:
    """A function that takes Valkey out of reach."""

    def cut() -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        events.valkey.cache_clear()

    yield cut
    events.valkey.cache_clear()


@pytest.mark.parametrize("form", FORMS)
def test_the_second_answer_asks_no_database_and_is_the_same(
    make: Make, form: str, django_assert_num_queries: object
) -> None:
    path = getattr(make(), form)
    first = ask(path)
    assert first.status == 200
    assert is_kept(path)
    with django_assert_num_queries(0):  # type: ignore[operator]
        second = ask(path)
    assert second.body == first.body
    assert second.headers == first.headers


def test_head_has_no_body_and_the_same_headers(make: Make) -> None:
    path = make().public
    page = ask(path)
    head = ask(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers == page.headers


def test_who_has_the_page_already_is_told_so(make: Make) -> None:
    path = make().public
    etag = ask(path).headers["ETag"]
    answer = ask(path, HTTP_IF_NONE_MATCH=etag)
    assert (answer.status, answer.body) == (304, b"")
    assert ask(path, HTTP_IF_NONE_MATCH='"other"').status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_handed_on(make: Make, method: str) -> None:
    path = make().public
    ask(path)
    assert ask(path, method=method).status in {403, 405}  # a form without its token, or no form


def test_a_page_that_is_not_finished_is_notis_kept(make: Make, client: object) -> None:
    paste = make(scanned=False)
    for form in FORMS:
        path = getattr(paste, form)
        assert ask(path).status in {200, 202}
        assert not is_kept(path)


def test_an_answer_of_404_is_notis_kept() -> None:
    assert ask("/view/AAAAAAAAAAAAAAAA").status == 404
    assert not is_kept("/view/AAAAAAAAAAAAAAAA")


def test_the_page_of_a_wrong_token_is_that_of_no_token(make: Make) -> None:
    paste = make()
    public = ask(paste.public)
    assert ask(f"{paste.public}?token=wrong") == public
    assert NAME.encode() not in public.body


def test_a_private_link_is_not_answered_from_the_cache(make: Make) -> None:
    paste = make()
    ask(paste.public)
    assert ask(paste.private).status == 302
    assert ask(paste.public).status == 200


@pytest.mark.parametrize("form", FORMS)
def test_expiry_is_enforced_in_the_cache(
    make: Make, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paste = make(expires_at=timezone.now() + timedelta(seconds=30))
    path = getattr(paste, form)
    ask(path)
    assert is_kept(path)
    later = time.time() + 31
    monkeypatch.setattr(time, "time", lambda: later)
    Paste.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ask(path).status == 404


@pytest.mark.parametrize("form", FORMS)
def test_a_correction_is_seen_at_once(make: Make, form: str) -> None:
    paste = make(text=f"Word and {NAME}")
    path = getattr(paste, form)
    assert b"Word" in ask(path).body
    _hide(paste, 0, 4)
    assert b"Word" not in ask(path).body
    assert b"Word" not in ask(path).body
    assert is_kept(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_deleted_paste_is_gone_at_once(make: Make, form: str) -> None:
    paste = make()
    path = getattr(paste, form)
    ask(path)
    delete(paste.row)
    assert ask(path).status == 404
    assert not is_kept(path)


def test_a_new_expiry_counts_at_once(make: Make) -> None:
    paste = make()
    ask(paste.public)
    set_expiry(paste.row, timezone.now() - timedelta(seconds=1))
    assert ask(paste.public).status == 404


def test_a_page_rendered_before_a_correction_is_not_stored_after_it(make: Make) -> None:
    paste = make(text=f"Word and {NAME}")
    seen = generation(paste.pid)
    old = HttpResponse(b"old page with Word", headers={"ETag": '"old"'})
    _hide(paste, 0, 4)
    store(paste.pid, paste.public, seen, old, 0)
    assert b"old page" not in ask(paste.public).body


def test_a_page_rendered_while_a_correction_commits_is_not_stored(make: Make) -> None:
    """Begun after the pages were dropped, but from the rows as they were before the commit."""
    paste = make(text=f"Word and {NAME}")
    ask(paste.public)
    answers: list[Answer] = []
    with transaction.atomic():
        row = Paste.objects.select_for_update().get(pk=paste.pid)
        row.scan  # noqa: B018 (loaded before the thread starts)
        republish(row, DataKey.generate(), "new text", [])
        assert not is_kept(paste.public)
        reader = _in_thread(lambda: answers.append(ask(paste.public)))
        reader.join(10)
        assert b"Word" in answers[0].body  # the truth until the commit
        assert not is_kept(paste.public)
    assert b"Word" not in ask(paste.public).body


def test_a_page_begun_during_a_correction_and_stored_after_it_is_notis_kept(make: Make) -> None:
    paste = make(text=f"Word and {NAME}")
    with transaction.atomic():
        republish(
            Paste.objects.select_for_update().get(pk=paste.pid), DataKey.generate(), "new text", []
        )
        seen = generation(paste.pid)
    store(paste.pid, paste.public, seen, HttpResponse(b"old", headers={"ETag": '"old"'}), 0)
    assert not is_kept(paste.public)


def test_a_correction_that_is_rolled_back_leaves_the_page_right(make: Make) -> None:
    paste = make(text=f"Word and {NAME}")
    before = ask(paste.public)
    with transaction.atomic():
        republish(
            Paste.objects.select_for_update().get(pk=paste.pid), DataKey.generate(), "new text", []
        )
        transaction.set_rollback(True)
    assert ask(paste.public) == before


def test_two_changes_after_each_other_do_not_lift_each_other_s_bar(make: Make) -> None:
    """The second change is still open when the first one ends."""
    paste = make()
    public_cache.drop(paste.row)  # of a first change: outside of a transaction it ends here
    with transaction.atomic():
        public_cache.drop(paste.row)
        public_cache._lift({paste.pid: paste.row.public_paths()})  # of a first change, late
        seen = generation(paste.pid)
        store(paste.pid, paste.public, seen, HttpResponse(b"old", headers={"ETag": '"o"'}), 0)
    assert not is_kept(paste.public)


def test_a_very_large_page_is_served_but_notis_kept(make: Make) -> None:
    paste = make(text="x" * (public_cache.LARGEST_PAGE_BYTES + 1))
    assert ask(paste.raw).status == 200
    assert not is_kept(paste.raw)


class TestWithoutValkey:
    """Pages are served, and nothing is changed that could be seen as it was."""

    def test_pages_are_served(self, make: Make, no_valkey: Callable[[], None]) -> None:
        paste = make()
        no_valkey()
        for form in FORMS:
            assert ask(getattr(paste, form)).status == 200

    def test_a_correction_is_refused_and_not_made(
        self, make: Make, no_valkey: Callable[[], None]
    ) -> None:
        paste = make(text=f"Word and {NAME}")
        no_valkey()
        with pytest.raises(CacheUnreachableError):
            _hide(paste, 0, 4)
        assert "Word" in (paste.row.redacted_text or "")
        assert paste.row.revision == 0

    def test_a_deletion_is_refused_and_not_made(
        self, make: Make, no_valkey: Callable[[], None]
    ) -> None:
        paste = make()
        no_valkey()
        with pytest.raises(CacheUnreachableError):
            delete(paste.row)
        assert paste.exists

    def test_a_lost_end_of_a_change_keeps_pages_out_for_a_while_only(
        self, make: Make, no_valkey: Callable[[], None]
    ) -> None:
        paste = make()
        with transaction.atomic():
            public_cache.drop(paste.row)
            no_valkey()
        assert ask(paste.public).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/view/AAAAAAAAAAAAAAAA/links",
        "/view/AAAAAAAAAAAAAAAA/original",
        "/view/AAAAAAAAAAAAAAAA/",
        "/view/AAAAAAAAAAAAAAAA\n",
        "/api/paste/AAAAAAAAAAAAAAAA/raw",
        "//view/AAAAAAAAAAAAAAAA",
        "/",
        "",
    ],
)
def test_only_public_pages_are_looked_up(path: str) -> None:
    handed_on: list[str] = []

    def inner(environ: dict[str, str], start_response: Callable[..., None]) -> list[bytes]:
        handed_on.append(environ["PATH_INFO"])
        start_response("204 No Content", [])
        return []

    events.valkey().set(public_cache._page_key(path), b'0\ntext/html\n"e"\nkept', ex=5)
    pages = PublicPages(inner, [])
    assert ask(path, app=pages).status == 204
    assert handed_on == [path]


def _hide(paste: Made, start: int, end: int) -> None:
    row = paste.row
    key = row.envelope.open_with_token(paste.token)
    edits = [Edit("add", start, end, "secret")]
    correct(paste=row, key=key, revision=row.revision, edits=edits, all_mentions=False)
