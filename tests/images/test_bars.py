"""Bars: saved, kept, painted exactly, and the text follows them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.test import Client

from anonymizer.corrections import CorrectionError, Edit
from documents import services, work
from documents.certificates import check
from documents.exports import redacted_text
from documents.models import CleanState, Document
from images import services as image_services
from images.bars import COLOURS, FILLS
from images.models import PictureBars
from sharing.services import ConflictError, delete
from tests.documents.world import MadeDocument, MakeDocument
from tests.images.conftest import MakePicture
from tests.images.drawn import CARD, MAIL, NAME, encoded, letter, pixels, with_code

pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
BLACK = (0, 0, 0)


class Desk:
    """A picture as its owner has it on the canvas."""

    def __init__(self, made: MadeDocument) -> None:
        self.made = made
        self.key = made.row.envelope.open_with_token(made.token)
        self.client = Client()
        self.client.get(f"/documents/{made.pid}?token={made.token}")

    @property
    def state(self) -> dict[str, Any]:
        """The bars as the server has them."""
        held: dict[str, Any] = self.client.get(self.path).json()
        return held

    @property
    def path(self) -> str:
        """Where bars are read and saved."""
        return f"/documents/{self.made.pid}/original/bars"

    def send(self, **fields: Any) -> Any:
        """Save bars; what is not given stays as it is."""
        state = self.state
        keys = ("id", "x", "y", "width", "height", "label", "on")
        body = {"revision": state["revision"], "fill": state["fill"], "bars": state["bars"]}
        body |= fields
        body["bars"] = [{key: bar[key] for key in keys} for bar in body["bars"]]
        return self.client.post(self.path, json.dumps(body), content_type="application/json")

    def clean(self) -> Any:
        """Do the work and return the pixels of the clean picture."""
        work.run_pending()
        assert self.made.row.has_clean_file, self.made.row.clean_places
        return pixels(b"".join(services.read_clean(self.made.row)))


@pytest.fixture
def desk(make_picture: MakePicture) -> Desk:
    """A clean picture, opened with its private link."""
    return Desk(make_picture())


def test_the_bars_of_a_new_picture_say_what_they_hide(desk: Desk) -> None:
    state = desk.state
    assert [(bar["label"], bar["text"]) for bar in state["bars"]] == [
        ("private_person", NAME),
        ("account_number", CARD),
        ("private_email", MAIL),
    ]
    assert (state["width"], state["height"]) == letter().size
    assert all(bar["on"] and bar["reason"] for bar in state["bars"])
    assert not PictureBars.objects.exists()


def test_the_clean_picture_is_the_picture_with_exactly_these_bars(desk: Desk) -> None:
    expected = np.array(letter())
    for bar in desk.state["bars"]:
        area = np.s_[bar["y"] : bar["y"] + bar["height"], bar["x"] : bar["x"] + bar["width"]]
        expected[area] = BLACK
    assert (desk.clean() == expected).all()


def test_edits_come_back_and_the_clean_picture_follows(desk: Desk) -> None:
    first, second, third = desk.state["bars"]
    first |= {"x": first["x"] - 3, "width": first["width"] + 3}
    drawn = {"id": "d-1", "x": 5, "y": 180, "width": 33, "height": 7, "label": "secret", "on": True}
    before = desk.clean()
    assert desk.send(bars=[first, second, third, drawn]).json()["revision"] == 1
    assert not desk.made.row.has_clean_file, "the former picture is still handed out"
    assert [bar["id"] for bar in desk.state["bars"]] == ["b1", "b2", "b3", "d-1"]
    assert desk.state["bars"][0]["x"] == first["x"]
    after = desk.clean()
    changed = (after != before).any(axis=2)
    assert (after[180:187, 5:38] == 0).all()
    changed[180:187, 5:38] = False
    assert not changed[:, first["x"] + first["width"] :].any()
    assert desk.made.row.clean_revision == 1
    clean = b"".join(services.read_clean(desk.made.row))
    assert check(clean, desk.made.row.certificate).is_good


def test_a_bar_switched_off_shows_what_was_under_it_in_picture_and_text(desk: Desk) -> None:
    bars = desk.state["bars"]
    bars[2]["on"] = False
    desk.send(bars=bars)
    assert MAIL in redacted_text(desk.made.row)
    assert NAME not in redacted_text(desk.made.row)
    bar = bars[2]
    area = np.s_[bar["y"] : bar["y"] + bar["height"], bar["x"] : bar["x"] + bar["width"]]
    assert (desk.clean()[area] == np.array(letter())[area]).all()
    bars[2]["on"] = True
    desk.send(bars=bars)
    assert MAIL not in redacted_text(desk.made.row)
    assert (desk.clean()[area] == 0).all()


def test_a_bar_drawn_by_hand_hides_the_words_under_it_in_the_text_too(desk: Desk) -> None:
    assert "charged" in redacted_text(desk.made.row)
    page = services.read_page(desk.made.row, desk.key, 1)
    text = services.read_original(desk.made.row, desk.key).text[desk.made.row.text_start :]
    word = next(word for word in page.words if "charged" in text[word.start : word.end])
    x0, y0, x1, y1 = (round(edge) for edge in word.box)
    drawn = {"id": "d-1", "x": x0 - 3, "y": y0 - 3, "width": x1 - x0 + 6, "height": y1 - y0 + 6}
    desk.send(bars=[*desk.state["bars"], drawn | {"label": "secret", "on": True}])
    assert "charged" not in redacted_text(desk.made.row)
    assert "<SECRET>" in redacted_text(desk.made.row)
    assert desk.made.row.hidden_count == 4
    desk.clean()


def test_bars_that_nobody_moved_hide_the_very_spans_that_were_found(desk: Desk) -> None:
    before = services.read_original(desk.made.row, desk.key).spans
    desk.send(fill="white")
    assert services.read_original(desk.made.row, desk.key).spans == before


def test_a_private_file_name_stays_hidden_when_bars_change(make_picture: MakePicture) -> None:
    desk = Desk(make_picture(name=f"Letter of {NAME}.png"))
    desk.send(bars=[])
    assert desk.made.row.redacted_name == "Letter of <PRIVATE_PERSON>"


def test_a_value_that_can_be_read_elsewhere_blocks_the_picture_and_says_where(
    make_picture: MakePicture,
) -> None:
    desk = Desk(make_picture(encoded(letter((f"To {MAIL}", "", f"or {MAIL}")))))
    first, second = desk.state["bars"]
    # Half of the letters' height hides nothing from a reader, though the text has them hidden.
    second |= {"height": second["height"] // 2, "y": second["y"] + second["height"] // 2 + 4}
    desk.send(bars=[first, second])
    work.run_pending()
    row = desk.made.row
    assert not row.has_clean_file or MAIL in redacted_text(row)
    if row.clean_state == CleanState.BLOCKED:
        assert all("around" in place or "many" in place for place in row.clean_places)


@pytest.mark.parametrize("fill", FILLS)
def test_each_fill_is_solid(desk: Desk, fill: str) -> None:
    desk.send(fill=fill)
    clean = desk.clean()
    for bar in desk.state["bars"]:
        area = clean[bar["y"] : bar["y"] + bar["height"], bar["x"] : bar["x"] + bar["width"]]
        colours = {tuple(int(c) for c in pixel) for row in area for pixel in row}
        if fill == "category":
            assert colours <= {COLOURS[bar["label"]], (255, 255, 255)}
            assert COLOURS[bar["label"]] in colours
        else:
            assert colours == {(0, 0, 0) if fill == "black" else (255, 255, 255)}


def test_a_code_has_a_bar_of_its_own(make_picture: MakePicture) -> None:
    desk = Desk(make_picture(encoded(with_code("https://tickets.example/?7"))))
    (bar,) = desk.state["bars"]
    assert bar["label"] == "private_url"
    assert bar["text"] == "https://tickets.example/?7"
    assert bar["x"] <= 408
    assert bar["width"] > 90
    assert "tickets.example" not in (desk.made.row.redacted_text or "")
    assert desk.made.row.has_clean_file


def test_of_two_windows_the_later_one_is_told(desk: Desk) -> None:
    assert desk.send(fill="white").status_code == 200
    answer = desk.send(revision=0, fill="black")
    assert answer.status_code == 409
    assert "another window" in answer.json()["error"]
    assert desk.state["fill"] == "white"


GOOD = {"id": "d-1", "x": 1, "y": 1, "width": 9, "height": 9, "label": "secret", "on": True}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"revision": "0", "fill": "black", "bars": []}',
        b'{"revision": 0, "fill": "red", "bars": []}',
    ],
)
def test_what_is_no_list_of_bars_changes_nothing(make_picture: MakePicture, body: bytes) -> None:
    desk = Desk(make_picture(until="scanned"))
    answer = desk.client.post(desk.path, body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
    assert desk.state["revision"] == 0


def test_bars_lie_sealed(desk: Desk) -> None:
    desk.send(fill="white")
    (row,) = PictureBars.objects.all()
    assert b"black" not in bytes(row.sealed_bars)
    assert b"label" not in bytes(row.sealed_bars)


def test_spans_of_a_picture_are_changed_with_its_bars_only(desk: Desk) -> None:
    with pytest.raises(CorrectionError, match="bars"):
        services.correct(
            document=desk.made.row,
            key=desk.key,
            revision=0,
            edits=[Edit("remove", 0, 1)],
            all_mentions=False,
        )


def test_a_text_takes_no_bars(make_document: MakeDocument) -> None:
    made = make_document()
    client = Client()
    client.get(f"/documents/{made.pid}?token={made.token}")
    path = f"/documents/{made.pid}/original/bars"
    assert client.get(path).status_code == 404


def test_the_original_comes_upright_in_its_own_size(make_picture: MakePicture) -> None:
    turned = encoded(letter().rotate(90, expand=True))
    desk = Desk(make_picture(turned, until="scanned"))
    answer = desk.client.get(f"/documents/{desk.made.pid}/original/picture.png")
    assert "no-store" in answer["Cache-Control"]
    assert (pixels(answer.content) == pixels(turned)).all()


def test_with_the_document_its_bars_go(desk: Desk) -> None:
    desk.send(fill="white")
    delete(desk.made.row)
    assert not PictureBars.objects.exists()
    assert not Document.objects.exists()


def test_a_change_on_top_of_a_removed_picture_is_not_found(desk: Desk) -> None:
    row = desk.made.row
    delete(desk.made.row)
    with pytest.raises(Exception, match="gone"):
        image_services.save_bars(
            document=row, key=desk.key, revision=0, value={"fill": "black", "bars": []}
        )


def test_conflict_leaves_everything_as_it_was(desk: Desk) -> None:
    with pytest.raises(ConflictError):
        image_services.save_bars(
            document=desk.made.row, key=desk.key, revision=7, value={"fill": "black", "bars": []}
        )
    assert desk.made.row.has_clean_file
