"""Decisions on marks: each leaves its trace, and can be taken back."""

from __future__ import annotations

import json

import pytest

from anonymizer.corrections import CorrectionError
from audit.models import Action, Line
from review import services
from review.models import Decision, Verdict
from review.sealed import open_said
from review.services import DecidedError
from tests.pastebin.world import CARD, NAME, TEXT
from tests.review.conftest import Item

pytestmark = pytest.mark.django_db


def entry_of(item: Item) -> object:
    """The item's entry as it is stored now."""
    return item.now.entry


def test_accepting_changes_no_mark_and_counts(item: Item) -> None:
    before, waiting = item.spans, item.now.entry.undecided
    item.decide("rita", Verdict.ACCEPT, before[0])
    assert item.spans == before
    assert item.now.revision == 0
    assert item.now.entry.undecided == waiting - 1


def test_the_lowest_score_is_of_what_waits(make_item: object, item: Item) -> None:
    for span in item.spans:
        assert item.now.entry.lowest_score is not None
        item.decide("rita", Verdict.ACCEPT, span)
    assert item.now.entry.lowest_score is None
    assert item.now.entry.undecided == 0
    assert item.now.entry.reviewed_at is not None


def test_rejecting_shows_the_place(item: Item) -> None:
    card = next(span for span in item.spans if span.label == "account_number")
    item.decide("rita", Verdict.REJECT, card, why="A test card.")
    assert CARD in (item.now.redacted_text or "")
    decision = Decision.objects.get()
    assert (decision.kind, decision.former, decision.label) == ("reject", "account_number", "")
    assert decision.reviewer == item.team.people["rita"]
    assert decision.revision == item.now.revision == 1
    said = open_said(item.now.envelope, item.key, decision.sealed)
    assert (said.start, said.end, said.why) == (card.start, card.end, "A test card.")


def test_why_and_where_are_sealed(item: Item) -> None:
    item.decide("rita", Verdict.REJECT, item.spans[0], why="Ulla from accounts says so")
    decision = Decision.objects.get()
    stored = b"".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for value in Decision.objects.values_list().get()
    )
    assert b"Ulla" not in stored
    assert NAME.encode() not in stored
    assert decision.place != b""


def test_recategorising_and_adding(item: Item) -> None:
    person = item.spans[0]
    item.decide("rita", Verdict.RECATEGORISE, person, label="secret")
    assert item.spans[0].label == "secret"
    start = TEXT.index("closed")
    item.decide("rita", Verdict.ADD, _place(item, start, start + 6), label="private_date")
    kinds = [(d.kind, d.former, d.label) for d in Decision.objects.order_by("pk")]
    assert kinds == [
        ("recategorise", "private_person", "secret"),
        ("add", "", "private_date"),
    ]


def test_all_mentions_leave_alone_what_others_decided(item: Item) -> None:
    names = [span for span in item.spans if span.label == "private_person"]
    item.decide("olga", Verdict.ACCEPT, names[1])
    seen = Decision.objects.latest("pk").pk
    item.decide("rita", Verdict.REJECT, names[0], all_mentions=True, seen=seen)
    left = [span for span in item.spans if span.label == "private_person"]
    assert left == [names[1]]
    assert Decision.objects.filter(kind=Verdict.REJECT).values("batch").distinct().count() == 1


def test_undo_brings_the_very_mark_back(item: Item) -> None:
    before, waiting = item.spans, item.now.entry.undecided
    item.decide("rita", Verdict.REJECT, before[1])
    item.decide("rita", Verdict.ACCEPT, before[0])
    for _ in range(2):
        services.undo(item=item.now, key=item.key, user=item.team.people["rita"])
    assert item.spans == before
    assert item.now.entry.undecided == waiting
    assert not Decision.objects.standing().exists()
    assert Decision.objects.filter(undone_by=item.team.people["rita"]).count() == 2
    with pytest.raises(CorrectionError):
        services.undo(item=item.now, key=item.key, user=item.team.people["rita"])


def test_undo_leaves_what_others_did_elsewhere(item: Item) -> None:
    first, second = item.spans[:2]
    item.decide("rita", Verdict.REJECT, first)
    item.decide("olga", Verdict.REJECT, second)
    services.undo(item=item.now, key=item.key, user=item.team.people["rita"])
    assert first in item.spans
    assert second not in item.spans


def test_nobody_undoes_what_somebody_else_relies_on(item: Item) -> None:
    span = item.spans[0]
    item.decide("rita", Verdict.RECATEGORISE, span, label="secret")
    seen = Decision.objects.latest("pk").pk
    item.decide("olga", Verdict.ACCEPT, span, seen=seen)
    with pytest.raises(DecidedError, match=r"olga accepted this a moment ago\."):
        services.undo(item=item.now, key=item.key, user=item.team.people["rita"])


def test_a_rejected_place_can_be_hidden_again(item: Item) -> None:
    span = item.spans[0]
    item.decide("rita", Verdict.REJECT, span)
    seen = Decision.objects.latest("pk").pk
    item.decide("olga", Verdict.ACCEPT, span, seen=seen)
    assert next((s.start, s.end, s.label) for s in item.spans) == (
        span.start,
        span.end,
        span.label,
    )


def test_the_second_on_a_place_is_told_who_decided(item: Item) -> None:
    span = item.spans[0]
    item.decide("rita", Verdict.REJECT, span)
    with pytest.raises(DecidedError, match=r"^rita rejected this a moment ago\."):
        item.decide("olga", Verdict.ACCEPT, span)
    assert Decision.objects.count() == 1


def test_corrections_on_the_reading_page_leave_decisions(item: Item) -> None:
    span = item.spans[0]
    body = {"op": "relabel", "start": span.start, "end": span.end, "label": "secret"}
    path = f"/view/{item.pid}/original/spans"
    browser = item.team.browsers["eddie"]
    for edits in ([body], [{"op": "undo"}], [{"op": "redo"}]):
        sent = json.dumps({"revision": item.now.revision, "edits": edits})
        assert browser.post(path, sent, content_type="application/json").status_code == 200
    rows = Decision.objects.order_by("pk").values_list("kind", "former", "label", "undone_at")
    assert [row[:3] for row in rows] == [("recategorise", "private_person", "secret")] * 2
    assert [row[3] is None for row in rows] == [False, True]
    assert {d.reviewer for d in Decision.objects.all()} == {item.team.people["eddie"]}


def test_a_change_is_recorded_once_and_without_content(item: Item) -> None:
    item.decide("rita", Verdict.REJECT, item.spans[0], why=NAME)
    line = Line.objects.get(action=Action.ITEM_CORRECTED)
    assert line.actor == item.team.people["rita"].pk
    assert NAME not in json.dumps(line.detail)


def _place(item: Item, start: int, end: int) -> object:
    span = item.spans[0]
    return type(span)(start, end, "secret")
