"""The reader: marks in place, what a correction sends back, pages, figures, the clean file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from documents.models import Document, FileJob
from tests.documents.web.world import (
    CARD,
    MAIL,
    NAME,
    PDF_NAME,
    Made,
    Make,
    block,
    body_of,
    give_clean_file,
    open_link,
    pdf,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(make: Make, client: Client) -> Made:
    """A finished document that this browser has opened."""
    made = make()
    open_link(client, made)
    return made


def _reader(client: Client, document: Made) -> str:
    response = client.get(document.path("/original"))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    return str(response.content.decode())


def _correct(client: Client, document: Made, *edits: dict[str, Any], **more: Any) -> Any:
    body = {"revision": document.row.revision, "edits": edits, **more}
    address = document.path("/original/spans")
    return client.post(address, json.dumps(body), content_type="application/json")


def _place(page: str, words: str) -> tuple[int, int]:
    """Return where the first mark of some words begins and ends."""
    found = re.search(rf'data-from="(\d+)" data-to="(\d+)"[^>]*>{re.escape(words)}<', page)
    assert found is not None
    return int(found[1]), int(found[2])


def test_the_text_nodes_of_a_block_join_to_its_text(client: Client, document: Made) -> None:
    page = _reader(client, document)
    plain = re.sub(r"<[^>]+>", "", page)
    assert f"your card {CARD} was charged." in plain
    start, end = _place(page, CARD)
    assert end - start == len(CARD)
    assert page.count('class="span ') == 5  # the name of the file counts


def test_pages_are_sections_with_their_number(client: Client, document: Made) -> None:
    page = _reader(client, document)
    assert re.findall(r'data-leaf="(\d)" data-page="(\d)"', page) == [("1", "1"), ("2", "2")]
    assert "Page 2" in page


def test_the_name_of_the_file_is_marked_too(client: Client, document: Made) -> None:
    page = _reader(client, document)
    heading = re.search(r'<h1 id="name".*?</h1>', page, re.DOTALL)
    assert heading is not None
    assert re.sub(r"<[^>]+>", "", heading[0]) == PDF_NAME.removesuffix(".pdf")
    assert "private_person" in heading[0]


def test_a_correction_sends_only_the_page_it_changed(client: Client, document: Made) -> None:
    start, end = _place(_reader(client, document), MAIL)
    answer = _correct(client, document, {"op": "remove", "start": start, "end": end})
    assert answer.status_code == 200
    change = answer.content.decode()
    assert 'id="reader_change" data-revision="1" data-hidden="4"' in change
    assert 'id="leaf-2"' in change
    assert 'id="leaf-1"' not in change
    assert 'id="reader"' not in change
    assert MAIL in _public(document)
    assert MAIL in change


def test_figures_of_other_pages_follow(client: Client, document: Made) -> None:
    """One mention less: the marks of the same name elsewhere are told, not sent anew."""
    page = _reader(client, document)
    places = re.findall(rf'data-from="(\d+)" data-to="(\d+)"[^>]*>{NAME}<', page)
    start, end = map(int, places[-1])
    change = _correct(client, document, {"op": "remove", "start": start, "end": end})
    told = re.findall(r'<i data-from="(\d+)"[^>]* data-mentions="2"', change.content.decode())
    assert told == [places[0][0], places[1][0]]


def test_undo_and_redo_are_offered_when_there_is_something(client: Client, document: Made) -> None:
    start, end = _place(_reader(client, document), MAIL)
    _correct(client, document, {"op": "remove", "start": start, "end": end})
    undone = _correct(client, document, {"op": "undo"}).content.decode()
    assert re.search(r'data-history="undo"[^>]* disabled', undone)
    assert not re.search(r'data-history="redo"[^>]* disabled', undone)
    assert MAIL not in _public(document)


def test_words_over_two_blocks_are_hidden_in_both(client: Client, document: Made) -> None:
    text = client.get(document.path("/original/text")).content.decode()
    start = len(PDF_NAME.removesuffix(".pdf")) + 2 + text.index("was charged")
    end = start + text[text.index("was charged") :].index("regards") + len("regards")
    assert "\n" in text[text.index("was charged") : text.index("regards")]
    _correct(client, document, {"op": "add", "start": start, "end": end, "label": "secret"})
    public = _public(document)
    assert "charged" not in public
    assert "regards" not in public


def test_who_corrects_an_old_page_is_shown_the_new_one(client: Client, document: Made) -> None:
    start, end = _place(_reader(client, document), MAIL)
    edit = {"op": "remove", "start": start, "end": end}
    _correct(client, document, edit)
    late = _correct(client, document, edit, revision=0)
    assert late.status_code == 409
    assert 'id="reader"' in late.content.decode()
    assert "changed in another window" in late.content.decode()


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"revision": 0, "edits": [{"op": "burn"}]}', b'{"revision": 0, "edits": []}'],
)
def test_what_makes_no_sense_changes_nothing(client: Client, document: Made, body: bytes) -> None:
    address = document.path("/original/spans")
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert document.row.revision == 0


class TestPages:
    def test_boxes_lie_on_their_words(self, client: Client, document: Made) -> None:
        page = client.get(document.path("/original/pages/1")).content.decode()
        assert 'viewBox="0 0 595.0 842.0"' in page
        labels = re.findall(r'class="hit (\w+)"', page)
        assert labels == ["private_person", "account_number"]
        top = [float(y) for y in re.findall(r' y="([\d.]+)"', page)]
        assert 70 < top[0] < 96 < top[1] < 136
        assert NAME not in page

    def test_the_picture_is_of_the_wished_width_and_kept_nowhere(
        self, client: Client, document: Made
    ) -> None:
        response = client.get(document.path("/original/pages/2.png"), {"w": "400"})
        assert response.status_code == 200
        assert response["Content-Type"] in {"image/png", "image/webp"}
        assert "no-store" in response["Cache-Control"]

    @pytest.mark.parametrize("number", ["3", "999999"])
    def test_there_are_no_other_pages(self, client: Client, document: Made, number: str) -> None:
        assert client.get(document.path(f"/original/pages/{number}")).status_code == 404
        assert client.get(document.path(f"/original/pages/{number}.png")).status_code == 404

    def test_only_a_pdf_has_pictures(self, client: Client, make: Make) -> None:
        text = make(b"Dear reader", "a.txt")
        open_link(client, text)
        assert client.get(text.path("/original/pages/1")).status_code == 404


class TestSummary:
    def test_it_counts_repeats_and_pages_with_none(self, client: Client, make: Make) -> None:
        lines = [(f"{NAME} signs.",), ("Nothing here.",), (f"{NAME} again.",), ("Nor here.",)]
        document = make(pdf(tuple(lines)), "a.pdf")
        open_link(client, document)
        page = _reader(client, document)
        assert re.search(r'data-goto-mark="\d+">.*?<bdi class="cut">' + NAME, page)
        assert "2 of 4" in page
        assert re.findall(r'data-goto-page="(\d)" aria-label', page) == ["2", "4"]
        assert page.count('class="hit-area"') == 4

    def test_a_document_without_text_is_shown_all_the_same(
        self, client: Client, make: Make
    ) -> None:
        document = make(pdf(((), ())), "blank.pdf")
        open_link(client, document)
        assert "No text was found in this file" in _reader(client, document)


class TestCleanFile:
    def test_it_is_asked_about_until_it_is_there(self, client: Client, make: Make) -> None:
        document = make(until="scanned")
        open_link(client, document)
        address = document.path("/original/clean")
        making = client.get(address).content.decode()
        assert 'data-state="making" hx-get' in making
        give_clean_file(document.row)
        ready = client.get(address).content.decode()
        assert 'data-state="ready"' in ready
        assert "hx-get" not in ready
        assert document.path("/file") in ready
        assert "1 attachment was removed." in ready

    def test_it_follows_a_correction(self, client: Client, document: Made) -> None:
        start, end = _place(_reader(client, document), MAIL)
        change = _correct(client, document, {"op": "remove", "start": start, "end": end})
        assert 'data-state="making" hx-get' in change.content.decode()
        assert FileJob.objects.get().task == "clean"

    def test_a_blocked_one_says_where(self, client: Client, document: Made) -> None:
        block(document, ("page 2", "part word/footer1.xml"))
        state = client.get(document.path("/original/clean")).content.decode()
        assert "part word/footer1.xml" in state
        assert document.path("/file") not in state
        assert "<form" in state

    def test_it_can_be_made_again_as_pictures(self, client: Client, document: Made) -> None:
        block(document)
        answer = client.post(document.path("/original/clean"), {"rasterise": "on"})
        assert answer.status_code == 302
        assert Document.objects.get().rasterise
        assert FileJob.objects.get().task == "clean"


def test_text_of_the_file_is_never_markup(client: Client, make: Make) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    document = make(f"# {evil}\n\n{evil} {NAME}\n".encode(), f"{evil}.md")
    open_link(client, document)
    for page in (_reader(client, document), _public(document)):
        assert "<script>alert" not in page
        assert "<img" not in page


@pytest.mark.parametrize("rest", ["file", "text", "spans.json", "spans.csv", "numbered", "map"])
def test_exports_are_files_that_no_browser_runs(client: Client, document: Made, rest: str) -> None:
    response = client.get(document.path(f"/original/{rest}"))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert body_of(response)


def test_the_map_opens_the_numbered_text(client: Client, document: Made) -> None:
    text = client.get(document.path("/original/numbered")).content.decode()
    values = json.loads(client.get(document.path("/original/map")).content)
    assert "<PRIVATE_PERSON_1>" in text
    assert NAME not in text
    for placeholder, value in values.items():
        text = text.replace(placeholder, value)
    assert text == client.get(document.path("/original/text")).content.decode()


def test_the_original_file_comes_back_byte_for_byte(client: Client, make: Make) -> None:
    content = pdf()
    document = make(content)
    open_link(client, document)
    response = client.get(document.path("/original/file"))
    assert body_of(response) == content
    assert NAME in response["Content-Disposition"]


def _public(document: Made) -> str:
    return str(Client().get(document.path()).content.decode())
