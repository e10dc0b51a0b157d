"""The shared page of a document: the redacted reading and the file, never original text."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from documents.models import Document
from tests.documents.web.world import CLEAN, NAME, SECRETS, Made, Make, block, body_of, open_link

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("style", ["placeholder", "numbered", "mask"])
def test_nothing_of_the_original_is_on_it(client: Client, make: Make, style: str) -> None:
    document = make(style=style)
    for rest in ("", "/raw", "/certificate"):
        response = client.get(document.path(rest))
        assert response.status_code == 200
        seen = response.content.decode() + str(response.headers)
        assert not any(secret in seen for secret in SECRETS), rest


def test_bars_stand_where_words_were(client: Client, make: Make) -> None:
    page = client.get(make(style="numbered").path()).content.decode()
    plain = re.sub(r"<[^>]+>", "", page)
    assert "Dear &lt;PRIVATE_PERSON_1&gt;," in plain
    assert 'data-label="Person 1"' in page
    assert "This is the second page." in plain


def test_it_is_the_same_for_everybody(client: Client, make: Make) -> None:
    document = make()
    nobody = client.get(document.path())
    client.force_login(User.objects.create_user("dora"))
    assert client.get(document.path()).content == nobody.content
    assert nobody["Cache-Control"] == "no-cache, private"
    assert nobody["X-Robots-Tag"] == "noindex"


def test_the_certificate_is_shown_and_downloaded(client: Client, make: Make) -> None:
    document = make()
    page = client.get(document.path()).content.decode()
    assert "Verified" in page
    assert "Pages drawn and read by OCR" in page
    assert "1 attachment was removed." in page
    assert "Pictures on 7 pages were not read by OCR." in page
    assert "opened again 2 ways" in page
    certificate = client.get(document.path("/certificate"))
    assert certificate["Content-Disposition"].startswith("attachment")
    assert json.loads(certificate.content) == document.row.certificate


def test_the_clean_file_has_a_name_without_private_words(client: Client, make: Make) -> None:
    response = client.get(make().path("/file"))
    assert body_of(response) == CLEAN
    assert response["Content-Type"] == "application/pdf"
    disposition = response["Content-Disposition"]
    assert disposition == 'attachment; filename="Letter of person redacted.pdf"'


def test_without_a_clean_file_the_reading_is_shown_all_the_same(client: Client, make: Make) -> None:
    document = make()
    block(document, (f"page of {NAME}",))
    page = client.get(document.path()).content.decode()
    assert "There is no file to download" in page
    assert "second page" in page
    assert not any(secret in page for secret in SECRETS)


def test_before_it_is_ready_it_says_so_and_shows_nothing(client: Client, make: Make) -> None:
    for until in ("received", "read"):
        document = make(until=until)
        page = client.get(document.path()).content.decode()
        assert "Still being read" in page
        assert "second page" not in page
        assert client.get(document.path("/raw")).status_code == 202


def test_a_robot_that_makes_previews_gets_no_content(make: Make) -> None:
    document = make()
    robot = Client(headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
    response = robot.get(document.private)
    assert response.content == b"Open this link in a browser.\n"
    assert not response.cookies


def test_a_token_leaves_the_address_at_once(client: Client, make: Make) -> None:
    document = make()
    response = client.get(document.private)
    assert response["Location"] == document.path("/original")
    cookie = response.cookies["blackbar_original"]
    assert cookie["path"] == document.path("/")
    assert cookie["httponly"]
    assert document.token not in client.get(document.path("/original")).content.decode()


class TestOwner:
    def test_a_link_is_renewed_and_revoked(self, client: Client, make: Make) -> None:
        owner = User.objects.create_user("dora")
        document = make(owner=owner)
        client.force_login(owner)
        client.post(document.path("/link"), {"action": "rotate"})
        assert Client().get(document.private).status_code == 200  # the old one: public
        client.post(document.path("/link"), {"action": "revoke"})
        assert document.row.envelope.token_wrap is None

    def test_the_end_is_changed(self, client: Client, make: Make) -> None:
        owner = User.objects.create_user("dora")
        document = make(owner=owner)
        client.force_login(owner)
        client.post(document.path("/expiry"), {"expires": "never"})
        assert document.row.expires_at is None

    def test_the_list_is_searched_as_it_is_shared(self, client: Client, make: Make) -> None:
        owner = User.objects.create_user("dora")
        document = make(owner=owner)
        client.force_login(owner)
        found = client.get("/documents/", {"q": "second page"}, headers={"HX-Request": "true"})
        assert document.pid in found.content.decode()
        assert "<html" not in found.content.decode()
        missing = client.get("/documents/", {"q": NAME}).content.decode()
        assert document.pid not in missing

    def test_deleting_takes_everything(self, client: Client, make: Make) -> None:
        document = make()
        open_link(client, document)
        page = client.post(document.path("/delete"))
        assert "The document is deleted" in page.content.decode()
        assert not Document.objects.exists()
        assert client.get(document.path()).status_code == 404


class TestVerifying:
    def _ask(self, client: Client, content: bytes, certificate: bytes) -> Any:
        files = {
            "file": SimpleUploadedFile("clean.pdf", content),
            "certificate": SimpleUploadedFile("certificate.json", certificate),
        }
        return client.post("/documents/verify", files)

    @pytest.fixture
    def document(self, make: Make) -> Made:
        return make()

    def test_the_right_pair_is_confirmed(self, client: Client, document: Made) -> None:
        certificate = client.get(document.path("/certificate")).content
        answer = self._ask(client, CLEAN, certificate).content.decode()
        assert "This is the file that was checked, unchanged since." in answer

    def test_a_changed_file_and_a_changed_certificate_are_not(
        self, client: Client, document: Made
    ) -> None:
        certificate = client.get(document.path("/certificate")).content
        assert "another file" in self._ask(client, CLEAN + b" ", certificate).content.decode()
        forged = certificate.replace(b'"private_person": 1', b'"private_person": 0')
        assert forged != certificate
        answer = self._ask(client, CLEAN, forged).content.decode()
        assert "changed after it was signed" in answer

    @pytest.mark.parametrize("certificate", [b"", b"{}", b"%PDF", b"[" * 100_000])
    def test_what_is_no_certificate_is_refused(self, client: Client, certificate: bytes) -> None:
        answer = self._ask(client, CLEAN, certificate)
        assert answer.status_code == 422
        assert "This is no certificate of a clean file." in answer.content.decode()
