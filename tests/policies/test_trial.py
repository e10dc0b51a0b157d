"""Rules tried on a sample by the detector at work; nothing of the sample is kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, Rules, Terms
from audit.models import Action, Line
from inference.models import Scan
from pastebin.services import create_paste
from policies.trial import Part, Trial, try_rules
from sharing.models import Withheld
from sharing.services import Place, withhold
from tests.api.wire import Beside
from tests.chosen_engine import ChosenEngine
from tests.pastebin.world import CARD, MAIL, NAME, committed
from tests.policies.forms import send
from tests.policies.test_services import made
from tests.workspaces.cast import Team, make_team

pytestmark = pytest.mark.django_db
SAMPLE = f"{NAME} wrote from {MAIL}. Reference Q77, card {CARD}."
CHANGED = Rules(
    operators={"private_email": Operator.KEEP, "account_number": Operator.MASK},
    always=(AlwaysHide("secret", Terms(exact=("Q77",))),),
)


@pytest.fixture
def at_work(detector: ChosenEngine) -> Iterator[Beside]:
    """The chosen engine at work beside the web."""
    with Beside(detector) as beside:
        yield beside


@pytest.fixture
def crew(db: None) -> Team:
    """A team."""
    return make_team()


def tried(before: Rules, after: Rules, text: str = SAMPLE) -> Trial:
    """Try rules on a text."""
    return try_rules(text, before=before, after=after, key=bytes(32), wait_seconds=20)


def in_short(trial: Trial) -> list[tuple[str, str, str, str]]:
    """Return the differences as (kind, value, before, after)."""
    return [(one.kind, one.value, one.before, one.after) for one in trial.differences]


def written(parts: tuple[Part, ...] | None) -> str:
    """Return a side's text."""
    return "".join(part.text for part in parts or ())


@committed
def test_a_trial_tells_what_changes(at_work: Beside) -> None:
    trial = tried(Rules(), CHANGED)
    assert in_short(trial) == [
        ("shown", MAIL, "replace: [EMAIL_1]", ""),
        ("hidden", "Q77", "", "replace: [SECRET_1]"),
        ("otherwise", CARD, "replace: [ACCOUNT_NUMBER_1]", "mask: █████"),
    ]
    assert trial.counts == {"hidden": 1, "shown": 1, "otherwise": 1}
    assert trial.hidden_after == 3
    assert written(trial.before) == (
        "[PERSON_1] wrote from [EMAIL_1]. Reference Q77, card [ACCOUNT_NUMBER_1]."
    )
    assert (
        written(trial.after) == f"[PERSON_1] wrote from {MAIL}. Reference [SECRET_1], card █████."
    )
    marked = [(part.text, part.is_changed) for part in trial.after if part.label]
    assert marked == [("[PERSON_1]", False), ("[SECRET_1]", True), ("█████", True)]
    hashed = Rules(default_operator=Operator.HASH)
    assert tried(hashed, hashed).differences == ()
    whole = AlwaysHide("private_person", Terms(exact=(f"{NAME} wrote",)))
    assert in_short(tried(Rules(), Rules(always=(whole,)))) == [
        ("hidden", "wrote", "", "replace: [PERSON_1]")
    ]
    assert not Scan.objects.exists()


@committed
def test_the_form_shows_a_trial_and_saves_nothing(crew: Team, at_work: Beside) -> None:
    version = made(crew, rules=Rules())
    path = crew.path("policies:policy_edit", policy_id=version.policy_id)
    fields = {"sample": SAMPLE, "operator_private_email": "keep", "note": "typed"}
    page = send(crew.browsers["olga"], path, "try", **fields).content.decode()
    assert "1 place would be different" in page
    assert "no longer hidden" in page
    assert 'value="typed"' in page
    assert version.policy.versions.count() == 1
    assert not Scan.objects.exists()


@committed
def test_a_request_for_the_trial_alone_gets_it_alone(crew: Team, at_work: Beside) -> None:
    fields = {"sample": SAMPLE, "default_operator": "replace", "operating_point": "balanced"}
    blocks = {"always-TOTAL_FORMS": "0", "always-INITIAL_FORMS": "0"}
    blocks |= {"category-TOTAL_FORMS": "0", "category-INITIAL_FORMS": "0"}
    more = {"do": "try", "naming": "fine", "numbering": "type", "operator_private_person": "mask"}
    answer = crew.browsers["olga"].post(
        crew.path("policies:policy_new"),
        fields | blocks | more,
        headers={"HX-Request": "true"},
    )
    page = answer.content.decode()
    assert page.lstrip().startswith('<div id="_trial"')
    assert "Without a policy" in page
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"sample": "  "}, "Write something to try"),
        ({"sample": "x" * 20_001}, "at most 20,000"),
        ({"sample": "x", "never_patterns": "a(b"}, "Mend what is marked"),
        ({"sample": "x", "item": "unknown-item"}, "Write something to try"),
    ],
)
def test_what_cannot_be_tried_is_said(crew: Team, fields: dict[str, str], sentence: str) -> None:
    path = crew.path("policies:policy_new")
    assert sentence in send(crew.browsers["olga"], path, "try", **fields).content.decode()


def test_a_detector_that_does_not_come_is_said_and_nothing_is_kept(
    crew: Team, settings: Settings
) -> None:
    settings.API_WAIT_SECONDS = 0
    page = send(crew.browsers["olga"], crew.path("policies:policy_new"), "try", sample=SAMPLE)
    assert "has too much to do" in page.content.decode()
    assert not Scan.objects.exists()


def item(team: Team, scan: Any, title: str = "Letter", text: str = SAMPLE) -> Any:
    """Make a paste of the team's and scan it."""
    made_item = create_paste(
        text=text,
        title=title,
        owner=team.people["eddie"],
        place=Place(team.workspace, team.people["eddie"]),
    )
    scan()
    return made_item.paste


@committed
def test_rules_are_tried_on_an_item_and_the_record_says_so(
    crew: Team, scan: Any, detector: ChosenEngine
) -> None:
    paste = item(crew, scan)
    path = crew.path("policies:policy_new")
    with Beside(detector):
        answer = send(
            crew.browsers["olga"], path, "try", item=paste.pid, operator_private_email="mask"
        )
    page = answer.content.decode()
    assert "1 place would be different" in page
    assert MAIL in page
    line = Line.objects.get(workspace=crew.wid, action=Action.ITEM_OPENED)
    assert (line.thing, line.detail) == (paste.pid, {"sample": True})


def test_only_items_of_the_workspace_that_are_shown_are_offered(crew: Team, scan: Any) -> None:
    other = make_team("Second", "x")
    shown = item(crew, scan, "Here")
    withheld = item(crew, scan, "Gone")
    theirs = item(other, scan, "Theirs")
    withhold(withheld, Withheld.TAKEN_DOWN)
    browser, path = crew.browsers["olga"], crew.path("policies:policy_new")
    page = browser.get(path).content.decode()
    assert f'value="{shown.pid}"' in page
    for hidden in (withheld, theirs):
        assert f'value="{hidden.pid}"' not in page
        page = send(browser, path, "try", item=hidden.pid).content.decode()
        assert MAIL not in page
    assert not Line.objects.filter(action=Action.ITEM_OPENED).exists()
