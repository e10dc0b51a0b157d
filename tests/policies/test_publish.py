"""What an item under a policy shows: its rules act once its scan ends, and on each correction."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from anonymizer.corrections import CorrectionError, Edit
from anonymizer.operators.policy import Operator
from anonymizer.rules import AlwaysHide, CustomCategory, Rules, Terms
from audit.models import Line
from inference.models import Scan
from pastebin import services
from pastebin.models import Paste
from policies.models import PolicyVersion
from policies.services import create_policy
from sharing.policies import read_found
from sharing.services import Place, set_expiry
from tests.pastebin.world import CARD, MAIL, NAME, TEXT, TITLE, Made, Make
from tests.workspaces.cast import Team

PROJECT = CustomCategory.named(
    "Project code", 3, Terms(folded=("Blauer Reiter",), patterns=(r"\bPX-\d+",))
)


def version(team: Team, rules: Rules, name: str = "Rules") -> PolicyVersion:
    """Make a policy of these rules."""
    return create_policy(
        workspace=team.workspace, name=name, rules=rules, actor=team.people["olga"]
    )


def place(team: Team, rules: Rules, name: str = "Rules") -> Place:
    """Return where an item under these rules goes."""
    return Place(team.workspace, team.people["eddie"], version(team, rules, name))


def made_under(team: Team, make: Make, rules: Rules, text: str = TEXT, **options: Any) -> Made:
    """Make a paste of eddie's under these rules."""
    owner = team.people["eddie"]
    return make(text, owner=owner, place=place(team, rules), **options)


def correct(made: Made, op: Any, words: str, label: str = "") -> None:
    """Correct the first place at which words stand."""
    paste, key, text = opened(made)
    start = text.index(words)
    services.correct(
        paste=paste,
        key=key,
        revision=paste.revision,
        edits=[Edit(op, start, start + len(words), label)],
        all_mentions=False,
    )


def opened(made: Made) -> tuple[Paste, Any, str]:
    """Return a paste, its key and its original."""
    paste = made.row
    key = paste.envelope.open_for_service()
    return paste, key, services.read_original(paste, key).text


def shown(made: Made) -> str:
    """Return what everybody may read."""
    return Paste.objects.get(pk=made.pid).redacted_text or ""


def test_a_category_that_is_off_is_shown_and_the_others_are_numbered(
    team: Team, make: Make
) -> None:
    paste = made_under(team, make, Rules(operators={"private_email": Operator.KEEP}))
    assert MAIL in shown(paste)
    assert NAME not in shown(paste)
    assert shown(paste).count("[PERSON_1]") == 3
    assert [bar[3] for bar in paste.row.bars] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (Operator.MASK, "█████"),
        (Operator.CATEGORY, "[PERSON]"),
        (Operator.REPLACE, "[PERSON_1]"),
    ],
)
def test_each_operator_writes_its_own(
    team: Team, make: Make, operator: Operator, expected: str
) -> None:
    paste = made_under(team, make, Rules(operators={"private_person": operator}))
    assert shown(paste).startswith(f"Customer {expected} wrote")


def test_hashes_are_the_same_in_all_items_of_a_workspace(team: Team, make: Make) -> None:
    rules = Rules(operators={"private_person": Operator.HASH})
    first = made_under(team, make, rules, f"{NAME} wrote.")
    second = make(
        f"I met {NAME.upper()}.\n{NAME} was there.",
        owner=team.people["eddie"],
        place=Place(
            team.workspace, team.people["eddie"], PolicyVersion.objects.get(policy__name="Rules")
        ),
    )
    written = shown(first).split()[0]
    assert written.startswith("[PERSON_")
    assert shown(second).endswith(f"{written} was there.")


def test_lists_and_categories_of_the_workspace_are_hidden(team: Team, make: Make) -> None:
    rules = Rules(
        always=(AlwaysHide("secret", Terms(exact=("Falke",))),),
        never=Terms(folded=(NAME,)),
        categories=(PROJECT,),
    )
    text = f"{NAME} and Falke work on PX-17 and the blauer  reiter; PX-17 again. falke."
    paste = made_under(team, make, rules, text)
    assert shown(paste) == (
        f"{NAME} and [SECRET_1] work on [PROJECT_CODE_1] and the [PROJECT_CODE_2]; "
        "[PROJECT_CODE_1] again. falke."
    )
    assert paste.row.entry.counts == {"secret": 1, "custom3_project_code": 3}


def test_a_score_below_the_threshold_is_not_hidden(team: Team, make: Make) -> None:
    # The detector of these tests is certain to 0.9.
    rules = Rules(thresholds={"private_person": 0.95, "private_email": 0.9})
    paste = made_under(team, make, rules)
    assert NAME in shown(paste)
    assert MAIL not in shown(paste)


def test_the_scan_runs_at_the_policy_s_operating_point(team: Team, make: Make) -> None:
    paste = made_under(
        team, make, Rules(operating_point="high_recall"), scanned=False, operating_point="balanced"
    )
    assert paste.row.scan.operating_point == "high_recall"


def test_retention_shortens_what_was_wished_and_nothing_prolongs_it(team: Team, make: Make) -> None:
    rules = Rules(retention_days=7)
    paste = made_under(team, make, rules, scanned=False)
    ends = paste.row.expires_at
    assert ends is not None
    assert abs(ends - timezone.now() - timedelta(days=7)) < timedelta(minutes=5)
    set_expiry(paste.row, None)
    latest = paste.row.created_at + timedelta(days=7)
    assert paste.row.expires_at == latest
    sooner = timezone.now() + timedelta(days=1)
    set_expiry(paste.row, sooner)
    assert paste.row.expires_at == sooner


def test_what_was_found_is_kept_sealed_and_of_anonymous_items_not_at_all(
    team: Team, make: Make
) -> None:
    paste = made_under(team, make, Rules(operators={"private_email": Operator.KEEP}))
    scan = Scan.objects.get(envelope__paste=paste.pid)
    found = read_found(scan, paste.row.envelope.open_for_service())
    assert found is not None
    assert [span.label for span in found.spans].count("private_email") == 1
    assert [span.label for span in found.made].count("private_email") == 0
    assert b"private_person" not in bytes(scan.sealed_found or b"")
    anonymous = make()
    assert Scan.objects.get(envelope__paste=anonymous.pid).sealed_found is None


def test_the_page_of_the_original_shows_the_same_placeholders(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules(categories=(PROJECT,)), f"{NAME} leads PX-1.")
    page = team.browsers["eddie"].get(paste.original).content.decode()
    assert "[PROJECT_CODE_1]" in page
    assert "custom3_project_code" in page
    assert "[PERSON_1]" in page
    public = team.browsers["nobody"].get(paste.public).content.decode()
    assert "[PROJECT_CODE_1]" in public
    assert NAME not in public


def test_a_person_marks_under_a_label_of_the_policy_and_under_no_other(
    team: Team, make: Make
) -> None:
    paste = made_under(team, make, Rules(categories=(PROJECT,)), "Codename Amsel starts.")
    correct(paste, "add", "Amsel", PROJECT.label)
    assert shown(paste) == "Codename [PROJECT_CODE_1] starts."
    with pytest.raises(CorrectionError):
        correct(paste, "add", "starts", "custom4_other")


def test_a_person_s_mark_is_hidden_even_if_its_category_is_off(team: Team, make: Make) -> None:
    rules = Rules(operators={"private_person": Operator.KEEP})
    paste = made_under(team, make, rules, f"{NAME} met Amsel.")
    assert shown(paste) == f"{NAME} met Amsel."
    correct(paste, "add", "Amsel", "private_person")
    assert shown(paste) == f"{NAME} met [PERSON_1]."


def test_a_title_is_hidden_by_the_same_rules(team: Team, make: Make) -> None:
    paste = made_under(team, make, Rules(), TEXT, title=TITLE)
    assert paste.row.redacted_title == "Ticket of [PERSON_1]"


def test_items_without_a_policy_are_hidden_by_their_style(team: Team, make: Make) -> None:
    paste = make(owner=team.people["eddie"], place=Place(team.workspace, team.people["eddie"]))
    assert "<PRIVATE_PERSON>" in shown(paste)
    assert CARD not in shown(paste)


def test_a_placeholder_of_an_own_category_reads_as_its_name_in_every_style(
    team: Team, make: Make
) -> None:
    from anonymizer.text import Style, redact
    from inference.engine.spans import Span

    spans = [Span(0, 4, PROJECT.label), Span(5, 9, PROJECT.label)]
    assert redact("PX-1 PX-2", spans, Style.PLACEHOLDER).text == "<PROJECT_CODE> <PROJECT_CODE>"
    text = redact("PX-1 PX-2", spans, Style.NUMBERED).text
    assert text == "<PROJECT_CODE_1> <PROJECT_CODE_2>"


def test_no_term_of_a_policy_stands_in_the_record(team: Team, make: Make) -> None:
    made_under(team, make, Rules(always=(AlwaysHide("secret", Terms(exact=("Falke",))),)))
    details = str(list(Line.objects.values_list("detail", "thing")))
    assert "Falke" not in details
