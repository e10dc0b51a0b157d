"""Documents and pictures under a policy: their readings, and the clean files, written for real."""

from __future__ import annotations

import io
from typing import Any

import docx
import numpy as np
import pymupdf
import pytest
from django.conf import settings

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from documents import services, work
from documents.exports import redacted_text
from documents.models import CleanState, Document
from images import services as images
from policies.models import PolicyVersion
from policies.services import create_policy
from sharing.policies import rerun
from sharing.services import Place
from tests.chosen_engine import ChosenEngine
from tests.documents.world import (
    CARD,
    MAIL,
    NAME,
    TEXT,
    MadeDocument,
    MakeDocument,
    make_document,
)
from tests.images import drawn
from tests.images.drawn import encoded, letter, pixels
from tests.workspaces.cast import Team, make_team

pytestmark = pytest.mark.django_db(transaction=True, available_apps=list(settings.INSTALLED_APPS))
__all__ = ("make_document",)  # a fixture
CHARGED = CustomCategory.named("Kind of letter", 6, Terms(folded=("was charged",)))
MIXED = Rules(
    operators={
        "private_email": Operator.KEEP,
        "private_person": Operator.SURROGATE,
        "account_number": Operator.HASH,
    },
    categories=(CHARGED,),
)
LINES = TEXT.strip().splitlines()


@pytest.fixture
def detector() -> ChosenEngine:
    """An engine that finds what is private in the letter and in the drawn one."""
    values = {NAME: "private_person", MAIL: "private_email", CARD: "account_number"}
    drawn_values = {drawn.NAME: "private_person", drawn.MAIL: "private_email"}
    return ChosenEngine(values | drawn_values)


@pytest.fixture
def team(transactional_db: Any) -> Team:
    """A team whose rows other processes see."""
    return make_team()


def version(team: Team, rules: Rules, name: str = "Rules") -> PolicyVersion:
    """Make a policy of these rules."""
    return create_policy(
        workspace=team.workspace, name=name, rules=rules, actor=team.people["olga"]
    )


def made_under(
    team: Team, make: MakeDocument, rules: Rules, content: bytes, name: str, **options: Any
) -> MadeDocument:
    """Make a document of eddie's under these rules, and do all work on it."""
    eddie = team.people["eddie"]
    where = Place(team.workspace, eddie, version(team, rules))
    return make(content, name, owner=eddie, place=where, **options)


def again(team: Team, made: MadeDocument, rules: Rules | None, name: str = "Later") -> None:
    """Do a document again, and the work on its clean file."""
    row = Document.objects.with_scan().get(pk=made.pid)
    wanted = None if rules is None else version(team, rules, name)
    rerun(row, row.envelope.open_for_service(), wanted, team.people["eddie"])


def clean_of(made: MadeDocument) -> bytes:
    """Return the clean file, which has passed its checks."""
    row = made.row
    assert row.clean_state == CleanState.READY, (row.clean_error, row.clean_places)
    return b"".join(services.read_clean(row))


def a_pdf() -> bytes:
    """Return a PDF of one page."""
    document = pymupdf.open()
    page = document.new_page()
    for number, line in enumerate(LINES):
        page.insert_text((72, 96 + 40 * number), line)
    return bytes(document.tobytes())


def a_word_file() -> bytes:
    """Return a Word file."""
    held, written = io.BytesIO(), docx.Document()
    for line in LINES:
        written.add_paragraph(line)
    written.save(held)
    return held.getvalue()


def words_of_pdf(content: bytes) -> str:
    """Return the text of a PDF on one line."""
    with pymupdf.open(stream=content) as document:
        return " ".join("".join(page.get_text() for page in document).split())


def words_of_word_file(content: bytes) -> str:
    """Return the text of a Word file on one line."""
    paragraphs = docx.Document(io.BytesIO(content)).paragraphs
    return " ".join(" ".join(one.text for one in paragraphs).split())


def words_of_text(content: bytes) -> str:
    """Return a text on one line."""
    return " ".join(content.decode().split())


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (TEXT.encode(), "letter.txt", words_of_text),
        (a_pdf(), "letter.pdf", words_of_pdf),
        (a_word_file(), "letter.docx", words_of_word_file),
    ],
)
def test_each_writer_writes_what_the_operators_say(
    team: Team, make_document: MakeDocument, content: bytes, name: str, words: Any
) -> None:
    made = made_under(team, make_document, MIXED, content, name)
    clean = words(clean_of(made))
    reading = " ".join(redacted_text(made.row).split())
    assert NAME not in clean
    assert CARD not in clean
    assert MAIL in clean
    assert "[ACCOUNT_NUMBER_" in reading
    assert "[KIND_OF_LETTER_1]" in reading
    surrogate = reading.removeprefix("Dear ").split(",")[0]
    assert surrogate
    assert "[" not in surrogate
    if name != "letter.pdf":  # there, what does not fit into its place is shortened
        assert clean == reading


def test_a_document_done_again_has_a_new_clean_file_and_keeps_corrections(
    team: Team, make_document: MakeDocument
) -> None:
    from anonymizer.corrections import Edit

    made = made_under(team, make_document, MIXED, TEXT.encode(), "letter.txt")
    key = made.row.envelope.open_for_service()
    original = services.read_original(made.row, key)
    start = original.text.index(CARD)
    services.correct(
        document=made.row,
        key=key,
        revision=0,
        edits=[Edit("remove", start, start + len(CARD))],
        all_mentions=False,
    )
    work.run_pending()
    assert CARD in words_of_text(clean_of(made))
    again(team, made, Rules(always=(AlwaysHide("secret", Terms(exact=("Dear",))),)))
    row = made.row
    assert row.revision == 2
    assert not row.has_clean_file
    work.run_pending()
    clean = words_of_text(clean_of(made))
    assert clean.startswith("[SECRET_1] [PERSON_1],")
    assert CARD in clean
    assert MAIL not in clean
    assert clean == " ".join(redacted_text(made.row).split())


def test_a_document_is_scanned_again_at_another_operating_point(
    team: Team, make_document: MakeDocument, scan: Any
) -> None:
    made = made_under(team, make_document, MIXED, TEXT.encode(), "letter.txt")
    again(team, made, Rules(operating_point="high_recall"))
    scan()
    work.run_pending()
    clean = words_of_text(clean_of(made))
    assert MAIL not in clean
    assert made.row.revision == 1
    assert made.row.clean_revision == 1


def test_a_document_that_cannot_be_scanned_again_stays_as_it_was(
    team: Team, make_document: MakeDocument, scan: Any, detector: Any
) -> None:
    made = made_under(team, make_document, MIXED, TEXT.encode(), "letter.txt")
    before = clean_of(made)
    detector.poison = NAME
    again(team, made, Rules(operating_point="high_recall"))
    for _ in range(4):
        scan()
    assert made.row.state == "ready"
    assert clean_of(made) == before


def test_bars_of_a_picture_follow_the_policy_and_keep_what_a_person_drew(
    team: Team, make_document: MakeDocument
) -> None:
    rules = Rules(operators={"private_email": Operator.KEEP, "account_number": Operator.KEEP})
    made = made_under(team, make_document, rules, encoded(letter()), "letter.png")
    reading = redacted_text(made.row)
    assert drawn.MAIL in reading
    assert "4929" in reading
    key = made.row.envelope.open_for_service()
    opened = images.read_bars(made.row, key)
    bars = [
        {"id": bar.id, "x": bar.x, "y": bar.y, "width": bar.width, "height": bar.height,
         "label": bar.label, "on": bar.is_on}
        for bar in opened.bars.bars
    ]  # fmt: skip
    mine = {"id": "mine", "x": 600, "y": 180, "width": 30, "height": 15, "on": True}
    images.save_bars(
        document=made.row,
        key=key,
        revision=0,
        value={"fill": "black", "bars": [*bars, {**mine, "label": "secret"}]},
    )
    again(team, made, Rules(operators={"private_person": Operator.KEEP}))
    work.run_pending()
    reading = redacted_text(made.row)
    assert "Holloway" in reading
    assert "4929" not in reading
    assert drawn.MAIL not in reading
    picture = pixels(clean_of(made))
    assert not picture[182:193, 602:628].any()
    rows = np.flatnonzero((picture == 0).all(axis=2).mean(axis=1) > 0.2)
    assert rows.size, "the card and the address are covered by black bars"
    assert (picture[24:50, 80:300] > 128).any()
