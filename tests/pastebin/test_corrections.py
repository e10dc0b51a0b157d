"""Corrections by hand: what is marked is hidden, what is unmarked is shown; both can be undone."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from anonymizer import corrections
from anonymizer.corrections import Edit, _with_marks
from anonymizer.text import Style, redact
from inference.engine.spans import Span
from inference.queue import unseal_spans
from pastebin.services import correct
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import MAIL, NAME, Made, Make, committed, open_link

pytestmark = pytest.mark.django_db
TEXT = f"Ask {NAME} or Bob Stone, then Bob Stone again: {MAIL}."


@pytest.fixture
def paste(make: Make, client: Client) -> Made:
    """A finished paste whose link this browser has opened."""
    made = make(text=TEXT)
    open_link(client, made)
    return made


def edit(
    op: str, value: str = "", label: str = "private_person", text: str = TEXT
) -> dict[str, Any]:
    """Return an edit at the first place of a value."""
    if not value:
        return {"op": op}
    start = text.index(value)
    return {"op": op, "start": start, "end": start + len(value), "label": label}


def send(
    client: Client,
    paste: Made,
    *edits: dict[str, Any],
    revision: int | None = None,
    all_mentions: bool = False,
) -> Any:
    """Send edits as the reading page does."""
    body = {
        "revision": paste.row.revision if revision is None else revision,
        "edits": edits,
        "all_mentions": all_mentions,
    }
    return client.post(f"{paste.original}/spans", json.dumps(body), "application/json")


def public(client: Client, paste: Made) -> str:
    """Return the public text."""
    return str(client.get(paste.raw).content.decode())


def stored_spans(paste: Made) -> list[Span]:
    """Return the spans as they are stored."""
    row = paste.row
    return unseal_spans(row.scan, row.envelope.open_with_token(paste.token))


def test_a_marked_place_is_hidden(client: Client, paste: Made) -> None:
    response = send(client, paste, edit("add", "Bob Stone"))
    assert response.status_code == 200
    assert 'id="reader"' in response.content.decode()
    assert "<html" not in response.content.decode()
    assert 'data-revision="1"' in response.content.decode()
    shown = public(client, paste)
    assert shown == (
        "Ask <PRIVATE_PERSON> or <PRIVATE_PERSON>, then Bob Stone again: <PRIVATE_EMAIL>."
    )


def test_all_mentions_are_hidden(client: Client, paste: Made) -> None:
    send(client, paste, edit("add", "Bob Stone"), all_mentions=True)
    assert "Bob" not in public(client, paste)


def test_a_false_alarm_is_shown(client: Client, paste: Made) -> None:
    send(client, paste, edit("remove", NAME))
    assert public(client, paste).startswith(f"Ask {NAME} or ")


def test_all_mentions_of_a_false_alarm_are_shown(make: Make, client: Client) -> None:
    text = f"{NAME}, {MAIL}, {NAME.upper()}, {NAME}"
    paste = make(text=text)
    open_link(client, paste)
    send(client, paste, edit("add", NAME.upper(), text=text))
    send(client, paste, edit("remove", NAME, text=text), all_mentions=True)
    assert public(client, paste) == f"{NAME}, <PRIVATE_EMAIL>, {NAME.upper()}, {NAME}"


def test_a_category_is_changed(client: Client, paste: Made) -> None:
    send(client, paste, edit("relabel", NAME, "secret"))
    assert public(client, paste).startswith("Ask <SECRET> or ")
    (changed,) = (span for span in stored_spans(paste) if span.label == "secret")
    assert (changed.detector, changed.subtype) == ("person", "")


def test_several_edits_are_one_step(client: Client, paste: Made) -> None:
    before = public(client, paste)
    send(client, paste, edit("add", "Bob Stone"), edit("remove", NAME), edit("remove", MAIL))
    assert paste.row.revision == 1
    send(client, paste, {"op": "undo"})
    assert public(client, paste) == before


def test_undo_brings_back_the_very_spans(client: Client, paste: Made) -> None:
    before = stored_spans(paste)
    send(client, paste, edit("remove", NAME))
    send(client, paste, edit("relabel", MAIL, "secret"))
    send(client, paste, {"op": "undo"})
    send(client, paste, {"op": "undo"})
    assert stored_spans(paste) == before
    send(client, paste, {"op": "redo"})
    assert NAME in public(client, paste)
    assert "<PRIVATE_EMAIL>" in public(client, paste)
    send(client, paste, {"op": "redo"})
    assert "<SECRET>" in public(client, paste)


def test_a_new_correction_ends_what_could_be_redone(client: Client, paste: Made) -> None:
    send(client, paste, edit("remove", NAME))
    send(client, paste, {"op": "undo"})
    send(client, paste, edit("remove", MAIL))
    assert send(client, paste, {"op": "redo"}).status_code == 400


@pytest.mark.parametrize("op", ["undo", "redo"])
def test_without_history_there_is_nothing_to_step(client: Client, paste: Made, op: str) -> None:
    response = send(client, paste, {"op": op})
    assert response.status_code == 400
    assert response.json()["error"] == f"There is nothing to {op}."
    assert paste.row.revision == 0


def test_an_edit_of_an_older_revision_is_a_conflict(client: Client, paste: Made) -> None:
    send(client, paste, edit("remove", NAME))
    response = send(client, paste, edit("remove", MAIL), revision=0)
    assert response.status_code == 409
    page = response.content.decode()
    assert "changed in another window" in page
    assert 'data-revision="1"' in page
    assert "<PRIVATE_EMAIL>" in public(client, paste)


def test_a_mark_takes_in_what_it_touches(client: Client, paste: Made) -> None:
    """Marking across the end of a span leaves neither a tail nor two bars."""
    send(client, paste, edit("add", "Lindqvist or Bob"))
    assert public(client, paste).startswith("Ask <PRIVATE_PERSON> Stone, then")


def test_a_mark_inside_of_a_span_replaces_it_whole(client: Client, paste: Made) -> None:
    send(client, paste, edit("add", "Lindqvist", "secret"))
    assert public(client, paste).startswith("Ask <SECRET> or Bob")


def test_white_space_around_a_selection_is_not_hidden(client: Client, paste: Made) -> None:
    send(client, paste, edit("add", " Bob Stone"))
    assert public(client, paste).startswith("Ask <PRIVATE_PERSON> or <PRIVATE_PERSON>, then")


def test_a_mark_over_the_end_of_the_title_hides_both_sides(make: Make, client: Client) -> None:
    whole = "Call Bob\n\nStone today"
    paste = make(title="Call Bob", text="Stone today")
    open_link(client, paste)
    response = send(client, paste, edit("add", "Bob\n\nStone", text=whole))
    assert response.status_code == 200
    row = paste.row
    assert row.redacted_title == "Call <PRIVATE_PERSON>"
    assert row.redacted_text == "Call <PRIVATE_PERSON>\n\n<PRIVATE_PERSON> today"
    assert client.get(paste.api).json()["text_start"] == len("Call <PRIVATE_PERSON>\n\n")
    send(client, paste, {"op": "undo"})
    assert paste.row.redacted_text == whole


def test_a_span_of_the_model_over_the_end_of_the_title_hides_both_sides(
    make: Make, detector: ChosenEngine
) -> None:
    detector.values = {"Bob\n\nStone": "private_person"}
    row = make(title="Call Bob", text="Stone today").row
    assert row.redacted_text == "Call <PRIVATE_PERSON>\n\n<PRIVATE_PERSON> today"
    assert row.redacted_title == "Call <PRIVATE_PERSON>"


@pytest.mark.parametrize(
    "change",
    [
        {"start": 5, "end": 5},
        {"start": 9, "end": 5},
        {"start": -1, "end": 5},
        {"start": 0, "end": 10**9},
        {"start": 3, "end": 4},
        {"label": "private_passport"},
        {"label": ""},
        {"label": None},
        {"start": None},
        {"start": "zero"},
        {"start": [0]},
        {"op": "drop"},
        {"op": ["add"]},
        {"op": {}},
        {"op": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("all_mentions", [True, False])
def test_an_edit_that_makes_no_sense_changes_nothing(
    client: Client, paste: Made, change: dict[str, Any], all_mentions: bool
) -> None:
    response = send(client, paste, edit("add", "Bob") | change, all_mentions=all_mentions)
    assert response.status_code == 400
    assert response.json()["error"]
    assert (paste.row.revision, paste.row.sealed_history) == (0, None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"revision": 0}',
        b'{"revision": 0, "edits": []}',
        b'{"revision": 0, "edits": 5}',
        b'{"revision": 0, "edits": [5]}',
        b'{"revision": "x", "edits": [{"op": "undo"}]}',
        b'{"revision": Infinity, "edits": [{"op": "undo"}]}',
        b'{"revision": 0, "edits": [{"op": "add", "start": 1e999, "end": 5}]}',
        b'{"revision": 0, "edits": [{"op": "add", "start": NaN, "end": 5}]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"revision": 0, "edits": [' + b'{"op": "undo"},' * 3000 + b'{"op": "undo"}]}',
        b'{"revision": 0, "edits": [{"op": "add", "start": 0, "end": 3, "label": "\\ud800"}]}',
    ],
    ids=lambda body: body[:40].decode("latin-1"),
)
def test_bad_json_is_a_sentence(client: Client, paste: Made, body: bytes) -> None:
    response = client.post(f"{paste.original}/spans", body, "application/json")
    assert response.status_code == 400
    assert response.json()["error"]
    assert paste.row.revision == 0


def test_an_error_does_not_quote_the_text(client: Client, paste: Made) -> None:
    response = send(client, paste, edit("remove", "Bob Stone"))
    assert response.status_code == 400
    assert "Bob" not in response.content.decode()


def test_offsets_count_code_points_of_the_original(make: Make, client: Client) -> None:
    text = "👩‍👩‍👧 e\u0301 \0 𝔘 Bob"
    paste = make(text=text)
    open_link(client, paste)
    send(client, paste, edit("add", "Bob", text=text))
    assert public(client, paste) == text.replace("\0", "␀").replace("Bob", "<PRIVATE_PERSON>")


def test_a_value_that_stands_many_times_is_hidden_everywhere(make: Make) -> None:
    """Twenty thousand mentions: a pass over all spans for each of them would never end."""
    text = "10.20.30.40 GET /\n" * 20_000
    paste = make(text=text)
    key = paste.row.envelope.open_with_token(paste.token)
    for revision, op in enumerate(("add", "remove")):
        edits = [Edit(op, 0, 11, "account_number")]  # type: ignore[arg-type]
        correct(paste=paste.row, key=key, revision=revision, edits=edits, all_mentions=True)
        hidden = text.replace("10.20.30.40", "<ACCOUNT_NUMBER>")
        assert paste.row.redacted_text == (hidden if op == "add" else text)


def test_the_history_is_sealed(client: Client, paste: Made) -> None:
    send(client, paste, edit("add", "Bob Stone"))
    stored = bytes(paste.row.sealed_history or b"")
    assert stored
    assert b"private_person" not in stored
    assert b"undo" not in stored


def test_only_so_many_steps_are_kept(
    client: Client, paste: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corrections, "MAX_UNDO", 3)
    for _ in range(2):
        send(client, paste, edit("remove", NAME))
        send(client, paste, edit("add", NAME))
    for _ in range(3):
        assert send(client, paste, {"op": "undo"}).status_code == 200
    assert send(client, paste, {"op": "undo"}).status_code == 400


@st.composite
def marks_and_spans(draw: st.DrawFn) -> tuple[list[Span], set[tuple[int, int]]]:
    """Return disjoint spans, and places that may overlap them and each other."""
    edges = sorted(draw(st.sets(st.integers(0, 40), max_size=12)))
    spans = [
        Span(start, end, draw(st.sampled_from(["secret", "private_person"])), 0.5)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
    ]
    pairs = st.tuples(st.integers(0, 39), st.integers(1, 10))
    places = {
        (start, min(start + length, 40)) for start, length in draw(st.lists(pairs, max_size=6))
    }
    return spans, places


@given(marks_and_spans())
def test_marks_leave_spans_sorted_and_disjoint_and_hide_all_they_should(
    case: tuple[list[Span], set[tuple[int, int]]],
) -> None:
    spans, places = case
    after = _with_marks(spans, places, "private_email")
    redact("x" * 40, after, Style.MASK)  # refuses what is not sorted and disjoint
    hidden = {place for span in after for place in range(span.start, span.end)}
    wanted = {place for span in spans for place in range(span.start, span.end)}
    wanted |= {place for start, end in places for place in range(start, end)}
    assert hidden == wanted
    for span in after:
        if span.label != "private_email":
            assert span in spans


@committed
def test_of_two_corrections_at_once_one_is_a_conflict(make: Make) -> None:
    paste = make(text=TEXT)
    clients = [Client(), Client()]
    for client in clients:
        open_link(client, paste)
    start, answers = threading.Barrier(2), []

    def work(client: Client, value: str) -> None:
        start.wait()
        try:
            answers.append(send(client, paste, edit("remove", value), revision=0))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=work, args=case) for case in zip(clients, (NAME, MAIL), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert paste.row.revision == 1
    assert len(stored_spans(paste)) == 1
