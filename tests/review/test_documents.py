"""The same decisions on documents and on pictures."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from documents import formats
from documents import services as documents
from documents.formats.model import ReadOptions
from documents.models import CleanState, FileJob
from images.services import read_bars
from review import services
from review.models import Decision, Verdict
from review.sealed import open_said
from sharing.services import Place
from tests.chosen_engine import ChosenEngine
from tests.images.drawn import CARD as DRAWN_CARD
from tests.images.drawn import encoded, letter
from tests.pastebin.world import CARD, MAIL, NAME
from tests.review.conftest import Item
from tests.workspaces.cast import Team

pytestmark = pytest.mark.django_db
TEXT = f"Dear {NAME},\n\nyour card {CARD} was charged.\n\nWrite to {MAIL}.\n"
_read: dict[str, Any] = {}


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds what is private in the letters."""
    values = {NAME: "private_person", MAIL: "private_email", CARD: "account_number"}
    return ChosenEngine(values | {DRAWN_CARD: "account_number", "Dear": "private_person"})


def make(team: Team, scan: Callable[[], int], content: bytes, name: str) -> Item:
    """Make a document of eddie's; its clean file still has to be made."""
    owner: User = team.people["eddie"]
    place = Place(team.workspace, owner)
    created = documents.create_document(content=content, name=name, owner=owner, place=place)
    key = created.document.envelope.open_with_token(created.token)
    if name not in _read:  # OCR takes seconds
        _read[name] = formats.read(content, name, ReadOptions())
    documents.submit_scan(created.document, key, _read[name])
    FileJob.objects.all().delete()
    scan()
    return Item(team, created.document)


@pytest.fixture
def document(team: Team, scan: Callable[[], int]) -> Item:
    """A letter as a text file."""
    return make(team, scan, TEXT.encode(), "letter.txt")


@pytest.fixture
def picture(team: Team, scan: Callable[[], int]) -> Item:
    """A letter as a picture."""
    return make(team, scan, encoded(letter()), "letter.png")


def card_of(item: Item) -> Any:
    """The mark over the card's number."""
    return next(span for span in item.spans if span.label == "account_number")


def undo(item: Item, who: str = "rita") -> None:
    """Let one of the team take their last decision back."""
    services.undo(item=item.now, key=item.key, user=item.team.people[who])


@pytest.mark.parametrize("kind", ["document", "picture"])
def test_each_decision_counts_and_can_be_taken_back(
    kind: str, request: pytest.FixtureRequest
) -> None:
    item: Item = request.getfixturevalue(kind)
    before, card = item.spans, card_of(item)
    item.decide("rita", Verdict.REJECT, card)
    assert card not in item.spans
    assert set(before) - set(item.spans) == {card}
    undo(item)
    assert item.spans == before
    item.decide("rita", Verdict.RECATEGORISE, card, label="secret")
    changed = next(s for s in item.spans if (s.start, s.end) == (card.start, card.end))
    assert changed.label == "secret"
    item.decide("rita", Verdict.ACCEPT, before[0])
    kinds = list(Decision.objects.standing().values_list("kind", flat=True))
    assert kinds == ["recategorise", "accept"]
    undo(item)
    undo(item)
    assert item.spans == before
    assert not Decision.objects.standing().exists()


def test_a_rejected_place_shows_in_the_picture(picture: Item) -> None:
    card = card_of(picture)
    picture.decide("rita", Verdict.REJECT, card)
    start = picture.now.text_start
    on = [bar for bar in read_bars(picture.row, picture.key).bars.bars if bar.is_on]
    assert not any(bar.start + start == card.start for bar in on)
    assert picture.now.clean_state == CleanState.MAKING  # type: ignore[union-attr]


def test_words_are_hidden_in_a_picture_by_its_reading(picture: Item) -> None:
    text = documents.read_original(picture.row, picture.key).text
    start = text.index("charged")
    span = type(picture.spans[0])(start, start + 7, "secret")
    bars = len(read_bars(picture.row, picture.key).bars.bars)
    picture.decide("rita", Verdict.ADD, span, label="secret")
    assert len(read_bars(picture.row, picture.key).bars.bars) == bars + 1
    assert "charged" not in (picture.now.redacted_text or "")
    undo(picture)
    assert "charged" in (picture.now.redacted_text or "")


def test_bars_of_the_canvas_leave_decisions(picture: Item) -> None:
    browser = picture.team.browsers["eddie"]
    path = f"/documents/{picture.pid}/original/bars"
    state = browser.get(path).json()
    fields = ("id", "x", "y", "width", "height", "label", "on")
    bars = [{name: bar[name] for name in fields} for bar in state["bars"]]
    card = next(bar for bar in bars if bar["label"] == "account_number")
    card["on"] = False
    drawn = {"id": "face", "x": 2, "y": 2, "width": 9, "height": 9, "label": "secret", "on": True}
    sent = {"revision": 0, "fill": "black", "bars": [*bars, drawn]}
    answer = browser.post(path, json.dumps(sent), content_type="application/json")
    assert answer.status_code == 200
    made = list(Decision.objects.order_by("pk"))
    assert [(d.kind, d.label, d.former) for d in made] == [
        ("reject", "", "account_number"),
        ("add", "secret", ""),
    ]
    box = open_said(picture.now.envelope, picture.key, made[1].sealed).box
    assert box is not None
    assert (box.x, box.y, box.width, box.height) == (2, 2, 9, 9)
    assert {d.reviewer for d in made} == {picture.team.people["eddie"]}


@pytest.mark.parametrize("kind", ["document", "picture"])
def test_the_page_shows_it_and_answers_decisions(kind: str, request: pytest.FixtureRequest) -> None:
    item: Item = request.getfixturevalue(kind)
    card = card_of(item)
    browser = item.team.browsers["rita"]
    page = browser.get(item.path("item")).content.decode()
    assert f'data-from="{card.start}"' in page
    wish = {
        "verdict": "reject",
        "start": card.start,
        "end": card.end,
        "revision": 0,
        "seen": 0,
        "why": "A test card.",
    }
    answer = browser.post(item.path("decide"), json.dumps(wish), content_type="application/json")
    assert answer.status_code == 200
    parts = answer.content.decode()
    assert "rejected by rita" in parts
    assert "A test card." in parts
    # Only the leaf that changed is sent, not the whole document.
    assert 'class="leaf' in parts
    assert 'id="text"' not in parts
