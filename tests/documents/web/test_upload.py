"""Handing in files: by form and by script, one at a time, refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from documents import formats, services
from documents.formats.model import ReadOptions
from documents.models import Document, FileJob
from tests.cast import token_in
from tests.documents.web.world import NAME, PDF_NAME, SECRETS, Make, open_link, pdf

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}
FIELDS = {"expires": "7d", "style": "numbered", "operating_point": "balanced"}


def _send(client: Client, content: bytes = b"%PDF-1.4", headers: Any = None, **fields: Any) -> Any:
    data = {"file": SimpleUploadedFile(PDF_NAME, content), **FIELDS, **fields}
    return client.post("/documents/", data, headers=headers)


def test_a_form_leads_to_the_page_of_links(client: Client) -> None:
    response = _send(client)
    document = Document.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/documents/{document.pid}/links"
    assert document.style == "numbered"
    assert FileJob.objects.get().document_id == document.pid
    page = client.get(response["Location"]).content.decode()
    assert "place 1 in the queue" in page
    assert NAME not in page


def test_a_script_is_answered_in_json(client: Client) -> None:
    response = _send(client, headers=JSON)
    assert response.status_code == 201
    pid = Document.objects.get().pid
    assert response.json() == {
        "links_url": f"/documents/{pid}/links",
        "progress_url": f"/documents/{pid}/progress",
        "delete_url": f"/documents/{pid}/delete",
    }


def test_what_was_asked_for_reaches_the_document(client: Client, settings: Any) -> None:
    _send(client, rasterise="on", password=" pass word ", operating_point="high_recall")
    document = Document.objects.select_related("envelope").get()
    assert document.rasterise
    assert document.operating_point == "high_recall"
    assert document.expires_at is not None
    key = document.envelope.open_for_service()
    assert document.envelope.unseal(key, document.sealed_password, "password") == " pass word "
    assert b"".join(services.read_source(document, key)) == b"%PDF-1.4"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"content": b""}, "This file is empty, so there is nothing to read."),
        ({"expires": "custom"}, "Choose when it ends."),
        ({"expires": "custom", "expires_at": "2020-01-01T00:00"}, "between now and ten years"),
        ({"style": "blur"}, "blur is not one of the available choices."),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence(
    client: Client, fields: dict[str, Any], sentence: str
) -> None:
    page = _send(client, **fields)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    answer = _send(client, headers=JSON, **fields)
    assert answer.status_code == 422
    assert sentence in answer.json()["error"]
    assert not Document.objects.exists()


def test_a_file_above_the_limit_is_not_stored(client: Client, settings: Any) -> None:
    settings.MAX_FILE_BYTES = 1_000_000
    answer = _send(client, content=b"x" * 1_500_000, headers=JSON)
    assert answer.json() == {
        "error": "This file has 1.5 MB; this server takes 1 MB. Nothing of it was stored.",
        "code": "too_large",
    }
    assert not Document.objects.exists()


def test_without_a_file_nothing_is_made(client: Client) -> None:
    response = client.post("/documents/", FIELDS)
    assert response.status_code == 422
    assert "There is no file yet: choose one." in response.content.decode()


def test_where_accounts_are_wanted_strangers_hand_in_nothing(client: Client, settings: Any) -> None:
    settings.ANONYMOUS_PASTES = False
    assert "Sign in to redact a document" in client.get("/documents/").content.decode()
    assert _send(client).status_code == 403
    assert _send(client, headers=JSON).json()["code"] == "sign_in"
    client.force_login(User.objects.create_user("dora"))
    assert _send(client).status_code == 302


def test_a_line_of_the_list_tells_stage_and_end(make: Make, client: Client) -> None:
    document = make(until="received")
    open_link(client, document)
    FileJob.objects.update(stage="ocr", done=11, total=80, lease_expires_at="2999-01-01T00:00Z")
    answer = client.get(document.path("/progress"))
    assert "HX-Trigger" not in answer
    line = answer.content.decode()
    assert "page 12 of 80" in line
    assert "hx-get" in line
    finished = make()
    answer = client.get(finished.path("/progress"))
    # The list on the same page is told to fetch itself anew.
    assert answer["HX-Trigger"] == "own-changed"
    line = answer.content.decode()
    assert "hx-get" not in line
    assert "5 places hidden" in line


def test_cancelling_deletes_the_file(client: Client) -> None:
    answer = _send(client, headers=JSON).json()
    assert client.post(answer["delete_url"], headers={"HX-Request": "true"}).status_code == 204
    assert not Document.objects.exists()
    assert client.get(answer["progress_url"]).status_code == 404


def test_the_private_link_is_shown_once(client: Client, scan: Callable[[], int]) -> None:
    _send(client, content=pdf(), headers=JSON)
    document = Document.objects.get()
    address = f"/documents/{document.pid}/links"
    assert token_in(client.get(address)) is None  # still being read
    key = document.envelope.open_for_service()
    services.submit_scan(document, key, formats.read(pdf(), PDF_NAME, ReadOptions()))
    scan()
    token = token_in(client.get(address))
    assert token is not None
    assert Document.objects.get().envelope.accepts_token(token)
    assert token_in(client.get(address)) is None


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("password", "This file asks for a password"),
        ("unknown_kind", "This kind of file is not read here"),
        ("damaged", "This file is damaged"),
        ("too_large", "This file is too large"),
        ("stopped", "This file could not be read"),
    ],
)
def test_a_failure_says_what_happened_what_was_kept_what_to_do(
    make: Make, client: Client, code: str, heading: str
) -> None:
    document = make(until="received")
    services.fail(document.row, code, "A sentence for people.")
    open_link(client, document)
    for address in ("/original", "/links"):
        page = client.get(document.path(address)).content.decode()
        assert heading in page
        assert "A sentence for people." in page
        assert "What was kept" in page
    public = Client().get(document.path()).content.decode()
    assert "A sentence for people." not in public
    assert not any(secret in public for secret in SECRETS)


def test_a_password_is_asked_for_and_kept_sealed(make: Make, client: Client) -> None:
    document = make(until="received")
    FileJob.objects.all().delete()
    services.fail(document.row, "password", "The PDF is encrypted.")
    open_link(client, document)
    again = document.path("/retry")
    assert "Type the password" in client.post(again, {"password": ""}).content.decode()
    assert client.post(again, {"password": "open sesame"}).status_code == 302
    assert FileJob.objects.get().task == "read"
    row = document.row
    key = row.envelope.open_for_service()
    assert row.envelope.unseal(key, row.sealed_password, "password") == "open sesame"
