"""The Gradio dialect: whose calls and files are whose, and what is kept of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.keys import NewKey
from accounts.models import Scope, User
from api.gradio import detached
from documents.models import Document
from inference.models import Scan
from pastebin.models import Paste
from tests.api.gradio_calls import (
    ANALYZE,
    API,
    CREATE,
    REDACT,
    TEXT,
    completed_call,
    error_of,
    file_data,
    heard,
    join,
    messages_of,
    upload,
)
from tests.api.test_canaries import CANARY, _assert_nowhere
from tests.api.wire import (
    NewKeyMaker,
    alice,
    chosen,
    chosen_at_work,
    committed,
    get,
    new_key,
    own_network,
    send,
)

__all__ = ("alice", "chosen", "chosen_at_work", "new_key", "own_network")
pytestmark = committed


class TestWhoMayWhat:
    """alice calls; charlie has a key of his own, and nobody has none."""

    @pytest.fixture
    def charlie(self, new_key: NewKeyMaker) -> NewKey:
        """A stranger's key."""
        return new_key(owner=User.objects.create_user("charlie"))

    @pytest.fixture
    def strangers(self, charlie: NewKey) -> Iterator[NewKey | None]:
        """Those who did not make the call."""
        return iter((charlie, None))

    def test_a_wrong_key_is_nowhere_nobody(self, client: Client) -> None:
        for header in ("Bearer wrong", "Bearer", "Basic eDp5"):
            headers = {"Authorization": header}
            for path in ("/config", f"{API}/info", f"{API}/queue/data?session_hash=s1"):
                answer = client.get(path, headers=headers)
                assert answer.status_code == 401
                assert "auth_message" in answer.json()["detail"]
            for path in ("queue/join", "call/create_paste", "run/create_paste", "upload", "cancel"):
                assert client.post(f"{API}/{path}", headers=headers).status_code == 401

    def test_where_the_python_client_puts_its_token(
        self, client: Client, new_key: NewKeyMaker, settings: Settings
    ) -> None:
        settings.API_ANONYMOUS = False
        ours = {"X-HF-Authorization": f"Bearer {new_key().bearer}"}
        assert client.get("/config", headers=ours).status_code == 200
        # A token of the hub, which the client sends by itself, counts as none.
        theirs = {"X-HF-Authorization": "Bearer hf_abc"}
        assert client.get("/config", headers=theirs).status_code == 401
        settings.API_ANONYMOUS = True
        assert client.get("/config", headers=theirs).status_code == 200

    def test_a_key_that_may_only_read(self, client: Client, new_key: NewKeyMaker) -> None:
        assert get(client, "/config", new_key(Scope.READ)).status_code == 403

    def test_nobody_pastes_where_only_accounts_may(
        self, client: Client, settings: Settings
    ) -> None:
        settings.ANONYMOUS_PASTES = False
        assert "only people with an account" in error_of(client, CREATE, [TEXT])

    def test_a_session_signed_in_counts_for_nothing(self, client: Client, alice: User) -> None:
        client.force_login(alice)
        join(client, "s1", CREATE, [TEXT])
        assert Paste.objects.get().owner is None

    @pytest.mark.usefixtures("chosen_at_work")
    def test_strangers_hear_nothing_and_stop_nothing(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        event_id = join(client, "s1", CREATE, [TEXT], key)
        path = f"{API}/call/create_paste/{event_id}"
        for stranger in strangers:
            (unknown,) = messages_of(client, "s1", stranger)
            assert unknown["session_not_found"] is True
            assert heard(client, path, stranger) == ("error", "404: Not Found")
            answer = send(client, f"{API}/cancel", {"event_id": event_id}, stranger)
            assert answer.json() == {"success": True}
        completed = messages_of(client, "s1", key)[-2]
        assert completed["success"] is True

    @pytest.mark.usefixtures("chosen_at_work")
    def test_files_belong_to_who_sent_them(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        path = upload(client, TEXT.encode(), key)
        for stranger in strangers:
            assert "unknown or has expired" in error_of(
                client, ANALYZE, [file_data(path)], stranger
            )
        # What was sent is not handed out, to nobody at all.
        assert get(client, f"{API}/file={path}", key).status_code == 404
        assert completed_call(client, ANALYZE, [file_data(path)], key)["success"]
        assert "unknown or has expired" in error_of(client, ANALYZE, [file_data(path)], key)

    @pytest.mark.usefixtures("chosen_at_work")
    def test_a_result_is_fetched_by_its_holder(
        self, client: Client, new_key: NewKeyMaker, strangers: Iterator[NewKey | None]
    ) -> None:
        key = new_key()
        path = upload(client, f"<h1>{TEXT}</h1>".encode(), key)
        (file,) = completed_call(client, REDACT, [file_data(path)], key)["output"]["data"]
        where = f"{API}/file={file['path']}"
        assert file["url"] == f"http://testserver{where}"
        for stranger in strangers:
            assert get(client, where, stranger).status_code == 404
        answer = get(client, where, key)
        content = b"".join(answer)
        assert (b"Ann" in content, len(content)) == (False, file["size"])
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        document = Document.objects.get()
        assert document.envelope.service_wrap is None  # nobody opens the original any more
        Document.objects.update(expires_at=timezone.now())
        assert get(client, where, key).status_code == 404


class TestWhatIsKept:
    """Nothing but pastes outlives its answer."""

    @pytest.mark.usefixtures("chosen_at_work")
    def test_a_document_is_nowhere_after_the_answer(
        self, client: Client, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            path = upload(client, f"{CANARY} {TEXT}".encode())
            completed_call(client, ANALYZE, [file_data(path)])
            broken = upload(client, b"%PDF-1.7\n" + CANARY.encode())
            error_of(client, ANALYZE, [file_data(broken)])
            error_of(client, CREATE, [TEXT, CANARY])
        _assert_nowhere(caplog.text, CANARY, "Ann Lee", *path.split("/")[2:])

    def test_what_waits_is_sealed(self, client: Client, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            path = upload(client, f"{CANARY} {TEXT}".encode())
            join(client, "s1", ANALYZE, [file_data(path)])
            join(client, "s1", CREATE, [f"{CANARY} {TEXT}"])
        _assert_nowhere(caplog.text, CANARY, "Ann Lee", path.split("/")[2])

    def test_an_upload_that_nobody_calls_for_ends_soon(self, client: Client) -> None:
        upload(client, TEXT.encode())
        ends = Document.objects.get().expires_at
        assert ends is not None
        assert ends <= timezone.now() + timedelta(minutes=10)

    @pytest.mark.parametrize("path", ["cancel", "reset"])
    def test_a_cancelled_call_leaves_nothing(self, client: Client, path: str) -> None:
        event_id = join(client, "s1", CREATE, [TEXT])
        sent = {"event_id": event_id, "session_hash": "s1", "fn_index": 0}
        for slash in ("", "/"):
            answer = send(client, f"{API}/{path}{slash}", sent)
            assert answer.json() == {"success": True}
        assert not Paste.objects.exists()
        assert not Scan.objects.exists()
        completed = messages_of(client, "s1")[-2]
        assert completed["output"]["error"] == "This call was cancelled."

    def test_a_cancelled_document_is_gone(self, client: Client) -> None:
        event_id = join(client, "s1", ANALYZE, [file_data(upload(client, TEXT.encode()))])
        send(client, f"{API}/cancel", {"event_id": event_id})
        assert not Document.objects.exists()

    def test_a_client_that_leaves_takes_its_calls_along(self, client: Client) -> None:
        join(client, "s1", CREATE, [TEXT])
        answer = client.get(f"{API}/queue/data?session_hash=s1")
        stream = iter(answer)
        while b"estimation" not in next(stream):
            continue
        answer.close()
        assert not Paste.objects.exists()
        assert detached._attached._value == detached.MOST_ATTACHED
